"""Text tables (CSV, TSV): proven encoding, declared dialect, `csv.reader`'s rows, and a finding for everything odd."""

from __future__ import annotations

import csv
import io
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from govdata.classes import dataclass, replace
from govdata.expressions import expression
from govdata.reading.changes import Stamp, check_unchanged, stamp_of
from govdata.reading.encodings.octets import chunks
from govdata.reading.encodings.proof import Proof, prove
from govdata.reading.encodings.speed import LARGE
from govdata.reading.signature import check_readable, check_text, unreadable
from govdata.reading.sources import BlockSource, Item, SourceInfo, TableSource
from govdata.reading.texts.blocks import read_blocks
from govdata.reading.texts.delimiter import check_delimiter, expected_names
from govdata.reading.texts.lines import Lines, TooBig, TooLong, Unclosed
from govdata.settings import Settings
from govdata.values import Dialect, Finding, Resource, Row

_SAMPLE = 30
"""Lines on which a wrong delimiter is recognised."""
_SAMPLE_LINE = 1 << 16
_ENDS = expression("\r\n|\n|\r")
_CTRL_Z = "\x1a"


@dataclass(frozen=True, slots=True)
class _Table:
    """A file whose encoding is proven, with the stamp that shows later whether it changed."""

    resource: Resource
    settings: Settings
    proof: Proof
    stamp: Stamp
    dialect: Dialect


def open_text(resource: Resource, settings: Settings) -> TableSource:
    """A text table with proven encoding; what stops reading is a fatal finding of `file/*` in its stream.

    Rows are those of `csv.reader` with the declared dialect (strictness off), numbered from 1 as frictionless numbers them:
    blank rows count and come as `[]`; comment rows come too. Cells are text.
    """
    stamp = (0, 0)
    try:
        refused = check_form(resource)
        stamp = stamp if refused else stamp_of(resource.path)
        proof = refused or prove(resource.path, resource.encoding, settings)
    except OSError as error:
        proof = unreadable(error)
    return opened(resource, settings, proof, stamp)


def opened(resource: Resource, settings: Settings, proof: Proof | Finding, stamp: Stamp) -> TableSource:
    """A text table by the proof of its encoding, and the stamp that the file had before it was proven."""
    if isinstance(proof, Finding):
        return TableSource(SourceInfo(size=_size(resource)), lambda: iter((placed(proof, resource),)))
    table = _Table(resource, settings, proof, stamp, dialect_of(resource))
    info = SourceInfo(size=proof.size, sha256=proof.sha256, encoding=proof.encoding)
    return TableSource(info, lambda: _stream(table), _blocks(table))


def check_form(resource: Resource) -> Finding | None:
    """What shows before a byte is proven: a file that cannot be read, is no text, or a dialect that no reader takes."""
    return check_readable(resource.path) or check_text(resource) or _check_dialect(dialect_of(resource))


def dialect_of(resource: Resource) -> Dialect:
    """The declared dialect; tab for `tsv` where none is declared."""
    if resource.format in ("tsv", "tab") and not resource.dialect.declared and resource.dialect.delimiter == ",":
        return replace(resource.dialect, delimiter="\t")
    return resource.dialect


def reader_options(dialect: Dialect) -> dict[str, Any]:
    """The options of `csv.reader` for a dialect, as frictionless' `CsvControl` sets them."""
    return {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quote or None,
        "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        "doublequote": dialect.double_quote if dialect.escape else True,
        "escapechar": dialect.escape or None,
        "skipinitialspace": dialect.skip_initial_space,
    }


def _check_dialect(dialect: Dialect) -> Finding | None:
    try:
        csv.reader((), **reader_options(dialect))
    except (TypeError, ValueError, csv.Error) as error:
        args = {"reason": "signs", "delimiter": dialect.delimiter, "quote": dialect.quote or "", "what": str(error)}
        return Finding("file/dialect", args=args)
    return None


def _size(resource: Resource) -> int | None:
    try:
        return resource.path.stat().st_size
    except (OSError, ValueError):
        return None


def placed(finding: Finding, resource: Resource) -> Finding:
    """A finding with the file that it is about."""
    return replace(finding, file=resource.file, resource=resource.id)


def _stream(table: _Table) -> Iterator[Item]:
    """The rows, and every finding with the file that it is about."""
    # Rows come by the million: they pass through as few hands as can be.
    for item in _guarded(table):
        yield placed(item, table.resource) if isinstance(item, Finding) else item


def _guarded(table: _Table) -> Iterator[Item]:
    """The rows; what can only happen when the file changes under our hands becomes a finding."""
    limit = table.settings.max_line + 2 * table.settings.max_cell + 1
    # This limit is the whole process's, and frictionless raises it too. `Lines` refuses long cells before it is reached.
    csv.field_size_limit(max(csv.field_size_limit(), limit))
    try:
        changed = next(check_unchanged(table.resource, table.stamp), None)
        if changed is not None:
            yield changed
            return
        yield from table.proof.findings
        wrong = _wrong_delimiter(table)
        if wrong is not None:
            yield wrong
            return
        tally = _Tally(table)
        # Of a large table nothing but the header is read in this way, unless packages are missing.
        records = Records(table, _lines(table, is_begun=table.proof.size >= LARGE), tally)
        yield from records
        if not records.ended:
            yield from tally.findings()
        yield from check_unchanged(table.resource, table.stamp)
    except (UnicodeDecodeError, OSError) as error:
        yield from check_unchanged(table.resource, table.stamp, error)


def _lines(table: _Table, is_begun: bool = False) -> Lines:
    """The lines of a table. `is_begun`: mostly some from its beginning are all that is read."""
    settings, path, start = table.settings, table.resource.path, table.proof.bom
    first = start + _SAMPLE_LINE
    pieces = itertools.chain(chunks(path, start, first), chunks(path, first)) if is_begun else chunks(path, start)
    return Lines(pieces, table.proof.encoding, settings.max_cell, settings.max_line, table.dialect.delimiter)


def _wrong_delimiter(table: _Table) -> Finding | None:
    skip = table.dialect.header_rows[0] - 1 if table.dialect.header_rows else 0
    try:
        sample = list(itertools.islice(_lines(table, is_begun=True), skip, skip + _SAMPLE))
    except (TooBig, TooLong, Unclosed):
        return None
    if any(len(line) > _SAMPLE_LINE for line in sample):
        return None
    return check_delimiter(sample, table.dialect.delimiter, expected_names(table.resource.schema))


class Records:
    """The records of lines as `csv.reader` reads them, and a finding for everything odd."""

    def __init__(self, table: _Table, lines: Lines, tally: _Tally, before: int = 0) -> None:
        self._table, self._lines, self._tally, self._before = table, lines, tally, before
        self._first = lines.count
        self.count = 0
        """Records read."""
        self.ended = False
        """A finding ended the reading for good."""

    @property
    def lines(self) -> int:
        """Physical lines read."""
        return self._lines.count - self._first

    def __iter__(self) -> Iterator[Item]:
        table, lines, options = self._table, self._lines, reader_options(self._table.dialect)
        reader = csv.reader(lines, strict=True, **options)
        tally = self._tally
        signs = [sign for sign in (table.dialect.quote, table.dialect.escape, _CTRL_Z) if sign]
        while True:
            if lines.fresh and tally.settled and not lines.marks:
                yield from self._plain(lines.rest(signs), options)
            number = self._before + self.count + 1
            lines.begin()
            start = lines.count + 1
            finding = None
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                cells, finding = _read_again(lines, start, options)
            except (TooBig, TooLong, Unclosed) as error:
                self.ended = True
                yield _limit(error, lines, start, table)
                return
            if finding is not None:
                self.ended = finding.rule == "file/unclosed-quote"
                yield finding
                if self.ended:
                    return
            while lines.marks and lines.marks[0] <= lines.count:
                yield Finding("file/bom-inside", "warning", line=lines.marks[0], args={"line": lines.marks.popleft()})
            self.count += 1
            if not tally.settled or (len(cells) == 1 and cells[0] == _CTRL_Z):
                yield from self._record(number, start, cells)
            else:
                yield Row(number, start, cells)

    def _plain(self, found: list[str], options: dict[str, Any]) -> Iterator[Row]:
        """Lines of which each surely is a record of its own, at once."""
        number, start = self._before + self.count + 1, self._lines.count - len(found) + 1
        self.count += len(found)
        rows = zip(itertools.count(number), itertools.count(start), csv.reader(found, strict=True, **options))
        return map(tuple.__new__, itertools.repeat(Row), rows)

    def _record(self, number: int, start: int, cells: list[str]) -> Iterator[Item]:
        if len(cells) == 1 and cells[0] == _CTRL_Z:
            yield Finding("file/control-z", "note", line=start, args={"line": start})
            return
        if not self._tally.settled:
            self._tally.add(number, cells, self._lines.record[-1], start)
        yield Row(number, start, cells)


def _blocks(table: _Table) -> BlockSource | None:
    """The table in blocks, where its dialect is one that blocks can have."""
    dialect = table.dialect
    signs = [dialect.delimiter, dialect.quote or ""]
    if dialect.escape or dialect.skip_initial_space or not all(sign.isascii() and len(sign) <= 1 for sign in signs):
        return None
    if dialect.delimiter in ("", " ", "\n", "\r", dialect.quote):
        return None
    tally = _Tally(table)
    settings, proof = table.settings, table.proof

    def lines_of(pieces: Iterable[bytes], before: int) -> Lines:
        return Lines(pieces, "utf-8", settings.max_cell, settings.max_line, dialect.delimiter, before)

    return BlockSource(
        dialect=dialect,
        size=proof.size,
        read=lambda: read_blocks(table.resource.path, proof.encoding, proof.bom, dialect.quote, settings.max_cell),
        records=lambda pieces, before, lines: Records(table, lines_of(pieces, lines), tally, before),
        ends_clean=lambda piece: _ends_clean(piece, reader_options(dialect)),
        note_ends=tally.note_ends,
        conclude=lambda filled, data: _conclude(table, tally, filled, data),
        check_unchanged=lambda error: check_unchanged(table.resource, table.stamp, error),
        place=lambda item: placed(item, table.resource),
    )


def _ends_clean(piece: bytes, options: dict[str, Any]) -> bool:
    """Whether the last record ends with the piece, as `csv.reader` sees it: one more line then is a record of its own."""
    mark = "\x00end"
    text = io.StringIO(piece.decode("utf-8", "surrogatepass"), newline="")
    last = deque(csv.reader(itertools.chain(text, (mark,)), strict=False, **options), maxlen=1)
    return last[0] == [mark] and piece.endswith(b"\n")


def _conclude(table: _Table, tally: _Tally, filled: bool, data: bool) -> Iterator[Finding]:
    tally.filled, tally.data = tally.filled or filled, tally.data or data
    for finding in tally.findings():
        yield placed(finding, table.resource)


def _read_again(lines: Lines, start: int, options: dict[str, Any]) -> tuple[list[str], Finding]:
    """The record at which the strict reader stopped, read as the lenient reader does, and what is wrong with its quotes."""
    lenient = csv.reader(itertools.chain(list(lines.record), lines), strict=False, **options)
    try:
        cells = next(lenient)
    except (TooBig, TooLong, Unclosed):
        return [], _unclosed(lines, start, _half(lines, options))
    if lines.done:
        return cells, _unclosed(lines, start, cells)
    return cells, Finding("file/stray-quote", "warning", line=start, args={"line": start})


def _half(lines: Lines, options: dict[str, Any]) -> list[str]:
    return next(csv.reader(list(lines.record), strict=False, **options), [])


def _unclosed(lines: Lines, start: int, cells: list[str], limit: int = 0) -> Finding:
    """The finding at the line where the last cell, which swallowed all that follows, begins."""
    last = cells[-1] if cells else ""
    ends = len(_ENDS.findall(last))
    inside = ends if last.endswith(("\n", "\r")) else ends + 1
    line = max(start, start + len(lines.record) - inside)
    args = {"line": line, "end": start + len(lines.record) - 1, "column": len(cells), "limit": limit}
    return Finding("file/unclosed-quote", line=line, column=len(cells) or None, args=args)


def _limit(error: Exception, lines: Lines, start: int, table: _Table) -> Finding:
    if isinstance(error, Unclosed):
        return _unclosed(lines, start, _half(lines, reader_options(table.dialect)), table.settings.max_cell)
    if isinstance(error, TooLong):
        line = lines.count + 1
        return Finding("file/line-limit", line=line, args={"line": line, "limit": max(1, table.settings.max_line >> 20)})
    mebibytes = max(1, table.settings.max_cell >> 20)
    return Finding("file/cell-limit", line=start, args={"line": start, "limit": mebibytes})


class _Tally:
    """What is known only at the end: whether there were rows, and how lines ended."""

    def __init__(self, table: _Table) -> None:
        self._table = table
        self._last_header = max(table.dialect.header_rows, default=0)
        self.filled = self.data = False
        """Whether a row holds anything, and one below the header."""
        ends = table.proof.ends
        self._watch = ends.kinds != 1 or ends.cr > 0
        self._seen: dict[str, int] = {}
        self.settled = False
        """No further row can change what is found."""

    def add(self, number: int, cells: list[str], last_line: str, line: int) -> None:
        """Counts a row."""
        if any(cells):
            self.filled = True
            self.data = self.data or number > self._last_header
            self.settled = self.data and not self._watch
        if self._watch:
            end = "crlf" if last_line.endswith("\r\n") else {"\n": "lf", "\r": "cr"}.get(last_line[-1:], "")
            if end:
                self._seen.setdefault(end, line)

    def note_ends(self, lf: int, crlf: int) -> None:
        """Takes the first lines of records that end with LF and with CRLF; -1 where there is none."""
        if self._watch:
            for line, end in sorted([(lf, "lf"), (crlf, "crlf")]):
                if line >= 0:
                    self._seen.setdefault(end, line)

    def findings(self) -> Iterator[Finding]:
        """What the rows together show."""
        yield from self._line_ends()
        if not self.filled:
            yield Finding("file/empty", args={"name": self._table.resource.path.name})
        elif not self.data and self._last_header and self._table.resource.rows != 0:
            yield Finding("file/header-only", args={"name": self._table.resource.path.name})

    def _line_ends(self) -> Iterator[Finding]:
        if len(self._seen) > 1:
            line = sorted(self._seen.values())[1]
            kinds = tuple(f"line-end-{kind}" for kind in self._seen)
            yield Finding("file/line-ends", "note", line=line, args={"line": line, "kinds": kinds})
        elif "cr" in self._seen:
            yield Finding("file/line-ends", "note", line=1, args={"line": 1, "kinds": ("line-end-cr",)})
