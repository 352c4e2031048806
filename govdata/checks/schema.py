"""A Table Schema made ready: which keys it has, what its fields mean, and whether the reference can load it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata.checks.context import CheckContext
from govdata.classes import dataclass
from govdata.codes import Code, CodeList, day_told, fold
from govdata.engines.plan import CellCheck, KeyPlan, SchemaError
from govdata.predicates.conditions import Condition, OneOf
from govdata.predicates.decisions import Decision, decide
from govdata.predicates.loading import is_sound
from govdata.values import Finding, Resource

_MATCHES = ("exact", "equal", "subset", "superset", "partial")
"""What `fieldsMatch` may be."""
_REFUSALS = {
    "unfit": r'constraint "([^"]*)" is not supported by type "[^"]*"',
    "kind": r'field type "(.*)" is not supported',
    "bound": r"(minimum|maximum|exclusiveMinimum|exclusiveMaximum): (.*)",
    "regex": r"(pattern): (.*)",
    "item": r".* at property '(?:constraints/)?([^'/]*)'",
}
"""Why a field is refused → what is said of it, with the keyword first."""
_NAMED_KEYS = frozenset(("minimum", "maximum", "maxLength", "pattern", "enum", "required", "unique", "format", "missingValues"))
"""Keywords with a name in entries: a term `key-…`."""
_CODES = "table/code-list"
"""The rule of what a code list says of a cell."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A declared foreign key: to a resource of this dataset (itself: empty), of another dataset, or to a code list."""

    fields: tuple[str, ...]
    resource: str
    dataset: str
    codes: str
    target: tuple[str, ...]


def fields_of(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The fields that have a name, each with the schema's missing values where it has none of its own."""
    missing = schema.get("missingValues")
    fields = [field for field in _listed(schema.get("fields")) if isinstance(field, Mapping) and field.get("name")]
    return [field if missing is None or "missingValues" in field else {**field, "missingValues": missing} for field in fields]


def check_schema(resource: Resource) -> Iterator[Finding]:
    """What makes the schema unusable: a field that the reference refuses, a name twice, a key of no field."""
    schema = resource.schema or {}
    where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "pointer": resource.pointer}
    if not isinstance(schema.get("fields"), list):
        yield Finding("table/schema-error", **where, args={"reason": "fields", "notes": ["fields"]})
        return
    names = [str(field["name"]) for field in fields_of(schema)]
    if len(names) != len(schema["fields"]):
        yield Finding("table/schema-error", **where, args={"reason": "name", "notes": []})
    for name in sorted(name for name, count in Counter(names).items() if count > 1):
        yield Finding("table/schema-error", **where, field=name, args={"reason": "twice", "notes": [name]})
    for field in fields_of(schema):
        try:
            refuse_unloadable(field)
        except SchemaError as error:
            yield Finding("table/schema-error", **where, field=error.field, args=_told(error, str(field.get("type", "string"))))
    for name in _misshapen(schema):
        yield Finding("table/schema-error", **where, args={"reason": "shape", "notes": [name]})
    known = set(names)
    for fields in [*(key.fields for key in keys_of(schema)), *(key.fields for key in foreign_keys_of(schema))]:
        lost = [name for name in fields if name not in known]
        if lost:
            yield Finding("table/schema-error", **where, field=lost[0], args={"reason": "key", "notes": lost})


def _told(error: SchemaError, kind: str) -> dict[str, object]:
    """Why a field cannot be loaded, in words of ours where they are known; `notes` is what frictionless said."""
    note = error.notes[0] if error.notes else ""
    for reason, form in _REFUSALS.items():
        found = re.fullmatch(form, note, re.DOTALL)
        if found is not None:
            key = found[1]
            named = f"key-{key}" if key in _NAMED_KEYS else key
            rest = found[2] if reason in ("bound", "regex") else note
            return {"reason": reason, "key": named, "kind": kind, "bound": rest, "notes": [rest]}
    return {"reason": "field", "notes": error.notes}


def refuse_unloadable(field: Mapping[str, Any]) -> None:
    """`SchemaError` where the reference refuses the field; it is asked only where that is not certain beforehand."""
    if not is_sound(field):
        from govdata.engines.fields import read_field

        read_field(field)


def _misshapen(schema: Mapping[str, Any]) -> Iterator[str]:
    """The keywords over whole tables that are not written as Table Schema wants them, and of which nothing could be checked."""
    primary = schema.get("primaryKey")
    if primary is not None and not _is_key(primary):
        yield "primaryKey"
    unique = schema.get("uniqueKeys")
    if unique is not None and not (isinstance(unique, list) and all(_is_key(key) for key in unique)):
        yield "uniqueKeys"
    foreign = schema.get("foreignKeys")
    if foreign is not None and not (isinstance(foreign, list) and all(_is_foreign_key(key) for key in foreign)):
        yield "foreignKeys"
    match = schema.get("fieldsMatch", "exact")
    if (match[0] if isinstance(match, list) and match else match) not in _MATCHES:
        yield "fieldsMatch"


def _is_key(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list | tuple) and all(isinstance(name, str) for name in value))


def _is_foreign_key(key: object) -> bool:
    if not isinstance(key, Mapping) or not isinstance(key.get("reference"), Mapping) or not key.get("fields") or not _is_key(key["fields"]):
        return False
    target = key["reference"].get("fields")
    return target is None or (_is_key(target) and len(_names(target) or _names(key["fields"])) == len(_names(key["fields"])))


def _listed(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def keys_of(schema: Mapping[str, Any]) -> list[KeyPlan]:
    """Primary key, `uniqueKeys` and fields with `unique`, each once."""
    found = []
    primary = _names(schema.get("primaryKey"))
    if primary:
        found.append(KeyPlan("table/primary-key", primary, required=True))
    unique = [_names(key) for key in _listed(schema.get("uniqueKeys"))]
    unique += [(str(field["name"]),) for field in fields_of(schema) if _is_unique(field)]
    found += [KeyPlan("table/unique-error", key) for key in dict.fromkeys(unique) if key and key != primary]
    return found


def _is_unique(field: Mapping[str, Any]) -> bool:
    constraints = field.get("constraints")
    return isinstance(constraints, Mapping) and constraints.get("unique") is True


def foreign_keys_of(schema: Mapping[str, Any]) -> list[ForeignKey]:
    """Declared foreign keys; `reference.dataset` and `reference.codes` are our additions to Table Schema."""
    found = []
    for key in _listed(schema.get("foreignKeys")):
        if not _is_foreign_key(key):
            continue
        reference = key["reference"]
        fields = _names(key.get("fields"))
        target = _names(reference.get("fields")) or fields
        resource, dataset, codes = (str(reference.get(name) or "") for name in ("resource", "dataset", "codes"))
        found.append(ForeignKey(fields, resource, dataset, codes, target))
    return found


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(str(name) for name in value) if isinstance(value, list | tuple) else ()


def meanings_of(field: Mapping[str, Any], context: CheckContext) -> list[tuple[CellCheck, Condition | None]]:
    """The semantic type and the code list of a field: how a cell is checked, and where that surely finds nothing.

    Unknown names are for `check_meaning`.
    """
    meanings: list[tuple[CellCheck, Condition | None]] = []
    kind = context.semantic_names.get(str(field.get("semantic", "")))
    if kind:
        meanings.append((_semantic_check(context, kind), context.semantic_types[kind].condition))
    code_list = list_of(field, context)
    if code_list is not None:
        today = context.settings.today.isoformat()
        meanings.append((code_list_check(code_list, today), OneOf(code_list.in_force(today))))
    return meanings


def rules_of_meanings(field: Mapping[str, Any], context: CheckContext) -> set[str]:
    """The rules that cells of a field may break by what they mean."""
    kind = context.semantic_names.get(str(field.get("semantic", "")))
    named = {context.semantic_types[kind].rule} if kind else set()
    return named if list_of(field, context) is None else named | {_CODES}


def decision_of(field: Mapping[str, Any], meanings: Sequence[tuple[CellCheck, Condition | None]]) -> Decision:
    """What is proven of a field's texts, its meaning included."""
    return decide(field, [condition for _, condition in meanings])


def asked_fields(resource: Resource, context: CheckContext) -> tuple[str, ...]:
    """The fields of which the reference must be asked cell by cell."""
    if context.settings.engine == "reference":
        return tuple(str(field["name"]) for field in fields_of(resource.schema or {}))
    fields = fields_of(resource.schema or {})
    return tuple(str(field["name"]) for field in fields if decision_of(field, meanings_of(field, context)).accept is None)


def check_meaning(resource: Resource, context: CheckContext) -> Iterator[Finding]:
    """Semantic types and code lists that a field names and that do not exist."""
    for field in fields_of(resource.schema or {}):
        where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "pointer": resource.pointer, "field": str(field["name"])}
        semantic = str(field.get("semantic", ""))
        if semantic and semantic not in context.semantic_names:
            args = {"name": semantic, "known": sorted(context.semantic_types)}
            yield Finding("table/unknown-semantic", **where, args=args)
        codes = str(field.get("codes", ""))
        if codes and list_of(field, context) is None:
            yield Finding("table/unknown-list", **where, args={"name": codes, "known": sorted(context.standard.codes)})


def list_of(field: Mapping[str, Any], context: CheckContext) -> CodeList | None:
    """The code list that a field names: by id (also as `codes/<id>`) or by its title."""
    return find_list(str(field.get("codes", "") or ""), context)


def find_list(name: str, context: CheckContext) -> CodeList | None:
    """A code list in force by id, `codes/<id>` or title in either language."""
    plain = name.removeprefix("codes/")
    found = context.standard.codes.get(plain)
    if found is not None or not plain:
        return found
    return next((item for item in context.standard.codes.values() if plain in item.title.values()), None)


def _semantic_check(context: CheckContext, kind: str) -> CellCheck:
    semantic = context.semantic_types[kind]
    check, rule = semantic.check, semantic.rule

    def run(text: str) -> tuple[str, Mapping[str, object]] | None:
        failure = check(text)
        if failure is None:
            return None
        return rule, {"reason": failure.reason, **failure.args, **({"severity": failure.severity} if failure.severity else {})}

    return run


def code_list_check(code_list: CodeList, today: str) -> CellCheck:
    """A cell holds a code of the list, in the list's own form, that is in force on a day."""
    codes = code_list.codes

    def run(text: str) -> tuple[str, Mapping[str, object]] | None:
        code = codes.get(text)
        if code is not None and code.in_force(today):
            return None
        args = {"list": code_list.title, "list_id": code_list.id, **_why(code_list, code, text, today)}
        if args["reason"] == "unknown" and code_list.declared.get("complete") is False:
            args["severity"] = "warning"
        return _CODES, args

    return run


def _why(code_list: CodeList, code: Code | None, text: str, today: str) -> dict[str, object]:
    if code is not None:
        label = {language: code.label(language) for language in ("zh", "en")}
        if not code.valid_until or code.valid_until > today:
            return {"reason": "early", "from": day_told(code.valid_from), "label": label}
        known = {"until": day_told(code.valid_until), "label": label}
        followers = list(code_list.followers(code, today))
        return {"reason": "replaced", **known, "replaced_by": followers} if followers else {"reason": "abolished", **known}
    plain = fold(text)
    meant = code_list.meant(text, today)
    if len(meant) > 1:
        return {"reason": "shared-label", "count": len(meant)}
    if meant and fold(meant[0]) != plain:
        return {"reason": "label", "code": meant[0]}
    same = code_list.index.get(plain, "")
    if same and _letters(same) == _letters(text):
        return {"reason": "written", "code": same}
    close = code_list.close(text) if len(code_list.codes) < 500 else ()
    return {"reason": "unknown", "close": close}


def _letters(text: str) -> str:
    """A code apart from width, case and blanks. A point in it stays: `1.0` is no way to write `10`."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
