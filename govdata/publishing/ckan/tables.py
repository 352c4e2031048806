"""The DataStore's part in a publication: which resources get a table, and the loading, switching and removing of tables."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from govdata.cache import digest_of
from govdata.checks.context import CheckContext
from govdata.classes import asdict
from govdata.errors import GovdataError, PublishError, SiteError
from govdata.messages import error_text, text
from govdata.publishing.ckan.columns import Column, columns_of
from govdata.publishing.ckan.loading import Means, Rows, Way, load
from govdata.publishing.ckan.mapping import flat
from govdata.publishing.ckan.preparing import Prepared
from govdata.publishing.ckan.shadows import (
    Shadow,
    drop,
    drop_table,
    has_table,
    holding_name,
    holdings,
    make_shadow,
    open_holding,
    remove_table,
    retire,
    sweep,
)
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.steps import Package, organisation_of
from govdata.publishing.ckan.switching import hand_over, switch
from govdata.publishing.frames import frames_of, pays, quick_rows_of
from govdata.publishing.identity import keyed
from govdata.publishing.plan import WRITES, Reason
from govdata.publishing.planning import WantedResource
from govdata.publishing.rows import Values
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.values import Resource


def table_of(resource: Resource, item: WantedResource, language: str) -> tuple[str, tuple[Reason, ...]]:
    """A digest of all that the table of a resource follows from; empty, with the reason, where it can have none.

    It needs no row: what was checked of the file stands in its own digest.
    """
    if not resource.schema or not resource.schema.get("fields"):
        return "", ()
    try:
        columns = columns_of(resource.schema)
    except PublishError as error:
        args = {"key": item.key, "what": error_text(error, language)}
        return "", (Reason(f"publish/{error.key}", text("publish.table-left-out", language, args)),)
    told = [tuple(asdict(column).values()) for column in columns]
    read = [resource.format, resource.sheet, resource.encoding, tuple(asdict(resource.dialect).values()), resource.schema]
    return digest_of([told, item.sha256, read]), ()


class DataStore:
    """The tables of a site in one run."""

    def __init__(self, site: Site, prepared: Prepared, settings: Settings, database: str, run: str) -> None:
        self._site, self._prepared, self._settings, self._database, self._run = site, prepared, settings, database, run
        self._library = read_library(settings.content)

    def load(self, dataset: Package, resource: str, wanted: WantedResource) -> str:
        """Load a resource's table; gives the resource's id, or that of a shadow that has to be handed over."""
        source = self._prepared.sources[str(flat(dataset)["govdata_code"])]
        declared = keyed(source.dataset)[wanted.key]
        try:
            return self._loaded(dataset, resource, source.report.standard, declared, wanted.sha256)
        except PublishError as error:
            if error.arguments.get("resource") == resource:
                # People know the file, not the number that the site has for it.
                error.arguments["resource"] = wanted.key
            raise
        except OSError as error:
            raise PublishError("file-moved", file=wanted.key, what=error.strerror or str(error)) from error

    def _loaded(self, dataset: Package, resource: str, standard: str, declared: Resource, sha256: str) -> str:
        context = CheckContext(self._settings, self._library.standard(standard))

        def rows() -> Iterator[Values]:
            return quick_rows_of(declared, context, sha256)

        columns = columns_of(declared.schema or {})
        means = Means(self._site, self._way(), self._database)
        if means.way == "api" and not has_table(self._site, resource):
            return self._load_unseen(dataset, resource, means, columns, rows)
        shadow = make_shadow(self._site, open_holding(self._site, organisation_of(dataset)), resource, self._run)
        with self._without_litter(shadow):
            frames = (lambda: frames_of(declared, context, sha256, ahead=0)) if pays(declared) else None
            loaded = load(means, shadow, columns, rows, frames=frames)
            if means.way == "api":
                return shadow.id
            switch(self._site, shadow, columns, loaded, means.way, self._database)
        return resource

    def _load_unseen(self, dataset: Package, resource: str, means: Means, columns: Sequence[Column], rows: Rows) -> str:
        """A first table where CKAN cannot switch: in a dataset that nobody sees yet it needs no shadow, and the resource keeps its id."""
        if not dataset.get("private"):
            shadow = make_shadow(self._site, open_holding(self._site, organisation_of(dataset)), resource, self._run)
        else:
            shadow = Shadow(resource, str(dataset["id"]), resource, self._run)
        with self._without_litter(shadow):
            load(means, shadow, columns, rows)
        return shadow.id

    @contextlib.contextmanager
    def _without_litter(self, shadow: Shadow) -> Iterator[None]:
        """Drop a shadow whose load failed; what cannot be taken away now is swept by the next run."""
        try:
            yield
        except (GovdataError, OSError, KeyboardInterrupt):
            with contextlib.suppress(SiteError):
                if shadow.id == shadow.live:
                    drop_table(self._site, shadow.id)
                else:
                    drop(self._site, shadow)
            raise

    def _way(self) -> Way:
        way = self._prepared.plan.target.way
        return "plugin" if way == "plugin" else "sql" if way == "sql" else "api"

    def hand_over(self, dataset: Package, shadow: str) -> None:
        """Let go of a shadow, so that a resource of its id can be in a dataset."""
        holding = open_holding(self._site, organisation_of(dataset))
        hand_over(self._site, Shadow(shadow, holding, "", self._run))

    def retire(self, organisation: str, resource: str) -> None:
        """Take away the table of a resource that no dataset shows."""
        if not self._prepared.abilities.datastore:
            return
        try:
            retire(self._site, open_holding(self._site, organisation), resource)
        except SiteError as error:
            # An organisation that is gone has no holding dataset; often the table went with it.
            if error.kind != "invalid" or has_table(self._site, resource):
                raise

    def remove(self, resource: str) -> None:
        """Take a resource's table out of the DataStore; nothing where there is none."""
        if self._prepared.abilities.datastore:
            remove_table(self._site, resource)

    def sweep(self, after: int, runs: Collection[str], broken: bool) -> tuple[str, ...]:
        """Remove the shadows of these runs of ours, and any that nobody has touched for `after` seconds; gives their ids.

        Those that the index knows are looked through, and those of organisations that are written to now. After a run of ours that was
        `broken` off it is not the index that is believed: those of all our organisations.
        """
        if not self._prepared.abilities.datastore:
            return ()
        changes = [change for change in self._prepared.plan.changes if change.organisation and change.seen]
        ours = {holding_name(change.organisation) for change in changes if broken or change.action in WRITES}
        # Of a clock that runs ahead, the site's or ours, no live shadow dies.
        now = min(self._site.clock(), datetime.now(UTC))
        names = sorted(ours | holdings(self._site))
        return tuple(number for name in names for number in sweep(self._site, name, runs=runs, now=now, after=after))
