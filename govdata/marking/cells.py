"""The XML of a sheet on its way from one workbook into another: marked cells get their colour, all other bytes stay.

The parser tells where tags are; what is written are the bytes of the part itself, so nothing is lost that we do not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.parsers import expat

from govdata.classes import dataclass, field
from govdata.marking.markup import SPACE, Edit, apply, prefix_of, relations_of, safe_parser, tag_at, utf8, whole, with_attributes
from govdata.marking.styles import Styles, marked_style
from govdata.reading.workbooks.sheets import Refusal, address, column_number, place
from govdata.values import Severity

TRUE = ("1", "true", "on")
BEHIND = frozenset(
    ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts", "extLst")
)  # fmt: skip
"""What stands behind `legacyDrawing` in a sheet (ECMA-376 18.3.1.99)."""
HEAD = frozenset(("sheetPr", "dimension", "sheetViews", "sheetView", "worksheet", "chartsheet", "dialogsheet", "macrosheet", "tabColor"))
"""What may stand in front of, and in, the views of a sheet."""
Targets = Mapping[int, Mapping[int, Severity]]
"""Row → column → how grave what is wrong there is. Both from 1."""


@dataclass(slots=True)
class Facts:
    """What is known of a sheet when it has been written."""

    space: str = ""
    drawing: str = ""
    """The relation of its old drawing, which holds the shapes of comments."""
    conditional: bool = False
    """It has conditional formats, which cover colours."""


@dataclass(slots=True)
class _Row:
    """The row that is being written."""

    number: int = 0
    wanted: list[tuple[int, Severity]] = field(default_factory=list)
    """Columns that are still to come, in their order."""
    column: int = 0
    style: int | None = None
    prefix: str = ""
    is_empty: bool = False


class SheetWriter:
    """Writes one sheet. `facts` is whole when `give` has ended."""

    def __init__(self, part: str, styles: Styles, targets: Targets, relation: str) -> None:
        """`relation`: by which the sheet finds the drawing of its comments, unless it has one already; empty: no comments."""
        self.facts = Facts()
        self._part, self._styles, self._targets, self._relation = part, styles, targets, relation
        self._rows = sorted(targets, reverse=True)
        self._row = _Row()
        self._columns: list[tuple[int, int, int]] = []
        self._buffer = bytearray()
        self._base = self._last = 0
        self._edits: list[Edit] = []
        self._done = self._filled = False
        self._empty_data: tuple[int, bytes] | None = None
        self._prefix = ""
        self._choice: int | None = None
        self._parser = safe_parser(part)
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._open_root, None

    def give(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Give the sheet, changed. Raises `Refusal` where it is marked and broken."""
        for chunk in utf8(chunks, self._part):
            if self._done and not self._buffer:
                yield chunk
                continue
            self._buffer += chunk
            self._parse(chunk, False)
            yield self._flush(self._base + len(self._buffer) if self._done else self._safe_end())
        self._parse(b"", True)
        yield self._flush(self._base + len(self._buffer))

    def _parse(self, chunk: bytes, last: bool) -> None:
        if self._done:
            return
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: of encodings
            if self._targets:
                raise Refusal("workbook/broken", reason="xml", part=self._part) from error
            self._done = True  # nothing is to be done to it: it stays as broken as it was

    def _safe_end(self) -> int:
        return self._last if self._choice is None else min(self._last, self._choice)

    def _flush(self, end: int) -> bytes:
        base, cut = self._base, end - self._base
        ready = [Edit(edit.start - base, edit.end - base, edit.new) for edit in self._edits if edit.start < end or self._done]
        self._edits = [] if self._done else [edit for edit in self._edits if edit.start >= end]
        piece = apply(bytes(self._buffer[:cut]), ready) if ready else bytes(self._buffer[:cut])
        del self._buffer[:cut]
        self._base = end
        return piece

    def _tag(self, at: int) -> bytes:
        return tag_at(self._buffer, at - self._base)

    def _insert(self, at: int, new: str) -> None:
        self._edits.append(Edit(at, at, new.encode()))

    def _replace(self, at: int, tag: bytes, new: bytes) -> None:
        if new != tag:
            self._edits.append(Edit(at, at + len(tag), new))

    def _open_root(self, name: str, attributes: dict[str, str]) -> None:
        """The first element tells the name space; only what is in it is looked at."""
        self.facts.space = name.rpartition(SPACE)[0]
        self._prefix = prefix_of(self._tag(self._parser.CurrentByteIndex)).decode()
        space = self.facts.space + SPACE
        self._names = {space + local: local for local in ("row", "c", "sheetData", "worksheet", "col", "dimension", "sheetView")}
        self._names |= {space + local: local for local in (*BEHIND, *HEAD, "legacyDrawing", "conditionalFormatting", "drawing")}
        self._space = space
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._names.get(name)
        if local == "c":
            if self._row.wanted:
                self._open_cell(attributes)
        elif local == "row":
            self._open_row(attributes)
        elif local is not None:
            self._open_other(local, attributes)
        elif name.endswith("}AlternateContent") and self._filled:
            self._choice = self._last = self._parser.CurrentByteIndex
        elif name.startswith(self._space) and not self._filled and not self._targets:
            self._done = True  # behind the views: nothing is to be done there

    def _end(self, name: str) -> None:
        local = self._names.get(name)
        if local == "row":
            self._close_row()
        elif local == "sheetData":
            self._close_data()
        elif local == "worksheet":
            self._last = self._parser.CurrentByteIndex
            self._add_drawing(self._last)
        elif local is None and name.endswith("}AlternateContent"):
            self._choice = None

    def _open_other(self, local: str, attributes: dict[str, str]) -> None:
        at = self._last = self._parser.CurrentByteIndex
        tag = self._tag(at)
        if local == "sheetView" and attributes.get("tabSelected") in TRUE:
            self._replace(at, tag, with_attributes(tag, {"tabSelected": None}))
        elif local == "dimension" and self._targets:
            self._replace(at, tag, with_attributes(tag, {"ref": self._dimension(attributes.get("ref", ""))}))
        elif local == "col":
            first, last, style = (whole(attributes.get(key, "")) for key in ("min", "max", "style"))
            self._columns.append((first, last, style))
        elif local == "sheetData":
            self._empty_data = (at, tag) if tag.endswith(b"/>") else None
            self._done = not self._targets
        elif local == "conditionalFormatting":
            self.facts.conditional = True
        elif local == "legacyDrawing":
            self.facts.drawing = next((value for key, value in attributes.items() if key.endswith("}id")), "")
        elif local in BEHIND and self._filled:
            self._add_drawing(at if self._choice is None else self._choice)
        if self._choice is not None and local in (*BEHIND, "legacyDrawing", "drawing"):
            self._choice = None

    def _add_drawing(self, at: int) -> None:
        if not self._relation or self.facts.drawing:
            return
        named = f'xmlns:r="{relations_of(self.facts.space)}" r:id="{self._relation}"'
        self._insert(at, f"<{self._prefix}legacyDrawing {named}/>")
        self.facts.drawing, self._relation = self._relation, ""

    def _dimension(self, old: str) -> str:
        """The range that holds the old one and every marked cell."""
        start, _, end = old.partition(":")
        spots = [spot for spot in (place(start), place(end or start)) if all(spot)]
        spots += [(row, column) for row, found in self._targets.items() for column in found]
        rows, columns = [row for row, _ in spots], [column for _, column in spots]
        return f"{address(min(rows), min(columns))}:{address(max(rows), max(columns))}"

    def _open_row(self, attributes: dict[str, str]) -> None:
        at = self._last = self._parser.CurrentByteIndex
        number = whole(attributes.get("r", ""), self._row.number + 1)
        while self._rows and self._rows[-1] < number:
            self._insert(at, self._new_row(self._rows.pop()))
        self._row = row = _Row(number)
        if not self._rows or self._rows[-1] != number:
            return
        self._rows.pop()
        row.wanted = sorted(self._targets[number].items(), reverse=True)
        tag = self._tag(at)
        row.prefix, row.is_empty = prefix_of(tag).decode(), tag.endswith(b"/>")
        row.style = whole(attributes.get("s", "")) if attributes.get("customFormat") in TRUE else None
        new = with_attributes(tag, {"spans": None}) if "spans" in attributes else tag
        if row.is_empty:
            cells = self._new_cells(row, None)
            new = new.removesuffix(b"/>").rstrip() + f">{cells}</{row.prefix}row>".encode()
        self._replace(at, tag, new)

    def _open_cell(self, attributes: dict[str, str]) -> None:
        row, at = self._row, self._parser.CurrentByteIndex
        reference = attributes.get("r")
        row.column = column_number(reference.rstrip("0123456789")) if reference else row.column + 1
        if row.wanted[-1][0] > row.column:
            return
        self._last = at
        if new := self._new_cells(row, row.column):
            self._insert(at, new)
        if row.wanted and row.wanted[-1][0] == row.column:
            _, severity = row.wanted.pop()
            tag, base = self._tag(at), whole(attributes.get("s", ""))
            self._replace(at, tag, with_attributes(tag, {"s": str(marked_style(self._styles, base, severity))}))

    def _close_row(self) -> None:
        self._last = self._parser.CurrentByteIndex
        if self._row.wanted and not self._row.is_empty:
            self._insert(self._last, self._new_cells(self._row, None))

    def _close_data(self) -> None:
        at = self._last = self._parser.CurrentByteIndex
        self._row, self._filled = _Row(), True
        rows = "".join(self._new_row(number) for number in reversed(self._rows))
        self._rows.clear()
        if rows and self._empty_data:
            start, tag = self._empty_data
            self._replace(start, tag, tag.removesuffix(b"/>").rstrip() + f">{rows}</{self._prefix}sheetData>".encode())
        elif rows:
            self._insert(at, rows)

    def _new_row(self, number: int) -> str:
        row = _Row(number, sorted(self._targets[number].items(), reverse=True), prefix=self._prefix)
        return f'<{row.prefix}row r="{number}">{self._new_cells(row, None)}</{row.prefix}row>'

    def _new_cells(self, row: _Row, before: int | None) -> str:
        """Cells that the sheet does not have, up to a column (not included) or all."""
        cells = ""
        while row.wanted and (before is None or row.wanted[-1][0] < before):
            column, severity = row.wanted.pop()
            base = row.style
            if base is None:
                base = next((style for first, last, style in self._columns if first <= column <= last), 0)
            cells += f'<{row.prefix}c r="{address(row.number, column)}" s="{marked_style(self._styles, base, severity)}"/>'
        return cells
