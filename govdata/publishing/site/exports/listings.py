"""All entries as one table: `catalog.csv`, and `catalog.parquet` where polars is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from govdata.engines.choice import has_columns
from govdata.expressions import expression
from govdata.graph.literals import clean
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.lines import line, safe
from govdata.publishing.site.exports.naming import address
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Summary

BETWEEN = "|"
"""Between the items of a cell that holds several."""
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


def listing_files(summaries: Sequence[Summary], portal: Portal) -> Iterator[tuple[str, bytes]]:
    """The tables in pieces, in the order of the codes, without what was withdrawn."""
    shown = sorted((item for item in summaries if item.state != "withdrawn"), key=lambda item: item.code)
    defuse = safe if portal.safe_csv else lambda text: text
    yield "catalog.csv", f"{'﻿' if portal.safe_csv else ''}{line(COLUMNS)}".encode()
    for start in range(0, len(shown), AT_ONCE):
        some = shown[start : start + AT_ONCE]
        yield "catalog.csv", "".join(line([defuse(_joined(read(item, portal))) for read in _COLUMNS.values()]) for item in some).encode()
    if has_parquet():
        yield "catalog.parquet", _parquet(shown, portal)


def _day(text: str) -> str:
    return text if _DATE.fullmatch(text) else ""


def has_parquet() -> bool:
    """Whether Parquet can be written here."""
    return has_columns()


def _joined(value: str | tuple[str, ...]) -> str:
    return clean(value if isinstance(value, str) else BETWEEN.join(value))


def _cleaned(value: str | tuple[str, ...]) -> str | list[str]:
    return clean(value) if isinstance(value, str) else [clean(item) for item in value]


def _parquet(shown: Sequence[Summary], portal: Portal) -> bytes:
    import io

    import polars as pl

    columns = {}
    for name, read in _COLUMNS.items():
        cells = [_cleaned(read(item, portal)) for item in shown]
        columns[name] = pl.Series(name, cells, dtype=pl.List(pl.String) if name in _MANY else pl.String)
    frame = pl.DataFrame(columns).with_columns(pl.col("issued", "modified").str.to_date("%Y-%m-%d", strict=False))
    written = io.BytesIO()
    frame.write_parquet(written, row_group_size=100_000)
    return written.getvalue()
