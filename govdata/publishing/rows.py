"""Rows of a resource as canonical texts: each value as PostgreSQL itself writes it, so that a load can be compared with what was sent.

Validation has accepted the rows before; here they are only read. Where a cheap condition proves what the reference would read, the
text is taken as it is or rewritten; every other cell goes through the reference's own reader.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from govdata.checks.bodies import Body, BodyError, open_body
from govdata.checks.context import CheckContext
from govdata.checks.schema import fields_of
from govdata.engines.cells import TextNumbers, adapted, is_empty
from govdata.engines.fields import FieldReader, read_field
from govdata.engines.plan import cell_at, shown, text_keyed
from govdata.errors import PublishError
from govdata.predicates.calendar import DATE, TIME
from govdata.predicates.decisions import FALSE, TRUE, missing_values
from govdata.reading.changes import unsaved
from govdata.values import Cell, Resource, Row

Values = tuple[str | None, ...]
"""A row: texts as PostgreSQL writes them, `None` where a value is missing."""

Convert = Callable[[Cell], str | None]
"""Gives the canonical text of a cell; raises `Unfit`."""

WHOLE_DIGITS, FRACTION_DIGITS = 131072, 16383
"""Digits before and behind the point that PostgreSQL's `numeric` holds."""

KNOWN = 20_000
"""Texts of one column of which is remembered what the reference read."""

_ZONE = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")

ANY = ".*"

_FORMS = ("bareNumber", "groupChar", "decimalChar", "floatNumber")


class Unfit(Exception):
    """A value that has no canonical text: a word of `catalog/messages` (terms)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def rows_of(resource: Resource, context: CheckContext, sha256: str = "") -> Iterator[Values]:
    """The rows of a resource in file order, cells in the order of the schema's fields; empty rows are left out.

    Raises `PublishError` naming the row and the field of a value that no table can hold, or where the file cannot be read to its end, or
    is not the one of a digest.
    """
    try:
        yield from values_of(resource, opened(resource, context, sha256))
    except BodyError as error:
        raise PublishError("datastore-unreadable", file=resource.file, what=error.finding.rule) from error


def opened(resource: Resource, context: CheckContext, sha256: str = "") -> Body:
    """An open table; `PublishError` where there is none, or not the one of a digest, in which all is that is read."""
    body = open_body(resource, context)
    if body is None or (sha256 and (body.source.info.sha256 != sha256 or unsaved(resource.path))):
        raise PublishError("datastore-unreadable", file=resource.file, what="" if body is None else "file/changed")
    return body


def values_of(resource: Resource, body: Body, rows: Iterable[Row] | None = None) -> Iterator[Values]:
    """The values of the rows of an open table, or of other rows of it. May raise `BodyError` too."""
    converters = _converters(resource, body)
    plain = not body.plan.typed and all(isinstance(place, int) for place, _, _ in converters)
    for row in body.rows if rows is None else rows:
        if is_empty(row):
            continue
        values = _plain_row(row, converters) if plain and len(row.cells) == body.plan.width else None
        yield values if values is not None else _careful_row(resource, body, row, converters)


_Place = tuple[int | None, str, "Convert"]
"""Place of the column in the row (from 0; `None`: the file does not have it), field, conversion."""


def _plain_row(row: Row, converters: Sequence[_Place]) -> Values | None:
    """A row of texts; `None` where something is wrong with it and must be told."""
    cells = row.cells
    try:
        return tuple([convert(cells[place]) for place, _, convert in converters])  # type: ignore[index]
    except Unfit:
        return None


def _careful_row(resource: Resource, body: Body, row: Row, converters: Sequence[_Place]) -> Values:
    plans = {column.name: column for column in body.plan.columns}
    values: list[str | None] = []
    for place, name, convert in converters:
        cell = cell_at(row.cells, place + 1) if place is not None else None
        try:
            if cell is not None and not isinstance(cell, str):
                cell = adapted(plans[name], row, cell, TextNumbers())
            values.append(convert(cell))
        except Unfit as error:
            where = {"file": resource.file, "row": row.number, "field": name}
            raise PublishError("datastore-value", why=error.why, **where) from error
    return tuple(values)


def _converters(resource: Resource, body: Body) -> list[_Place]:
    plans = {column.name: column for column in body.plan.columns}
    found: list[_Place] = []
    for field in fields_of(resource.schema or {}):
        name = str(field["name"])
        plan = plans.get(name)
        place = plan.column - 1 if plan is not None else None
        found.append((place, name, converter(field, body.plan.typed) if plan is not None else lambda cell: None))
    return found


def converter(field: Mapping[str, Any], typed: bool = False) -> Convert:
    """What makes canonical text of the cells of a field. Not to be shared between threads."""
    slow = _reading(field, typed)
    missing = missing_values(field)
    if missing is None:
        return slow
    quick = _quick(field, missing, slow)
    return (lambda cell: quick(cell) if isinstance(cell, str) else slow(cell)) if typed else quick


def _quick(field: Mapping[str, Any], missing: frozenset[str], slow: Convert) -> Convert:
    """The conversion of a text: proven forms at once, the others by the reference. One call for a cell, as this is most of the time."""
    kind = str(field.get("type", "string"))
    if kind == "boolean" and field.get("format", "default") == "default" and not any(name in field for name in _FORMS):
        return _words(field, missing, slow)
    form = form_of(field)
    if form is None:
        return slow
    if form == ANY:
        return lambda text: None if text in missing else text  # type: ignore[return-value]
    matches = re.compile(form).fullmatch
    if any(matches(text) for text in missing):
        return lambda text: None if text in missing else text if matches(text) else slow(text)  # type: ignore[arg-type, return-value]
    if kind == "datetime":
        return _instants(matches, slow)
    return lambda text: text if matches(text) else slow(text)  # type: ignore[arg-type, return-value]


def form_of(field: Mapping[str, Any]) -> str | None:
    """A pattern for whole texts of a field that are canonical as they are, those for missing values aside (in a datetime a blank stands
    for `T`); `ANY` where all are. `None` where nothing is proven."""
    kind = str(field.get("type", "string"))
    if field.get("format", "default") != "default" or any(name in field for name in _FORMS):
        return None
    return ANY if kind in ("string", "any") else _FORM.get(kind)


def _words(field: Mapping[str, Any], missing: frozenset[str], slow: Convert) -> Convert:
    words = [field.get("trueValues", TRUE), field.get("falseValues", FALSE)]
    if not all(isinstance(listed, list | tuple) and all(isinstance(word, str) for word in listed) for listed in words):
        return slow
    known: dict[Any, str | None] = dict.fromkeys(words[1], "false") | dict.fromkeys(words[0], "true") | dict.fromkeys(missing)
    return lambda text: known[text] if text in known else slow(text)


_FORM = {
    "integer": "-?[1-9][0-9]{0,999}|0",
    "number": r"-?[1-9][0-9]{0,999}(?:\.[0-9]{1,999})?|0(?:\.[0-9]{1,999})?",
    "date": DATE,
    "datetime": f"{DATE}[T ]{TIME}",
    "time": TIME,
    "year": "[1-9][0-9]{3}",
    "yearmonth": "[1-9][0-9]{3}-(?:0[1-9]|1[0-2])",
}
"""Type → texts in its default format that the reference reads, and that PostgreSQL writes back to the letter (`T` aside)."""


def _instants(matches: Callable[[Any], object], slow: Convert) -> Convert:
    """Moments without a zone at once. A column that has moments with and without one cannot be put in order."""
    seen: set[bool] = set()

    def convert(text: Any) -> str | None:
        if matches(text):
            seen.add(False)
            found: str | None = text.replace("T", " ")
        else:
            found = slow(text)
            if found is not None:
                seen.add(bool(_ZONE.search(text)))
        if len(seen) > 1:
            raise Unfit("datastore-zones")
        return found

    return convert


def _reading(field: Mapping[str, Any], typed: bool) -> Convert:
    """The reference's reader; texts of which it was asked are remembered."""
    known: dict[str, str | None] = {}
    kind = str(field.get("type", "string"))

    @functools.cache
    def reader() -> FieldReader:
        return read_field({name: value for name, value in field.items() if name != "constraints"}, typed=typed)

    def convert(cell: Cell) -> str | None:
        if isinstance(cell, str) and cell in known:
            return known[cell]
        if kind == "string" and not isinstance(cell, str):
            cell = shown(cell)
        value, broken = reader()(cell)
        if value is None and any(rule == "table/type-error" for rule, _ in broken):
            raise Unfit("datastore-unread")
        found = _exact(cell, kind) if isinstance(cell, str) and value is not None else None
        if found is None:
            found = canonical(value, kind)
        if isinstance(cell, str) and len(known) < KNOWN:
            known[cell] = found
        return found

    return convert


def _exact(text: str, kind: str) -> str | None:
    """A text that the reference has read into doubles or calendars, as exactly as it was written; `None` for other types."""
    if kind == "duration":
        return text.strip()
    if kind == "geopoint" and text[:1] not in "[{":
        return "".join(text.split())
    if kind in ("object", "array", "geojson", "geopoint"):
        floats: list[str] = []
        value = json.loads(text, parse_float=floats.append)
        return text.strip() if floats else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return None


def canonical(value: Any, kind: str) -> str | None:
    """A value that the reference read, as PostgreSQL writes it in the column of a field of a type."""
    if value is None:
        return None
    written = _WRITERS.get(type(value))
    if written is not None:
        return written(value)
    if kind == "yearmonth":
        return f"{value[0]:04}-{value[1]:02}"
    if kind == "geopoint":
        return ",".join(_number(Decimal(str(part))) for part in value)
    if isinstance(value, Decimal | int | float):
        return _number(Decimal(str(value)))
    return json.dumps(text_keyed(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise Unfit("datastore-not-finite")
    exponent = value.as_tuple().exponent
    if value.adjusted() >= WHOLE_DIGITS or not isinstance(exponent, int) or exponent < -FRACTION_DIGITS:
        raise Unfit("datastore-number-size")
    if not value:
        value = abs(value)
        # Zero has no digits before its exponent: 0E+5 is 0.
        return "0" if exponent >= 0 else format(value, "f")
    return format(value, "f")


def _instant(value: datetime) -> str:
    if value.tzinfo is not None:
        try:
            value = value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError as error:
            raise Unfit("datastore-year") from error
    return _fraction(value.isoformat(" "))


def _clock(value: time) -> str:
    if value.tzinfo is not None:
        raise Unfit("datastore-time-zone")
    return _fraction(value.isoformat())


def _fraction(text: str) -> str:
    """Without the zeros that close a fraction of a second."""
    return text.rstrip("0").rstrip(".") if "." in text else text


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: lambda value: _number(Decimal(value)),
    float: lambda value: _number(Decimal(repr(value))),
    Decimal: _number,
    datetime: _instant,
    date: date.isoformat,
    time: _clock,
    bytes: lambda value: value.hex(),
}
