"""Declared fields against the header: missing, extra, renamed, reordered, duplicated, blank, and which row it is in."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from govdata.classes import dataclass, replace
from govdata.engines.plan import shown
from govdata.reading.sources import letters
from govdata.values import Finding, Resource, Row

LOOK_AHEAD = 20
"""Rows in which a header is looked for that is not where it should be."""

TITLED = 3
"""Columns from which on one text above a table is taken for its title: above two it may as well be a label without its neighbour."""

PAIRS = 40_000
"""Fields times labels up to which every field is compared with every label."""

ALIASES = ("x-english", "title")
"""Keywords of a field that the header may hold in place of its name."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header as read, and the column of each declared field."""

    row: Row
    labels: tuple[str, ...]
    columns: Mapping[str, int]
    """Field name → column (from 1). Fields that stand nowhere are not here."""
    findings: tuple[Finding, ...]

    @property
    def found(self) -> bool:
        """Whether at least one declared field stands in the header."""
        return bool(self.columns)


def read_labels(rows: Sequence[Row], join: str) -> tuple[str, ...]:
    """The labels of one or several header rows, joined column by column; trailing empty columns are dropped."""
    width = max((len(row.cells) for row in rows), default=0)
    parts = [[shown(row.cells[i]) if i < len(row.cells) else "" for row in rows] for i in range(width)]
    labels = [join.join(part for part in column if part) for column in parts]
    return tuple(labels)


def find_header(rows: Sequence[Row], fields: Sequence[Mapping[str, Any]]) -> int | None:
    """The number of a later row that fits the declared fields far better than the first; `None` where the first will do."""
    names = {fold_label(name) for field in fields for name in names_of(field)}
    if len(fields) < 2 or len(rows) < 2:
        return None
    counts = [sum(fold_label(shown(cell)) in names for cell in row.cells if shown(cell)) for row in rows[:LOOK_AHEAD]]
    best = max(counts)
    if counts[0] * 2 >= len(fields) or best * 2 < len(fields) or best <= counts[0]:
        return None
    return rows[counts.index(best)].number


def find_below_titles(rows: Sequence[Row]) -> int | None:
    """The number of the row that looks like the header of a table of which no field is declared: the first row holds one
    text or nothing, as a title does, and what stands below is wide and begins with words. `None` where the first will do.
    """
    filled = [[text for cell in row.cells if (text := shown(cell).strip())] for row in rows[:LOOK_AHEAD]]
    widest = max(map(len, filled), default=0)
    if widest < TITLED or len(filled[0]) > 1:
        return None
    wide = [place for place, texts in enumerate(filled) if len(texts) * 2 > widest]
    if len(wide) < 2 or any(character.isdigit() for text in filled[wide[0]] for character in text[:1]):
        return None
    return rows[wide[0]].number


def match_header(resource: Resource, row: Row, labels: tuple[str, ...], fields: Sequence[Mapping[str, Any]], sheet: str = "") -> Header:
    """Each declared field's column, and a finding for whatever does not agree."""
    matching = _Matching(labels, fields)
    matching.by_name()
    matching.by_folded_name()
    match = fields_match(resource.schema)
    if match != "partial":
        matching.by_likeness()
    where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "sheet": sheet, "row": row.number, "line": row.line}
    found = [*_label_findings(labels, where), *matching.findings(where, match)]
    return Header(row, labels, dict(sorted(matching.columns.items(), key=lambda item: item[1])), tuple(found))


def check_labels(resource: Resource, row: Row, labels: tuple[str, ...], sheet: str = "") -> Header:
    """The header of a table without a schema: only blank and duplicate labels can be wrong."""
    where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "sheet": sheet, "row": row.number, "line": row.line}
    return Header(row, labels, {}, tuple(_label_findings(labels, where)))


def declared_header(fields: Sequence[Mapping[str, Any]]) -> Header:
    """A table without a header row: the fields stand in the declared order."""
    labels = tuple(str(item["name"]) for item in fields)
    return Header(Row(0, None, labels), labels, {label: number for number, label in enumerate(labels, 1)}, ())


def without(header: Header, names: Collection[str]) -> Header:
    """The header with some fields as if they stood nowhere."""
    if not names:
        return header
    return replace(header, columns={name: column for name, column in header.columns.items() if name not in names})


def names_of(field: Mapping[str, Any]) -> list[str]:
    """The name of a field, and what else may stand in the header for it."""
    return [str(field[key]) for key in ("name", *ALIASES) if field.get(key)]


def fold_label(text: str) -> str:
    """A label for comparison: width and case folded, white space dropped."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def fields_match(schema: Mapping[str, Any] | None) -> str:
    """Table Schema v2 `fieldsMatch`: exact (also of v1: declared order), equal, subset, superset or partial."""
    declared = (schema or {}).get("fieldsMatch", "exact")
    kind = declared[0] if isinstance(declared, list) and declared else declared
    return str(kind)


def _label_findings(labels: Sequence[str], where: Mapping[str, Any]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for column, label in enumerate(labels, 1):
        cell = f"{letters(column)}{where['row']}"
        if not label.strip():
            yield Finding("table/blank-label", **where, column=column, cell=cell)
        elif label in first:
            args = {"first": f"{letters(first[label])}{where['row']}"}
            yield Finding("table/duplicate-label", **where, column=column, cell=cell, value=label, args=args)
        else:
            first[label] = column


class _Matching:
    """The pairing of labels and fields while it is worked out, from the surest to the boldest guess."""

    def __init__(self, labels: Sequence[str], fields: Sequence[Mapping[str, Any]]) -> None:
        self.labels = labels
        self.fields = fields
        self.columns: dict[str, int] = {}
        self.reasons: dict[str, str] = {}
        self.free = {column: label for column, label in enumerate(labels, 1) if label.strip()}

    def _take(self, field: Mapping[str, Any], column: int, reason: str = "") -> None:
        self.columns[str(field["name"])] = column
        del self.free[column]
        if reason:
            self.reasons[str(field["name"])] = reason

    def _open(self) -> list[Mapping[str, Any]]:
        return [field for field in self.fields if str(field["name"]) not in self.columns]

    def by_name(self) -> None:
        """Labels that are the name, or the other name, to the letter."""
        standing = self._standing(lambda label: label)
        for field in self._open():
            column = self._first(standing, names_of(field))
            if column is not None:
                self._take(field, column)

    def by_folded_name(self) -> None:
        """Labels that differ by spaces, width or case only."""
        standing = self._standing(fold_label)
        for field in self._open():
            column = self._first(standing, [fold_label(name) for name in names_of(field)])
            if column is not None:
                self._take(field, column, _why_folded(self.free[column]))

    def _standing(self, form: Callable[[str], str]) -> Mapping[str, list[int]]:
        """Label in a form → its free columns: a table may have ten thousand."""
        found: dict[str, list[int]] = {}
        for column, label in self.free.items():
            found.setdefault(form(label), []).append(column)
        return found

    def _first(self, standing: Mapping[str, list[int]], names: Sequence[str]) -> int | None:
        return min((column for name in names for column in standing.get(name, ()) if column in self.free), default=None)

    def by_likeness(self) -> None:
        """Labels that look like the name, else the one that stands alone in the field's place. Not asked of very many."""
        opened = self._open()
        if not opened or not self.free:
            return
        import difflib

        for field in opened if len(opened) * len(self.free) <= PAIRS else ():
            near = difflib.get_close_matches(str(field["name"]), self.free.values(), n=1, cutoff=0.6)
            if near:
                self._take(field, next(c for c, label in self.free.items() if label == near[0]), "close")
        left = self._open()
        if len(left) == 1 and len(self.free) == 1 and len(self.labels) == len(self.fields):
            column = next(iter(self.free))
            if self.fields.index(left[0]) + 1 == column:
                self._take(left[0], column, "position")

    def findings(self, where: Mapping[str, Any], match: str) -> Iterator[Finding]:
        """What does not agree, in the order of the columns; then what is missing; then the order. `match` may allow the last three."""
        for name, reason in self.reasons.items():
            column = self.columns[name]
            label = self.labels[column - 1]
            cell = f"{letters(column)}{where['row']}"
            args = {"reason": reason, "expected": name, "label": label}
            yield Finding("table/incorrect-label", **where, column=column, cell=cell, field=name, value=label, args=args)
        first = {label: column for column, label in reversed([*enumerate(self.labels, 1)])}
        for column, label in self.free.items() if match not in {"subset", "partial"} else ():
            if first[label] == column:
                cell = f"{letters(column)}{where['row']}"
                yield Finding("table/extra-label", **where, column=column, cell=cell, value=label)
        optional = match in {"superset", "partial"} and self.columns
        for field in () if optional else self._open():
            yield Finding("table/missing-label", **where, field=str(field["name"]), args={"labels": [x for x in self.labels if x][:20]})
        order = [self.columns[str(field["name"])] for field in self.fields if str(field["name"]) in self.columns]
        if match == "exact" and order != sorted(order):
            yield Finding("table/label-order", **where, args={"expected": [str(field["name"]) for field in self.fields][:30]})


def _why_folded(label: str) -> str:
    if label != label.strip() or " " in label:
        return "spaces"
    return "width" if unicodedata.normalize("NFKC", label) != label else "case"
