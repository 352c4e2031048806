"""The fields of a table as they are proposed, each with what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata.checks.context import CheckContext
from govdata.checks.personal import scrub
from govdata.classes import dataclass
from govdata.drafting.kinds import NUMBER, SURE, TEXT, WHOLE, Kind, Remark, kind_of, text_kind
from govdata.drafting.meanings import Meaning, is_personal, labels_meant, meaning_of, shares
from govdata.drafting.names import ends_with, english_names, unit_of
from govdata.drafting.profiles import Profile
from govdata.drafting.tables import Table

MOST_VALUES = 20
"""Different values up to which a column is an enumeration."""
REPEATED = 5
"""Times that a value of an enumeration stands on average, at least."""
LONGEST_VALUE = 30
"""Characters of a value of an enumeration."""
LONGEST_NAME = 300
"""Characters of a field's name, as the entry's schema has it."""

_WHY_DIGITS = ("kind-zeros", "kind-many-digits", "kind-named")
"""Why digits are text: what they mean says more."""


@dataclass(slots=True)
class Field:
    """A field while it is proposed."""

    declared: dict[str, Any]
    """In canonical form."""
    remarks: list[Remark]
    profile: Profile
    meaning: Meaning | None = None
    faulty: bool = False
    """The header must be mended first: its label is empty, or another's."""

    @property
    def name(self) -> str:
        """Its name in the entry."""
        return str(self.declared["name"])


def propose_fields(table: Table, context: CheckContext, language: str) -> list[Field]:
    """The fields of a table, in its order."""
    profiles = [profile for profile in table.profiles if profile.label.strip() or profile.values]
    english = english_names([profile.label for profile in profiles])
    names = _names(profiles, language)
    fields = []
    for profile, name, told, proposed in zip(profiles, *zip(*names, strict=True), english, strict=True) if profiles else ():
        found = _field(profile, context, (name, proposed))
        found.remarks[:0] = told
        found.faulty = bool(told)
        fields.append(found)
    _propose_keys(fields, table)
    return fields


def _names(profiles: Sequence[Profile], language: str) -> list[tuple[str, list[Remark]]]:
    """A name for each column, no two alike, and what is wrong with its label."""
    seen: set[str] = set()
    found = []
    for profile in profiles:
        name, told = profile.label[:LONGEST_NAME], list[Remark]()
        if not name.strip():
            name, told = f"{'列' if language.startswith('zh') else 'column '}{profile.column}", [("label-blank", {})]
        elif name in seen:
            told = [("label-twice", {})]
        elif len(profile.label) > LONGEST_NAME:
            told = [("label-long", {"count": len(profile.label)})]
        number, base = 1, name
        while name in seen:
            number += 1
            name = f"{base}_{number}"
        seen.add(name)
        found.append((name, told))
    return found


def _field(profile: Profile, context: CheckContext, names: tuple[str, tuple[str, str]]) -> Field:
    name, (english, source) = names
    kind, meaning = kind_of(profile), None
    if kind.type in (TEXT, WHOLE, NUMBER):
        meaning = meaning_of(profile, context)
        kind = _with_meaning(kind, profile, meaning)
    declared: dict[str, Any] = {"name": name, "englishName": english, "type": kind.type}
    declared |= {key: value for key, value in (("format", kind.format), ("length", kind.length), ("precision", kind.precision)) if value}
    remarks: list[Remark] = [(f"name-{source}", {}), *kind.remarks]
    if meaning is not None:
        declared[meaning.key] = meaning.id
        remarks.append(_told(meaning, context))
    personal = is_personal(profile, meaning)
    values = _enumeration(profile, kind, meaning, personal)
    if values:
        declared["values"] = values
        remarks.append(("values", {"count": len(values)}))
    labels = labels_meant(profile, context) if meaning is None and kind.type == TEXT else None
    remarks += [labels] if labels else []
    unit = unit_of(profile.label)
    if unit and kind.type in (WHOLE, NUMBER):
        declared["unit"] = unit
        remarks.append(("unit", {}))
    if kind.missing:
        declared["missingValues"] = ["", *kind.missing]
    if profile.values and not profile.missing and not kind.missing:
        declared["required"] = True
    elif profile.missing and profile.values:
        remarks.append(("missing", {"missing": f"{profile.missing:,}"}))
    if personal:
        declared["personal"] = True
        remarks.append(_why_personal(profile, meaning))
    elif profile.kinds:
        remarks.append(("personal-strewn", {"kinds": tuple(profile.kinds), "count": f"{sum(profile.kinds.values()):,}"}))
    return Field(declared, remarks, profile, meaning)


def _with_meaning(kind: Kind, profile: Profile, meaning: Meaning | None) -> Kind:
    """Identifiers and codes are text, even of digits alone; coordinates are numbers without a length."""
    if meaning is None:
        return kind
    if meaning.as_number:
        return Kind(kind.type, missing=kind.missing, remarks=kind.remarks) if kind.type != TEXT else kind
    if kind.type == TEXT:
        kept = tuple(remark for remark in kind.remarks if remark[0] not in _WHY_DIGITS)
        return Kind(TEXT, length=kind.length, remarks=kept)
    stored = set(profile.families) - {"text"}
    return text_kind(profile, *([("kind-stored-as-number", {})] if stored else []))


def _told(meaning: Meaning, context: CheckContext) -> Remark:
    """The share of values that pass."""
    if meaning.key == "codes":
        name: object = context.standard.codes[meaning.id].title
    else:
        labels = context.semantic_types[meaning.id].labels
        name = {language: (labels.get(language) or (meaning.id,))[0] for language in ("zh", "en")}
    whole = "all" if meaning.passing == meaning.total else "some"
    return f"{meaning.key}-{whole}", {**shares(meaning.passing, meaning.total), "name": name}


def _why_personal(profile: Profile, meaning: Meaning | None) -> Remark:
    if profile.personal:
        return "personal-found", {"kind": profile.personal}
    return ("personal-meaning", {}) if meaning is not None and meaning.personal else ("personal-name", {})


def _enumeration(profile: Profile, kind: Kind, meaning: Meaning | None, personal: bool) -> list[str]:
    """The few values of a column of text, the most frequent first; nothing that may tell of a person."""
    texts = profile.texts
    if texts is None or kind.type != TEXT or meaning is not None or personal or profile.kinds or not 1 < len(texts) <= MOST_VALUES:
        return []
    if profile.values < REPEATED * len(texts) or profile.longest > LONGEST_VALUE or any(scrub(text) != text for text in texts):
        return []
    return sorted(texts, key=lambda text: (-texts[text], text))


def _propose_keys(fields: Sequence[Field], table: Table) -> None:
    """A primary key: the database's own, else the first column by which rows are told apart and that is called so."""
    declared = [field for field in fields if field.profile.label in table.key]
    if declared:
        for field in declared:
            field.declared["primaryKey"] = True
            field.remarks.append(("key-declared", {}))
        return
    candidates = [field for field in fields if _may_be_key(field)]
    ranks = (_is_called_key, _is_identifier, lambda field: field.profile.column == 1 and not field.declared.get("personal"))
    chosen = next((field for is_key in ranks for field in candidates if is_key(field)), None)
    for field in candidates:
        if field is chosen:
            field.declared["primaryKey"] = True
            field.remarks.append(("key", {}))
        elif _is_called_key(field) or _is_identifier(field):
            field.declared["unique"] = True
            field.remarks.append(("unique", {}))
        elif field.declared["type"] != "D" and field.profile.values >= SURE and field.profile.longest <= LONGEST_VALUE:
            field.remarks.append(("unique-only", {}))
    for field in fields:
        if field.profile.unique is None:
            field.remarks.append(("unique-unknown", {}))


def _may_be_key(field: Field) -> bool:
    profile = field.profile
    of_type = field.declared["type"] in (TEXT, WHOLE, "D")
    if (
        not profile.unique
        or profile.missing
        or profile.absent
        or profile.values < 2
        or not of_type
        or field.faulty
        or profile.families.get("double")
    ):
        return False
    return field.meaning is None or field.meaning.share == 1


def _is_called_key(field: Field) -> bool:
    return ends_with(field.profile.label, "keys") and not field.declared.get("personal")


def _is_identifier(field: Field) -> bool:
    return (
        field.meaning is not None
        and field.meaning.key == "semantic"
        and field.meaning.id in ("citizen-number", "uscc", "organization-code")
    )


def remarks_of(field: Field) -> Iterator[tuple[str, Mapping[str, object]]]:
    """What is to be said of a field, in order, each once."""
    seen = set()
    for key, args in field.remarks:
        if key not in seen:
            seen.add(key)
            yield key, args
