"""What the values of a column mean: a kind of identifier, a code list, a person; recognised over all values, with the share that passes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from govdata.checks.context import CheckContext
from govdata.classes import dataclass
from govdata.codes import CodeList, fold
from govdata.drafting.kinds import Remark
from govdata.drafting.names import ends, folded, holds, words
from govdata.drafting.profiles import Profile
from govdata.reading.entries.keys import entry_scope, walk

TELLING = ("citizen-number", "uscc", "mobile", "bank-card", "plate", "email", "isbn", "business-licence", "organization-code", "landline")
"""Semantic types whose form tells what a value is, whatever its column is called; the surest first."""
BY_FORM = 0.9
"""The share of values from which a column without a telling name is one of a type."""
BY_NAME = 0.5
"""The same where the name says so too."""
LEAST = 5
"""Values from which a form alone tells anything."""
LARGE_LIST = 1000
"""Codes from which a list of numbers is told by its codes alone."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A semantic type or a code list, and the share of values that pass."""

    key: str
    """`semantic` or `codes`."""
    id: str
    passing: int
    total: int
    as_number: bool = False
    """Its values may be numbers."""
    personal: bool = False

    @property
    def share(self) -> float:
        """The part that passes."""
        return self.passing / self.total if self.total else 0.0


def meaning_of(profile: Profile, context: CheckContext) -> Meaning | None:
    """The meaning that a column most probably has."""
    if not profile.values:
        return None
    found = [*_lists(profile, context), *_semantics(profile, context)]
    return max(found, key=lambda meaning: meaning.share, default=None)


def _semantics(profile: Profile, context: CheckContext) -> Iterator[Meaning]:
    types = context.semantic_types
    named = [name for name in _named_types(profile.label, context) if profile.share(name) >= BY_NAME]
    told = [name for name in TELLING if name in types and profile.values >= LEAST and profile.share(name) >= BY_FORM]
    for name in dict.fromkeys([*named, *told]):
        kind = types[name]
        yield Meaning("semantic", name, profile.passing[name], profile.values, kind.table_schema != "string", kind.personal)


def _named_types(label: str, context: CheckContext) -> Iterator[str]:
    """The semantic types that a column's name speaks of: their own labels, then the words of the dictionary."""
    plain = folded(label)
    for name, kind in context.semantic_names.items():
        if folded(name) == plain or (not name.isascii() and plain.endswith(folded(name))):
            yield kind
    for kind, listed in words()["meanings"].items():
        if kind in context.semantic_types and ends(label, listed):
            yield kind


@functools.cache
def _of_entries() -> frozenset[str]:
    """The code lists that entries use: data seldom does."""
    return frozenset(term.codes for _, term in walk(entry_scope()) if term.codes)


def lists_of(context: CheckContext) -> Mapping[str, CodeList]:
    """The code lists that data may use."""
    return {name: found for name, found in context.standard.codes.items() if name not in _of_entries()}


def _lists(profile: Profile, context: CheckContext) -> Iterator[Meaning]:
    texts = profile.texts
    if not texts:
        return
    sizes = sorted(lists_of(context).items(), key=lambda item: len(item[1].codes))
    for name, code_list in sizes:
        named = is_named(profile.label, code_list)
        if not named and not _may_tell(texts, code_list):
            continue
        codes = code_list.in_force(context.settings.today.isoformat())
        passing = sum(count for text, count in texts.items() if text in codes)
        if passing >= (BY_NAME if named else BY_FORM) * profile.values:
            yield Meaning("codes", name, passing, profile.values, False, bool(code_list.declared.get("personal") in (True, "true")))


def is_named(label: str, code_list: CodeList) -> bool:
    """Whether a column's name speaks of a code list."""
    title = folded(str(code_list.title.get("zh", ""))).removesuffix("代码").removesuffix("表")
    plain = folded(label).removesuffix("代码")
    if len(title) >= 2 and (title in plain or (len(plain) >= 2 and title.endswith(plain))):
        return True
    return holds(label, words()["lists"].get(code_list.id, ()))


def _may_tell(texts: Mapping[str, int], code_list: CodeList) -> bool:
    """Whether texts can be told to be codes of a list without a name: several of a large list, or words."""
    if len(texts) < LEAST or len(texts) > len(code_list.codes):
        return False
    return len(code_list.codes) >= LARGE_LIST or not any(text.isdigit() or len(text) < 2 for text in texts)


def labels_meant(profile: Profile, context: CheckContext) -> Remark | None:
    """That a column holds the names of a list instead of its codes."""
    texts = profile.texts
    if not texts or len(texts) > 500:
        return None
    for code_list in lists_of(context).values():
        if is_named(profile.label, code_list) and len(code_list.codes) < LARGE_LIST:
            meant = sum(count for text, count in texts.items() if fold(text) in code_list.names)
            if meant >= BY_FORM * profile.values:
                return "codes-labels", {**shares(meant, profile.values), "list": code_list.title}
    return None


def is_personal(profile: Profile, meaning: Meaning | None) -> bool:
    """Whether a column tells of a person: by what it holds, or by its name."""
    return bool(profile.personal) or (meaning is not None and meaning.personal) or holds(profile.label, words()["personal"])


def shares(passing: int, total: int) -> dict[str, Any]:
    """`98.7%` of `12,345`, never rounded up to the whole."""
    percent = 1000 * passing // total / 10 if total else 0.0
    return {"share": f"{percent:g}%", "passing": f"{passing:,}", "total": f"{total:,}"}
