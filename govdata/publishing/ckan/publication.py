"""A publication of a directory to a CKAN site from beginning to end: what the command does, for programs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from govdata.classes import dataclass
from govdata.errors import PublishError, SettingsError
from govdata.publishing.ckan.applying import Means, apply
from govdata.publishing.ckan.preparing import Asked, Prepared, prepare
from govdata.publishing.ckan.site import Limits, Site
from govdata.publishing.ckan.state import Abilities, Remembered, abilities, knows_token, read_state
from govdata.publishing.ckan.steps import Hand
from govdata.publishing.ckan.tables import DataStore, table_of
from govdata.publishing.fitting import refuse_unfit
from govdata.publishing.journal import Journal, left_open, open_journal, own_moments, runs_of
from govdata.publishing.outcome import Outcome
from govdata.publishing.plan import Plan
from govdata.publishing.planning import State
from govdata.publishing.selection import directory_at, required_id, select
from govdata.runs import Progress
from govdata.settings import Settings
from govdata.targets import CkanTarget

KEYRING = "govdata"
"""The service under which a keyring holds tokens; the user is the target's name."""


@dataclass(slots=True)
class Publication:
    """One run. `plan` comes first; `apply` does what it says."""

    path: Path
    settings: Settings
    target: CkanTarget
    asked: Asked
    site: Site
    database: str
    """The write URL of the DataStore's PostgreSQL; empty: none."""
    journal: Journal | None
    """Only of a run that may write."""
    _prepared: Prepared | None = None

    @property
    def root(self) -> Path:
        """The directory's folder."""
        assert self.settings.root is not None
        return self.settings.root

    def plan(self, progress: Progress | None = None) -> Plan:
        """Check the directory, ask the gate, read the site, and say what is to be done."""
        with ThreadPoolExecutor(1) as pool:
            # The site answers while the files are checked: what changes there meanwhile is seen when it is written to.
            reading = pool.submit(self._read)
            selection = select(self.path, self.settings, self.target.zone, progress)
            able, state = reading.result()
        way = way_of(able, self.database)
        more = (able, state, way, lambda dataset, resource, item: table_of(resource, item, self.settings.language))
        self._prepared = prepare(self.site, selection, self.settings, self.target, self.asked, more)
        return self._prepared.plan

    def _read(self) -> tuple[Abilities, State]:
        """What the site can do, and what it holds."""
        label = self.target.label
        waiting = self.journal.left_open if self.journal is not None else left_open(self.root, label)
        doubtful = frozenset(str(record[key]) for record in waiting for key in ("id", "name") if record.get(key))
        remembered = Remembered(doubtful, frozenset(own_moments(self.root, label)))
        able = abilities(self.site)
        if not knows_token(self.site):
            raise PublishError("token-unknown", variable=self.target.token, target=label)
        return able, read_state(self.site, self.settings.directory, able, remembered, self.asked.jobs)

    @property
    def is_unsettled(self) -> bool:
        """Earlier runs began what they did not end: an empty plan is to be carried out too, to clear up after them."""
        return self.journal is not None and bool(self.journal.left_open)

    def refuse_unfit(self, saved: Plan, file: str) -> None:
        """Raise `PublishError` where a saved plan is not what would be done now."""
        assert self._prepared is not None
        refuse_unfit(saved, self._prepared.plan, own_moments(self.root, self.target.label), file)

    def apply(self, progress: Callable[[int, str], None] = lambda number, name: None) -> Outcome:
        """Carry out the plan that was made last."""
        assert self._prepared is not None
        assert self.journal is not None
        prepared = self._prepared
        tables = DataStore(self.site, prepared, self.settings, self.database, self.journal.run)
        tables.sweep(self.target.shadows_after, runs_of(self.root, self.target.label), self.is_unsettled)
        today = datetime.now(UTC).date().isoformat()
        able = prepared.abilities
        means = Means(Hand(self.site, self.journal), tables, prepared.wanted, today, self.settings.language, able.form, able.activity)
        return apply(prepared.plan, means, self.asked.jobs, progress)


def way_of(able: Abilities, database: str) -> str:
    """How tables are loaded: `plugin`, `sql`, `api`; empty where the site has no DataStore."""
    if not able.datastore:
        return ""
    return "plugin" if able.switch else "sql" if database else "api"


def named_target(named: str, path: Path, language: str) -> tuple[Path, Settings, CkanTarget]:
    """The directory at a path, its settings, and its target `ckan:NAME`. `ReadError`, `SettingsError` where there is none."""
    root, settings = directory_at(path, language)
    target = settings.target(named)
    if not isinstance(target, CkanTarget):
        raise SettingsError("target-kind", target=named)
    return root, settings, target


@contextlib.contextmanager
def open_publication(named: str, path: Path, language: str, asked: Asked, writes: bool) -> Iterator[Publication]:
    """A run for a target like `ckan:open`. `writes`: it may change the site, so it holds the journal and no other run may.

    Raises `SettingsError` where the target or the directory's id is not in `govdata.toml`, `PublishError` without a token.
    """
    root, settings, target = named_target(named, path, language)
    required_id(root, settings)
    token = token_of(target, os.environ)
    with contextlib.ExitStack() as stack:
        site = stack.enter_context(open_site(target, token))
        journal = stack.enter_context(open_journal(root, target.label)) if writes else None
        database = os.environ.get(target.datastore_url, "") if target.datastore_url else ""
        yield Publication(path, settings, target, asked, site, database, journal)


def open_site(target: CkanTarget, token: str, limits: Limits | None = None) -> Site:
    """The client of a target; `EngineError` where the package for it is not installed."""
    import importlib.util

    if importlib.util.find_spec("httpx") is None:
        raise PublishError("publish-missing", package="httpx", extra="ckan")
    return Site(target.url, token, allow_http=target.allow_http, limits=limits or Limits())


def token_of(target: CkanTarget, environ: Mapping[str, str]) -> str:
    """The token from the environment, else from the keyring; `PublishError` where there is none."""
    token = environ.get(target.token, "").strip() or _from_keyring(target.name)
    if not token:
        raise PublishError("token-missing", variable=target.token, target=target.label)
    return token


def _from_keyring(name: str) -> str:
    import importlib.util

    if importlib.util.find_spec("keyring") is None:
        return ""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(KEYRING, name) or ""
    except KeyringError:
        return ""
