"""The DataStore's part in a publication: which resources get a table, and the loading, switching and removing of tables."""

from __future__ import annotations

import contextlib
import dataclasses

from govdata.cache import digest_of
from govdata.checks.context import CheckContext
from govdata.errors import PublishError, SiteError
from govdata.messages import error_text, text
from govdata.publishing.ckan.columns import columns_of
from govdata.publishing.ckan.loading import Means, Way, load
from govdata.publishing.ckan.mapping import flat, key_of
from govdata.publishing.ckan.preparing import Prepared
from govdata.publishing.ckan.rows import rows_of
from govdata.publishing.ckan.shadows import Shadow, drop, drop_table, make_shadow, open_holding
from govdata.publishing.ckan.site import Site
from govdata.publishing.ckan.steps import Package
from govdata.publishing.ckan.switching import hand_over, retire, switch
from govdata.publishing.plan import Reason
from govdata.publishing.planning import WantedResource
from govdata.settings import Settings
from govdata.standards import DEFAULT, read_library
from govdata.values import Dataset, Resource


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
    told = [dataclasses.astuple(column) for column in columns]
    read = [resource.format, resource.sheet, resource.encoding, dataclasses.astuple(resource.dialect), resource.schema]
    return digest_of([told, item.sha256, read]), ()


class DataStore:
    """The tables of a site in one run."""

    def __init__(self, site: Site, prepared: Prepared, settings: Settings, database: str, run: str) -> None:
        self._site, self._prepared, self._settings, self._database, self._run = site, prepared, settings, database, run
        self._library = read_library(settings.content)

    def load(self, dataset: Package, resource: str, wanted: WantedResource) -> str:
        """Load the table of a resource and let readers see it; gives the id of the resource that has it now."""
        source = self._prepared.sources[str(flat(dataset)["govdata_code"])]
        declared = next(item for item in source.resources if key_of(item) == wanted.key)
        columns = columns_of(declared.schema)
        means = Means(self._site, self._way(), self._database)
        if means.way == "api" and dataset.get("private"):
            # Nobody sees the dataset yet, so its table needs no shadow and keeps the resource's id.
            self.remove(resource)
            load(
                means, Shadow(resource, str(dataset["id"]), resource, self._run), columns, lambda: rows_of(declared, self._context(source))
            )
            return resource
        shadow = make_shadow(self._site, open_holding(self._site, str(dataset["owner_org"])), resource, self._run)
        try:
            loaded = load(means, shadow, columns, lambda: rows_of(declared, self._context(source)))
            if means.way == "api":
                hand_over(self._site, shadow)
                return shadow.id
            switch(self._site, shadow, columns, loaded, means.way, self._database)
        except BaseException:
            # No litter: what cannot be taken away now is swept by the next run.
            with contextlib.suppress(SiteError):
                drop(self._site, shadow.id)
            raise
        return resource

    def _way(self) -> Way:
        way = self._prepared.plan.target.way
        return "plugin" if way == "plugin" else "sql" if way == "sql" else "api"

    def _context(self, dataset: Dataset) -> CheckContext:
        standard = self._library.standard(self._settings.standard) if self._settings.standard else self._library.standard(DEFAULT)
        return CheckContext(self._settings, standard)

    def retire(self, resource: str) -> None:
        """Take away the table of a resource that a dataset no longer shows."""
        if self._prepared.abilities.datastore:
            retire(self._site, resource)

    def remove(self, resource: str) -> None:
        """Take a resource's table out of the DataStore; nothing where there is none."""
        if self._prepared.abilities.datastore:
            drop_table(self._site, resource)

    def sweep(self, after: int) -> None:
        """Remove the shadows that earlier runs of this journal left, and any that nobody has touched for `after` seconds."""
