"""The DataStore: whether it is there, how tables would be loaded, and what earlier loads left behind."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from govdata.diagnosis.answers import Answer
from govdata.diagnosis.subject import Subject
from govdata.errors import SiteError
from govdata.publishing.ckan.publication import way_of
from govdata.publishing.ckan.shadows import find_holding, shadows_in
from govdata.publishing.ckan.state import each
from govdata.publishing.journal import runs_of

TABLES = "_table_metadata"
"""The DataStore's list of its own tables, which every DataStore has."""

LIVE = timedelta(minutes=15)
"""A shadow of our own that was touched since may be one of a run that is under way."""

CONNECT = 10
"""Seconds that the database has to answer."""

JOBS = 4


def datastore(subject: Subject) -> Iterator[Answer]:
    """Whether tables can be kept and read, and how many rows one answer holds: asked of its list of tables, none of which is sent."""
    if not subject.abilities.datastore:
        yield subject.answer("datastore", "lost", "datastore-none")
        return
    try:
        found = subject.site.act("datastore_search", {"resource_id": TABLES, "limit": 10**6, "filters": {"name": ""}})
    except SiteError as error:
        yield subject.answer("datastore", "wrong", "datastore-fails", what=str(error.arguments.get("what", "")))
        return
    yield subject.answer("datastore", "good", "datastore", rows=found.get("limit") if isinstance(found, dict) else None)
    yield from _way(subject)


def _way(subject: Subject) -> Iterator[Answer]:
    """How a table takes the place of another."""
    asked = subject.asked
    way = way_of(subject.abilities, asked.database)
    if asked.target.datastore_url and not asked.database and way != "plugin":
        yield subject.answer("way", "wrong", "way-unset", variable=asked.target.datastore_url)
    elif way == "sql":
        yield _database(subject)
    elif way == "plugin":
        yield subject.answer("way", "good", "way-plugin", way=way)
    else:
        yield subject.answer("way", "lost", "way-api", way=way)


def _database(subject: Subject) -> Answer:
    """Whether the write URL leads to the DataStore of this site, and may make tables there. In a transaction that cannot write."""
    if importlib.util.find_spec("psycopg") is None:
        return subject.answer("way", "wrong", "way-package", package="psycopg")
    import psycopg

    try:
        with psycopg.connect(subject.asked.database, connect_timeout=CONNECT) as connection:
            connection.read_only = True
            row = connection.execute(
                "SELECT current_database(), has_schema_privilege(current_user, 'public', 'CREATE'), "
                "to_regclass('public._table_metadata') IS NOT NULL, to_regproc('public.populate_full_text_trigger') IS NOT NULL"
            ).fetchone()
            name = _some_table(subject)
            there = not name or connection.execute("SELECT to_regclass(%s) IS NOT NULL", (f'public."{name}"',)).fetchone() == (True,)
    except (psycopg.Error, UnicodeError, ValueError) as error:
        # The address may hold a password, and messages of the driver the address: only the kind of error is told.
        return subject.answer("way", "wrong", "way-unreachable", variable=subject.asked.target.datastore_url, what=type(error).__name__)
    database, may_create, listed, trigger = row or ("", False, False, False)
    if not (listed and trigger and there):
        return subject.answer("way", "wrong", "way-elsewhere", variable=subject.asked.target.datastore_url, database=str(database))
    if not may_create:
        return subject.answer("way", "wrong", "way-read-only", variable=subject.asked.target.datastore_url, database=str(database))
    return subject.answer("way", "good", "way-sql", way="sql", database=str(database))


def _some_table(subject: Subject) -> str:
    """A table of the site's DataStore, as the site itself names it; empty where it has none yet."""
    found: Any = subject.site.act("datastore_search", {"resource_id": TABLES, "limit": 50, "fields": ["name", "alias_of"]})
    records = found.get("records", ()) if isinstance(found, dict) else ()
    return next((str(item["name"]) for item in records if not item.get("alias_of") and len(str(item["name"])) == 36), "")


def shadows(subject: Subject) -> Iterator[Answer]:
    """Tables that loads left behind, of the directory's organisations."""
    if not subject.abilities.datastore or subject.user is None:
        return
    asked = subject.asked
    names = sorted(subject.wanted.organisations)
    holdings = each(lambda name: find_holding(subject.site, name), names, JOBS)
    found = [pair for holding in holdings if holding for pair in shadows_in(holding)]
    own = runs_of(asked.settings.root, asked.target.label) if asked.settings.root else frozenset()
    now = subject.site.clock()
    after = timedelta(seconds=asked.target.shadows_after)
    left = [shadow.id for shadow, touched in found if now - touched > (LIVE if shadow.run in own else after)]
    if left:
        yield subject.answer("shadows", "wrong", "shadows-left", count=len(left), resources=left[:20], live=len(found) - len(left))
    elif found:
        yield subject.answer("shadows", "good", "shadows-live", count=len(found))
    else:
        yield subject.answer("shadows", "good", "shadows")
