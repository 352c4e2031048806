"""COPY into a DataStore table through CKAN: blocks of lines from a publisher that has no address of the database."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import psycopg2
from ckan.plugins import toolkit
from psycopg2 import sql

from govdata.ckan_plugin.pages import govdata_text

CLASSES_OF_DATA = ("22", "23", "54")
"""Classes of SQLSTATE that are about the rows: data, constraints, limits."""


def govdata_datastore_copy(context: Any, data_dict: Mapping[str, Any]) -> dict[str, Any]:
    """Add a block of rows to the table of a resource that the caller may edit. Sent twice, it is written once.

    `resource_id`; `columns`: names, `_id` first; `lines`: PostgreSQL's text COPY; `after`: the highest `_id` that the table holds before.
    Gives `{"result": "written" | "already"}`; a ValidationError with the SQLSTATE
    under `code` where a row is refused: then none is written.
    """
    toolkit.check_access("govdata_datastore_copy", context, {"resource_id": data_dict.get("resource_id")})
    resource, columns, lines = data_dict.get("resource_id"), data_dict.get("columns"), data_dict.get("lines")
    after = data_dict.get("after")
    good = isinstance(columns, list) and all(isinstance(name, str) for name in columns) and columns[:1] == ["_id"]
    if not good or not isinstance(lines, str) or not lines.endswith("\n") or not isinstance(after, int):
        raise toolkit.ValidationError({"columns": [govdata_text("copy-arguments")]})
    from ckanext.datastore.backend.postgres import get_write_engine

    connection = get_write_engine().raw_connection()
    try:
        result = _copy(connection.cursor(), sql.Identifier("public", str(resource)), columns or [], lines, after)
        connection.commit()
    except psycopg2.Error as error:
        connection.rollback()
        if str(error.pgcode or "")[:2] not in CLASSES_OF_DATA:
            raise
        what = str(error.diag.message_primary or "")
        raise toolkit.ValidationError({"rows": [what], "code": [str(error.pgcode)]}) from error
    finally:
        connection.close()
    return {"result": result}


def _copy(cursor: Any, table: sql.Identifier, columns: list[str], lines: str, after: int) -> str:
    # One block after the other: a block that is sent again while it is still being written waits, and is then found there.
    cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(table))
    cursor.execute(sql.SQL('SELECT coalesce(max("_id"), 0) FROM {}').format(table))
    there = cursor.fetchone()[0]
    if there == after + lines.count("\n"):
        return "already"
    if there != after:
        raise toolkit.ValidationError({"after": [govdata_text("copy-out-of-order")]})
    cursor.execute("SET LOCAL DateStyle = 'ISO, YMD'")
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.copy_expert(sql.SQL("COPY {} ({}) FROM STDIN").format(table, names), io.BytesIO(lines.encode()))
    return "written"
