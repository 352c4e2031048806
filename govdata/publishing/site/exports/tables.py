"""A table written in one pass over its rows: canonical CSV, one that is safe in a spreadsheet, Parquet, and the rows that a page shows.

With polars rows come as frames and Parquet is written besides; without it they come one by one. The CSV is the same to the byte.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from govdata.classes import dataclass
from govdata.publishing.rows import Values
from govdata.publishing.site.exports.lines import RISKY, cell, line, safe
from govdata.publishing.site.exports.tableschemas import null_word
from govdata.publishing.site.records import Preview

if TYPE_CHECKING:
    import polars as pl

SHOWN, LONGEST = 20, 500
"""Rows that a page shows, and characters of a cell in them."""
BOM = b"\xef\xbb\xbf"

MEASURED = 1000
"""Rows by whose size it is decided how many a row group has."""
GROUP_BYTES, LEAST, MOST = 32 << 20, 1000, 131_072
"""Text of a row group, about, and the fewest and most rows of one."""

_NUMBERS = frozenset(("integer", "number", "boolean", "date", "datetime", "time", "year"))
"""Types whose canonical texts are no text to a spreadsheet: they are left alone."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of a table go; `None`: not written."""

    csv: Path
    safe: Path | None = None
    parquet: Path | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of a table."""

    rows: int
    preview: Preview
    csv: tuple[int, str]
    """Size and SHA-256."""
    safe: tuple[int, str] | None = None


class Wide(Exception):
    """Values of some fields do not fit the type that they would have in Parquet: they are to be texts there."""

    def __init__(self, fields: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(fields)))
        self.fields = fields


class _Sink:
    """A file that is written once, with its size and digest."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._digest, self._size = stream, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        """Write bytes."""
        self._stream.write(data)
        self._digest.update(data)
        self._size += len(data)
        return len(data)

    @property
    def result(self) -> tuple[int, str]:
        """Size and SHA-256."""
        return self._size, self._digest.hexdigest()


def write_rows(rows: Iterable[Values], fields: Sequence[Mapping[str, Any]], places: Places) -> Written:
    """Write rows one by one: CSV alone."""
    words, risky = _words(fields), [str(field.get("type", "string")) not in _NUMBERS for field in fields]
    shown: list[Values] = []
    count = 0
    with contextlib.ExitStack() as stack:
        plain, defused = _open(places, fields, stack)
        for values in _full_years(rows, fields):
            count += 1
            if count <= SHOWN:
                shown.append(values)
            plain.write(_line(values, words).encode())
            if defused is not None:
                cells = [safe(value) if value is not None and text else value for value, text in zip(values, risky, strict=True)]
                defused.write(_line(cells, words).encode())
    return Written(count, _preview(fields, shown), plain.result, defused.result if defused else None)


def _full_years(rows: Iterable[Values], fields: Sequence[Mapping[str, Any]]) -> Iterable[Values]:
    """Years in four digits, as Table Schema reads them: SQL has them as whole numbers."""
    years = {number for number, field in enumerate(fields) if field.get("type") == "year"}
    if not years:
        return rows
    return (tuple(value.zfill(4) if value and number in years else value for number, value in enumerate(values)) for values in rows)


def _line(values: Sequence[str | None], words: Sequence[str | None]) -> str:
    return ",".join([_missing(word) if value is None else cell(value) for value, word in zip(values, words, strict=True)]) + "\n"


def _missing(word: str | None) -> str:
    return "" if word is None else cell(word)


def _words(fields: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """What stands for a missing value in each column; `None`: nothing at all. A row of one column must not be an empty line."""
    return [null_word(field) or (None if len(fields) > 1 else "") for field in fields]


def _open(places: Places, fields: Sequence[Mapping[str, Any]], stack: contextlib.ExitStack) -> tuple[_Sink, _Sink | None]:
    names = [str(field["name"]) for field in fields]
    plain = _Sink(stack.enter_context(places.csv.open("wb")))
    plain.write(line(names).encode())
    if places.safe is None:
        return plain, None
    defused = _Sink(stack.enter_context(places.safe.open("wb")))
    defused.write(BOM + line(map(safe, names)).encode())
    return plain, defused


def _preview(fields: Sequence[Mapping[str, Any]], rows: Iterable[Values]) -> Preview:
    cut = tuple(tuple(value if value is None else value[:LONGEST] for value in values) for values in rows)
    return Preview(tuple(str(field["name"]) for field in fields), cut)


def write_frames(frames: Iterable[pl.DataFrame], fields: Sequence[Mapping[str, Any]], places: Places, texts: frozenset[str]) -> Written:
    """Write frames of text columns `0`, `1`, …, with Parquet where it has a place. `texts`: fields that are texts there.

    Raises `Wide`; all is then to be written anew.
    """
    import polars as pl

    shown: list[Values] = []
    count = 0
    with contextlib.ExitStack() as stack:
        plain, defused = _open(places, fields, stack)
        parquet = stack.enter_context(_Parquet(places.parquet, fields, texts)) if places.parquet else None
        years = [str(number) for number, field in enumerate(fields) if field.get("type") == "year"]
        for some, size in _groups(frames, len(fields)):
            group = some.with_columns(pl.col(years).str.zfill(4)) if years else some
            if not count:
                shown = group.head(SHOWN).rows()
            count += group.height
            _write_csv(group, fields, plain)
            if defused is not None:
                _write_csv(_defused(group, fields), fields, defused)
            if parquet is not None:
                parquet.write(group, size)
    return Written(count, _preview(fields, shown), plain.result, defused.result if defused else None)


def _groups(frames: Iterable[pl.DataFrame], width: int) -> Iterator[tuple[pl.DataFrame, int]]:
    """The rows in groups of one size, which follows from the first rows alone; at least one group, which may be empty."""
    import polars as pl

    held: list[pl.DataFrame] = []
    count = size = 0
    for frame in frames:
        held.append(frame)
        count += frame.height
        if not size and count >= MEASURED:
            size = _size(pl.concat(held))
        while size and count >= size:
            whole = pl.concat(held)
            yield whole.head(size).rechunk(), size
            held = [whole.slice(size)]
            count -= size
    rest = pl.concat(held) if held else pl.DataFrame(schema={str(number): pl.String for number in range(width)})
    if rest.height or not size:
        yield rest.rechunk(), size or _size(rest)


def _size(frame: pl.DataFrame) -> int:
    import polars as pl

    some = frame.head(MEASURED)
    text = sum(some.select(pl.all().str.len_bytes().sum()).row(0)) if some.height else 0
    mean = max(1, text // max(1, some.height) + 4 * some.width)
    return max(LEAST, min(MOST, GROUP_BYTES // mean))


def _write_csv(group: pl.DataFrame, fields: Sequence[Mapping[str, Any]], sink: _Sink) -> None:
    import io

    import polars as pl

    filled = {str(number): word for number, word in enumerate(_words(fields)) if word is not None}
    if filled:
        group = group.with_columns(pl.col(name).fill_null(word) for name, word in filled.items())
    written = io.BytesIO()
    group.write_csv(written, include_header=False)
    sink.write(written.getbuffer())  # type: ignore[arg-type]


def _defused(group: pl.DataFrame, fields: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    import polars as pl

    texts = [str(number) for number, field in enumerate(fields) if str(field.get("type", "string")) not in _NUMBERS]
    changed = [
        pl.when(pl.col(name).str.contains(RISKY)).then(pl.lit("'") + pl.col(name)).otherwise(pl.col(name)).alias(name) for name in texts
    ]
    return group.with_columns(changed)


class _Parquet:
    """A Parquet file that is written beside, group after group; one group waits at most."""

    def __init__(self, path: Path, fields: Sequence[Mapping[str, Any]], texts: frozenset[str]) -> None:
        self._path = path
        self._names = [str(field["name"]) for field in fields]
        self._kinds = [
            "string" if name in texts else str(field.get("type", "string")) for field, name in zip(fields, self._names, strict=True)
        ]
        self._groups: queue.Queue[pl.DataFrame | None] = queue.Queue(1)
        self._pool = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None

    def __enter__(self) -> _Parquet:
        return self

    def write(self, group: pl.DataFrame, size: int) -> None:
        """Write a group; all have `size` rows but the last. Raises `Wide`."""
        typed = self._typed(group)
        if self._running is None:
            self._running = self._pool.submit(self._run, typed.schema, size)
        self._put(typed)

    def _typed(self, group: pl.DataFrame) -> pl.DataFrame:
        columns = enumerate(zip(self._names, self._kinds, strict=True))
        typed = group.select(_cast(str(number), kind).alias(name) for number, (name, kind) in columns)
        before, after = group.null_count().row(0), typed.null_count().row(0)
        wide = frozenset(name for name, known, found in zip(self._names, before, after, strict=True) if found > known)
        if wide:
            raise Wide(wide)
        return typed

    def _put(self, group: pl.DataFrame | None) -> None:
        assert self._running is not None
        while not self._running.done():
            with contextlib.suppress(queue.Full):
                self._groups.put(group, timeout=0.2)
                return

    def _run(self, schema: pl.Schema, size: int) -> None:
        from polars.io.plugins import register_io_source

        def groups(*asked: object) -> Iterator[pl.DataFrame]:
            while (group := self._groups.get()) is not None:
                yield group

        source = register_io_source(groups, schema=dict(schema))
        source.sink_parquet(self._path, row_group_size=size, maintain_order=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._running is not None:
            self._put(None)
        self._pool.shutdown()
        if self._running is not None and error is None:
            self._running.result()


def _cast(name: str, kind: str) -> pl.Expr:
    """A column of canonical texts in the type that Parquet has for a type of Table Schema; nothing where a value does not fit."""
    import polars as pl

    column = pl.col(name)
    if kind == "boolean":
        return column == "true"
    if kind == "number":
        value = column.cast(pl.Float64, strict=False)
        return pl.when(value.is_finite()).then(value)
    if kind in ("integer", "year"):
        return column.cast(pl.Int64 if kind == "integer" else pl.Int32, strict=False)
    if kind == "date":
        return column.str.to_date("%Y-%m-%d", strict=False)
    if kind == "datetime":
        return column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    return column.str.to_time("%H:%M:%S%.f", strict=False) if kind == "time" else column
