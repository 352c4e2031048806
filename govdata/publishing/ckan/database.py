"""The DataStore's own database, with its write URL: the switch from outside, and what its errors mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from govdata import content
from govdata.errors import PublishError, SiteError
from govdata.publishing.ckan.shadows import Shadow
from govdata.publishing.ckan.sums import Loaded

if TYPE_CHECKING:
    import psycopg

SCRIPT = "catalog/ckan/switch.sql"
LOCK_MS, TRIES = 1000, 60
"""How long readers are waited for at once, and how often."""

_GONE = ("08", "53", "57")
"""Classes of SQLSTATE by which a server has no connection, no room or no time, whatever it was asked; no SQLSTATE: no connection."""

_WHY = {"GD001": "shadow", "GD002": "rows", "GD003": "busy", "GD004": "view", "GD005": "depends"}
"""SQLSTATE of the script → end of the message's key."""


def switch_outside(database: str, shadow: Shadow, loaded: Loaded, indexes: Mapping[str, str]) -> str:
    """The switch with the write URL, without CKAN."""
    import psycopg

    settings = {
        "shadow": shadow.id, "live": shadow.live, "rows": str(loaded.rows), "checksum": loaded.checksum,
        "indexes": json.dumps(indexes), "lock_ms": str(LOCK_MS), "tries": str(TRIES),
    }  # fmt: skip
    try:
        with psycopg.connect(database, autocommit=False) as connection:
            for name, value in settings.items():
                connection.execute("SELECT set_config(%s, %s, true)", (f"govdata.{name}", value))
            connection.execute(content.read_text(SCRIPT))
            row = connection.execute("SELECT current_setting('govdata.result')").fetchone()
    except psycopg.Error as error:
        raise refusal(error, shadow.live) from error
    return str(row[0]) if row else ""


def refusal(error: psycopg.Error, resource: str) -> PublishError:
    """What an error of the database means, without the address of the database."""
    import psycopg

    said = error.diag.message_primary or type(error).__name__
    if isinstance(error, psycopg.OperationalError) and (error.sqlstate or _GONE[0])[:2] in _GONE:
        return SiteError("unavailable", unsure=True, url="PostgreSQL", action="DataStore", what=said[:300])
    reason = _WHY.get(error.sqlstate or "")
    if reason is not None:
        return PublishError(f"datastore-switch-{reason}", resource=resource, what=said[:300])
    return refused_rows(said, error.sqlstate or "", resource)


TOO_LARGE, _TOO_LARGE = "54000", "row is too big"
"""What PostgreSQL says of a row that does not fit on one of its pages: the SQLSTATE of a limit, and the words that CKAN passes on."""

_OTHER_LIMITS = {"tsvector": "datastore-text-size", "btree": "datastore-key-size"}
"""Words, the same in every language of the server, by which limits of the same SQLSTATE are known → the message's key."""


def refused_rows(said: str, code: str, resource: str) -> PublishError:
    """Rows that the database does not take. `code`: the SQLSTATE, where it is known."""
    for word, key in _OTHER_LIMITS.items():
        if word in said and (code == TOO_LARGE or not code):
            return PublishError(key, resource=resource)
    if code == TOO_LARGE or _TOO_LARGE in said:
        return PublishError("datastore-row-size", resource=resource)
    return PublishError("datastore-database", resource=resource, what=said[:300])


def refused_inside(error: SiteError, resource: str) -> PublishError:
    """The same of a switch that our plugin made: it tells the SQLSTATE under `code`."""
    code = next(iter(error.fields.get("code") or ()), "")
    reason = _WHY.get(str(code))
    what = str(error.arguments.get("what", ""))
    return error if reason is None else PublishError(f"datastore-switch-{reason}", resource=resource, what=what)
