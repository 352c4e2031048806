"""Rows for a shadow table as COPY, inside CKAN: as fast as with the database at hand, with no more rights than the API gives."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import psycopg2
from ckan.plugins import toolkit
from psycopg2 import sql

from govdata import content
from govdata.ckan_plugin.pages import govdata_text

STAGING = "catalog/ckan/staging.sql"
"""Says whether, and how, rows come with their full text, so that the site's trigger need not make it."""
MOST = 64 << 20
"""Characters in one call."""
PIECE = 1 << 18
"""Bytes that psycopg2 gives to PostgreSQL at once."""


def govdata_datastore_copy(context: Any, data_dict: Mapping[str, Any]) -> dict[str, int]:
    """Write lines in PostgreSQL's COPY form into the table of a resource that the caller may edit; gives `{"rows": …}`, those of the block.

    `resource_id`; `columns`: names in the order of the values, `_id` first; `after`: the `_id` of the row before these (0: none);
    `lines`: one a row, numbered on from there. Blocks may come in any order and several at once; one that is sent again because its
    answer was lost is not written twice. The sequence of `_id` is left to the switch.
    """
    order = _order(data_dict)
    toolkit.check_access("govdata_datastore_copy", context, {"resource_id": order["resource_id"]})
    from ckanext.datastore.backend.postgres import get_write_engine

    table = sql.Identifier("public", order["resource_id"])
    after, rows = order["after"], order["lines"].count(b"\n")
    connection = get_write_engine().raw_connection()
    try:
        cursor = connection.cursor()
        # A call whose client has given up may still be writing this block: the next one waits for it.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", (order["resource_id"], after & 0x7FFFFFFF))
        cursor.execute(sql.SQL("SELECT count(*) FROM {} WHERE _id > %s AND _id <= %s").format(table), (after, after + rows))
        there = int(cursor.fetchone()[0])
        if not there:
            _write(cursor, table, order)
        elif there != rows:
            raise toolkit.ValidationError({"after": [govdata_text("copy-order", rows=there)]})
        connection.commit()
    except psycopg2.Error as error:
        connection.rollback()
        what = str(error.diag.message_primary or error).strip()
        raise toolkit.ValidationError({"lines": [govdata_text("copy-refused", what=what)], "code": [str(error.pgcode)]}) from error
    finally:
        connection.close()
    return {"rows": rows}


def _write(cursor: Any, table: sql.Composable, order: Mapping[str, Any]) -> None:
    """The lines into the table, by way of a staging table where the full text can be made faster than the site's trigger does."""
    cursor.execute("SET LOCAL DateStyle = 'ISO, YMD'")
    cursor.execute("SELECT set_config('govdata.shadow', %s, true)", (order["resource_id"],))
    cursor.execute(content.read_text(STAGING))
    cursor.execute("SELECT current_setting('govdata.make'), current_setting('govdata.fill')")
    make, fill = cursor.fetchone()
    into = sql.Identifier("pg_temp", "govdata_staged") if fill else table
    names = sql.SQL(", ").join(map(sql.Identifier, order["columns"]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (ENCODING 'UTF8')").format(into, names)
    # As bytes and in large pieces: psycopg2 would take, and encode, 8 KiB after the other.
    cursor.copy_expert(statement, io.BytesIO(order["lines"]), PIECE)
    if fill:
        cursor.execute(make)
        # Until the end of the transaction; the numbers of blocks are never negative.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), -1)", (order["resource_id"],))
        cursor.execute(fill)


def _order(data: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, the lines as UTF-8; ValidationError where one is missing or of the wrong kind."""
    resource, columns, after, lines = (data.get(name) for name in ("resource_id", "columns", "after", "lines"))
    good = (
        isinstance(resource, str)
        and resource
        and '"' not in resource
        and isinstance(lines, str)
        and 0 < len(lines) <= MOST
        and lines.endswith("\n")
    )
    good = good and isinstance(columns, list) and columns[:1] == ["_id"] and all(isinstance(name, str) for name in columns)
    if not good or isinstance(after, bool) or not isinstance(after, int) or after < 0:
        raise toolkit.ValidationError({"lines": [govdata_text("copy-arguments")]})
    try:
        return {"resource_id": resource, "columns": columns, "after": after, "lines": str(lines).encode()}
    except UnicodeEncodeError as error:  # half of a surrogate pair, which JSON can hold
        raise toolkit.ValidationError({"lines": [govdata_text("copy-arguments")]}) from error
