"""Keys of schemas, resources and dialects that are likely misspelt. Keys of one's own are allowed there; these were meant for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govdata.values import Skipped

_ALIKE = 0.83
"""Of 1: from here on a key is taken for a misspelt one."""
_SCHEMA = ("fields", "primaryKey", "uniqueKeys", "foreignKeys", "missingValues", "fieldsMatch")
_FIELD = (
    *("name", "type", "format", "constraints", "missingValues", "categories", "semantic", "codes"),
    *("bareNumber", "decimalChar", "groupChar", "trueValues", "falseValues", "delimiter", "itemType"),
)
_RESOURCE = ("path", "data", "schema", "dialect", "encoding", "format", "hash", "bytes")
_FOREIGN_KEY = ("fields", "reference")
_REFERENCE = ("resource", "fields")
_DIALECT = (
    *("delimiter", "quoteChar", "doubleQuote", "escapeChar", "skipInitialSpace", "commentChar", "header", "headerRows", "headerJoin"),
    *("sheetName", "sheetNumber", "table"),
)
_OTHERS = frozenset(("title", "titles", "name", "names", "label", "labels", "header", "headers", "path", "table", "bytes"))
"""Words of their own that look like a key, or are one elsewhere."""


def of_schema(file: str, schema: Mapping[str, Any]) -> Iterator[Skipped]:
    """What of a Table Schema was not used since its key is misspelt."""
    yield from _misspelt(file, schema, _SCHEMA)
    for field in _mappings(schema.get("fields")):
        yield from _misspelt(file, field, _FIELD)
    for key in _mappings(schema.get("foreignKeys")):
        yield from _misspelt(file, key, _FOREIGN_KEY)
        for reference in _mappings([key.get("reference")]):
            yield from _misspelt(file, reference, _REFERENCE)


def _mappings(declared: Any) -> Iterator[Mapping[str, Any]]:
    yield from (each for each in declared if isinstance(each, Mapping)) if isinstance(declared, list) else ()


def of_resource(file: str, declared: Mapping[str, Any], dialect: Mapping[str, Any]) -> Iterator[Skipped]:
    """The same of a resource of a package, and of its dialect."""
    yield from _misspelt(file, declared, _RESOURCE)
    yield from _misspelt(file, dialect, _DIALECT)


def _misspelt(file: str, declared: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Skipped]:
    folded = {name.casefold(): name for name in known}
    for key in declared:
        plain = str(key).casefold()
        if key in known or (plain in _OTHERS and plain not in folded):
            continue
        import difflib

        for near in difflib.get_close_matches(plain, folded, n=1, cutoff=_ALIKE):
            if folded[near] not in declared:
                yield Skipped(file, "key-misspelt", {"key": str(key), "close": folded[near]})
