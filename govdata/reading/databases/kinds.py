"""What a database says a column holds, in a few families that matter to a Table Schema."""

from __future__ import annotations

import re

PARQUET = frozenset(("parquet", "pq"))
DUCKDB = frozenset(("duckdb", "ddb"))
SQLITE = frozenset(("sqlite", "sqlite3", "db3"))
FORMATS = PARQUET | DUCKDB | SQLITE | {"db"}
"""Formats of databases, by the ending of a file's name; `db` may be either."""

DYNAMIC = "dynamic"
"""SQLite: a column's type is a wish, each cell has its own."""

_FAMILIES = {
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"
    ),
    **dict.fromkeys(("FLOAT", "DOUBLE"), "double"),
    **dict.fromkeys(("VARCHAR", "JSON"), "text"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "timestamp"),
    "DECIMAL": "decimal",
    "BOOLEAN": "boolean",
    "DATE": "date",
    **dict.fromkeys(("TIME", "TIME_NS"), "time"),
    "TIME WITH TIME ZONE": "time-zone",
    **dict.fromkeys(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"), "timestamp-zone"),
    "ENUM": "enum",
    "UUID": "uuid",
    "INTERVAL": "interval",
    "BLOB": "blob",
    "BIT": "bit",
    "STRUCT": "struct",
    "MAP": "struct",
    '"NULL"': "null",
}

AS_TEXT = frozenset(("enum", "uuid", "interval", "bit", "other"))
"""Families whose cells are taken in the database's own written form."""


def family_of(declared: str) -> str:
    """The family of a type as DuckDB writes it: `DECIMAL(18,3)` → decimal, `INTEGER[]` → list; `other` where none is known."""
    if re.search(r"\[[0-9]*\]$", declared):
        return "list"
    return _FAMILIES.get(declared.partition("(")[0].strip(), "other")
