"""What stands in a form: taken from an entry as it is written, and put back into it where the officer changed something.

A form's value is a mapping of canonical keys: texts, lists of texts, mappings, and lists of rows that say at `@from` which row
they were. Both ways go through what is written, not through the canonical entry, so that what cannot be read is shown and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from govdata.codes import CodeList
from govdata.conversion.texts import Line, worded
from govdata.expressions import expression
from govdata.reading.entries.keys import BOOLEAN, INTEGER, NAMES, NUMBER, OBJECT, Scope, Term, entry_scope, language_of
from govdata.reading.entries.scalars import to_boolean, to_integer, to_number
from govdata.reading.entries.translation import FLAT, items_of
from govdata.ui.rewriting import Row

ORIGIN = "@from"
Codes = Mapping[str, CodeList]
_HALF = expression("[\ud800-\udfff]")
"""Half a pair of signs, which no file can hold."""
_CONVERT = {BOOLEAN: to_boolean, INTEGER: to_integer, NUMBER: to_number}


def values_of(written: Mapping[str, Any], codes: Codes) -> dict[str, Any]:
    """What a form shows of an entry as written."""
    found = _values(written, entry_scope(), codes)
    publisher = found.get("publisher")
    provider = publisher if isinstance(publisher, dict) else {"name": publisher} if publisher else {}
    for flat, inner in FLAT.items():
        value = found.pop(flat, None)
        if value:
            provider.setdefault(inner, value)
    return {**found, "publisher": provider} if provider else found


def _values(written: Mapping[str, Any], scope: Scope, codes: Codes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in written.items():
        term = scope.terms.get(scope.keys.get(key, ""))
        if term is None or value is None or term.key in found:
            continue
        shown = _shown(term, value, codes)
        if shown is not None:
            found[term.key] = shown
    return found


def _shown(term: Term, value: Any, codes: Codes) -> Any:
    if term.many:
        items = value if isinstance(value, list) else items_of(term, value)
        if term.kind == OBJECT:
            return [_row(term, item, number, codes) for number, item in enumerate(items)]
        return [text for item in items if (text := _text(term, item, codes)) is not None]
    if term.kind == OBJECT and term.scope is not None:
        if isinstance(value, Mapping):
            return _values(value, term.scope, codes)
        # The provider's name alone stands for it; of anything else a text says nothing that a form could show.
        return value if term.key == "publisher" and isinstance(value, str) else None
    return _text(term, value, codes)


def _row(term: Term, item: Any, number: int, codes: Codes) -> dict[str, Any]:
    if isinstance(item, Mapping) and term.scope is not None:
        return {ORIGIN: number, **_values(item, term.scope, codes)}
    # A format is often written as its name alone.
    return {ORIGIN: number, "type": item} if term.key == "formats" and isinstance(item, str) else {ORIGIN: number}


def _text(term: Term, value: Any, codes: Codes) -> str | None:
    """A value as text of the form; `None` for what a form cannot show."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str) or term.kind == NAMES:
        return None
    if term.kind == BOOLEAN:
        truth = to_boolean(value)
        return str(truth).lower() if isinstance(truth, bool) else value
    if term.codes and term.codes in codes:
        plain = value.strip().replace("：", ":")
        return codes[term.codes].resolve(plain) or plain
    return value


def fits(form: Any, scope: Scope | None = None) -> bool:
    """Whether what was sent has the shape of a form's value: no more can be said before it is written."""
    terms = (scope or entry_scope()).terms
    if not isinstance(form, Mapping):
        return False
    return all((key == ORIGIN and scope is not None) or (key in terms and _fits(terms[key], value)) for key, value in form.items())


def _fits(term: Term, value: Any) -> bool:
    if value is None:
        return True
    if term.many:
        return isinstance(value, list) and all(_fits_one(term, item) for item in value)
    return _fits_one(term, value)


def _fits_one(term: Term, value: Any) -> bool:
    return fits(value, term.scope) if term.kind == OBJECT else isinstance(value, str) and not _HALF.search(value)


def filled(written: Mapping[str, Any], form: Mapping[str, Any], codes: Codes) -> dict[str, Any]:
    """The entry as it is to be written: what the form left as it was stays in its own words, unknown keys included.

    Lists of objects are lists of `Row`. New words are in the language of the entry's keys.
    """
    chinese = sum(language_of(key) == "zh-CN" for key in written) * 2 >= len(written)
    way = _Way("zh-CN" if chinese else "en", codes)
    before = values_of(written, codes)
    form = dict(form)
    result = dict(written)
    if "publisher" in form and form["publisher"] != before.get("publisher"):
        _put_publisher(result, before.get("publisher") or {}, form.pop("publisher") or {}, way)
    form.pop("publisher", None)
    return way.merged(result, entry_scope(), before, form)


def _put_publisher(result: dict[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], way: _Way) -> None:
    """The provider, in the manner in which it is written: as an object, else as keys beside each other."""
    root = entry_scope()
    term = root.terms["publisher"]
    assert term.scope is not None
    name = way.name_in(result, root, term)
    if isinstance(result.get(name), Mapping):
        flat = {inner: root.terms[key] for key, inner in FLAT.items() if way.name_in(result, root, root.terms[key]) in result}
        for inner, one in flat.items():
            way.put(result, root, one, way.leaf(term.scope.terms[inner], after.get(inner)), before.get(inner) != after.get(inner))
        rest = {key: value for key, value in after.items() if key not in flat}
        way.put(result, root, term, way.merged(result[name], term.scope, before, rest) or None, True)
        return
    for key, inner in (("publisher", "name"), *FLAT.items()):
        way.put(result, root, root.terms[key], way.leaf(term.scope.terms[inner], after.get(inner)), before.get(inner) != after.get(inner))


class _Way:
    """How new values are worded."""

    def __init__(self, language: str, codes: Codes) -> None:
        self.language, self.codes = language, codes

    def name_in(self, written: Mapping[str, Any], scope: Scope, term: Term) -> str:
        """The key of a term as it is written here, else the usual one."""
        return next((key for key in written if scope.keys.get(key) == term.key), term.names[self.language][0])

    def put(self, result: dict[str, Any], scope: Scope, term: Term, value: Any, changed: bool) -> None:
        """A value under its key; `None` takes the key away. A new key stands behind those that come before it in the scope."""
        name = self.name_in(result, scope, term)
        if not changed:
            return
        if value is None:
            result.pop(name, None)
        elif name in result:
            result[name] = value
        else:
            order = list(scope.terms)
            earlier = set(order[: order.index(term.key)])
            place = max((n for n, key in enumerate(result, 1) if scope.keys.get(key) in earlier), default=len(result))
            items = list(result.items())
            result.clear()
            result.update([*items[:place], (name, value), *items[place:]])

    def merged(self, written: Mapping[str, Any], scope: Scope, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        """An object with what the form changed."""
        result = dict(written)
        for key, term in scope.terms.items():
            if key not in after or _same(after[key], before.get(key)):
                continue
            name = self.name_in(written, scope, term)
            self.put(result, scope, term, self.value(term, written.get(name), before.get(key), after[key]), True)
        return result

    def value(self, term: Term, written: Any, before: Any, after: Any) -> Any:
        """A value as written; `None` where nothing is left of it."""
        if term.kind == OBJECT and term.scope is not None:
            if term.many:
                return self.rows(term, written, before or [], after) or None
            inside = self.merged(written if isinstance(written, Mapping) else {}, term.scope, before or {}, after or {})
            return (inside if isinstance(written, Mapping) else Line(inside)) or None
        if term.many:
            texts = [self.leaf(term, text) for text in after or () if str(text).strip()]
            return texts or None
        return self.leaf(term, after)

    def rows(self, term: Term, written: Any, before: list[Any], after: list[Any]) -> list[Row]:
        """The rows of a list, each merged with the one that it was."""
        assert term.scope is not None
        old = written if isinstance(written, list) else [] if written is None else [written]
        found = []
        for row in after:
            number = row.get(ORIGIN)
            known = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(old)
            was, shown = (old[number], before[number]) if known else ({}, {})
            if known and not isinstance(was, Mapping) and _same(row, shown):
                found.append(Row(number, was))
                continue
            inside = self.merged(was if isinstance(was, Mapping) else {}, term.scope, shown, row)
            if inside or known:
                whole = isinstance(written, list) and known
                found.append(Row(number if whole else None, inside if isinstance(was, Mapping) and was else Line(inside)))
        return found

    def leaf(self, term: Term, text: Any) -> Any:
        """A text of the form as it is written; `None` for nothing."""
        if text is None or not str(text).strip():
            return None
        text = str(text)
        convert = _CONVERT.get(term.kind)
        return worded(term, convert(text.strip()) if convert else text, self.language, cast(Any, self.codes))


def _same(one: Any, other: Any) -> bool:
    """Whether two values of a form say the same: nothing, an empty text and an empty list are one."""
    return bool(_pressed(one) == _pressed(other))


def _pressed(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: pressed for key, item in value.items() if (pressed := _pressed(item)) is not None}
        return kept or None
    if isinstance(value, list):
        return [_pressed(item) for item in value] or None
    return None if value is None or value == "" else value
