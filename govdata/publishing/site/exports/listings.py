"""All entries as one table: `catalog.csv`, and `catalog.parquet` where polars is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from govdata.engines.choice import has_columns
from govdata.expressions import expression
from govdata.graph.literals import clean
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.lines import cell, line, safe
from govdata.publishing.site.exports.naming import address
from govdata.publishing.site.exports.runs import Before, runs
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Summary

if TYPE_CHECKING:
    from polars import DataFrame, Series

BETWEEN = "|"
"""Between the items of a cell that holds several."""
UNIT = "\x1f"
"""No text has it, once it is clean."""
WORTH = 100
"""Datasets that follow each other as they did from which it pays to copy them: one cut takes as long as to make some fifty."""
AT_ONCE = 2000
"""Rows of a piece."""

_COLUMNS: dict[str, Callable[[Summary, Portal], str | tuple[str, ...]]] = {
    "code": lambda item, portal: item.code,
    "title": lambda item, portal: item.title,
    "publisher": lambda item, portal: item.publisher.name,
    "publisher_code": lambda item, portal: item.publisher.code,
    "description": lambda item, portal: item.description,
    "keywords": lambda item, portal: item.keywords,
    "themes": lambda item, portal: item.themes,
    "formats": lambda item, portal: item.formats,
    "update_cycle": lambda item, portal: item.cycle,
    "opening": lambda item, portal: item.opening,
    "sharing": lambda item, portal: item.sharing,
    "issued": lambda item, portal: _day(item.issued),
    "modified": lambda item, portal: _day(item.modified),
    "state": lambda item, portal: item.state,
    "fields": lambda item, portal: item.fields,
    "address": lambda item, portal: address(portal, f"{dataset_folder(item.code)}/index.html"),
}
"""Column → what stands in it; codes as codes."""

COLUMNS = tuple(_COLUMNS)
_DATE = expression("[0-9]{4}-[0-9]{2}-[0-9]{2}")

_MANY = frozenset(("keywords", "themes", "formats", "fields"))
"""Columns of several items: lists in Parquet."""


def listing_files(summaries: Sequence[Summary], portal: Portal, before: Before | None = None) -> Iterator[tuple[str, bytes]]:
    """The tables in pieces, in the order of the codes, without what was withdrawn. `before`: the tables as they were."""
    shown = sorted((item for item in summaries if item.state != "withdrawn"), key=lambda item: item.code)
    with_parquet = has_parquet()
    old_lines = _old_lines(before, portal)
    old_frame = _old_frame(before, portal) if with_parquet else None
    is_known = bool(old_lines) and (old_frame is not None or not with_parquet)
    yield "catalog.csv", _head(portal)
    frames = []
    for run in runs(shown, before if is_known else None, WORTH):
        if run.place >= 0:
            yield "catalog.csv", b"".join([text + b"\n" for text in old_lines[run.place + 1 : run.place + 1 + len(run.items)]])
            frames += [old_frame.slice(run.place, len(run.items))] if old_frame is not None else []
            continue
        for start in range(0, len(run.items), AT_ONCE):
            yield "catalog.csv", _lines(run.items[start : start + AT_ONCE], portal)
        frames += [_frame(run.items, portal)] if with_parquet else []
    if with_parquet:
        yield "catalog.parquet", _parquet(frames or [_frame((), portal)])


def get_ready(portal: Portal) -> None:
    """Load what it takes to write the tables."""
    if has_parquet():
        import polars

        del polars


def _head(portal: Portal) -> bytes:
    return f"{'﻿' if portal.safe_csv else ''}{line(COLUMNS)}".encode()


def _lines(items: Sequence[Summary], portal: Portal) -> bytes:
    defuse = safe if portal.safe_csv else lambda text: text
    rows = zip(*([_joined(read(item, portal)) for item in items] for read in _COLUMNS.values()), strict=True)
    return "".join([line(map(defuse, row)) for row in rows]).encode()


def _old_lines(before: Before | None, portal: Portal) -> list[bytes]:
    """The old table's lines, its head first, where each dataset has one; else none."""
    if before is None:
        return []
    try:
        found = (before.site / "catalog.csv").read_bytes().split(b"\n")
    except OSError:
        return []
    defuse = safe if portal.safe_csv else lambda text: text
    firsts = [f"{cell(defuse(clean(code)))},".encode() for code in before.codes]
    # A text with an end of line in it makes them more.
    is_whole = len(found) == len(firsts) + 2 and found[0] + b"\n" == _head(portal) and not found[-1]
    return found if is_whole and all(map(bytes.startswith, found[1:], firsts)) else []


def _old_frame(before: Before | None, portal: Portal) -> DataFrame | None:
    """The old table's rows as columns, where each dataset has one."""
    import polars as pl

    if before is None:
        return None
    try:
        found = pl.read_parquet(before.site / "catalog.parquet")
    except (OSError, pl.exceptions.PolarsError):
        return None
    is_ours = found.schema == _frame((), portal).schema
    return found if is_ours and found["code"].to_list() == list(map(clean, before.codes)) else None


def _day(text: str) -> str:
    return text if _DATE.fullmatch(text) else ""


def has_parquet() -> bool:
    """Whether Parquet can be written here."""
    return has_columns()


def _joined(value: str | tuple[str, ...]) -> str:
    return clean(value) if isinstance(value, str) else BETWEEN.join(map(clean, value))


def _frame(items: Sequence[Summary], portal: Portal) -> DataFrame:
    """Some rows as columns of polars. One column is made after the other, at once: put together from pieces they take twice the memory."""
    import polars as pl

    found = [_series(name, (read(item, portal) for item in items)) for name, read in _COLUMNS.items()]
    return pl.DataFrame(found).with_columns(pl.col("issued", "modified").str.to_date("%Y-%m-%d", strict=False))


def _series(name: str, cells: Iterable[Any]) -> Series:
    """A column: texts, or cells of several. Those are taken over many times faster as one text each, which is cut there.

    Texts are handed over as bytes: else Python would keep the bytes beside each text, as long as there is a summary that has it.
    """
    import polars as pl

    if name not in _MANY:
        return pl.Series(name, [clean(text).encode() for text in cells], pl.Binary).cast(pl.String)
    joined = [UNIT.join(map(clean, items)).encode() if items else None for items in cells]
    texts = pl.Series(name, joined, pl.Binary).cast(pl.String)
    return texts.to_frame().select(pl.col(name).str.split(UNIT).fill_null(pl.lit([], pl.List(pl.String)))).to_series()


def _parquet(frames: Sequence[DataFrame]) -> bytes:
    import io

    import polars as pl

    written = io.BytesIO()
    pl.concat(frames, rechunk=True).write_parquet(written, row_group_size=100_000)
    return written.getvalue()
