"""All datasets of a site at a glance: their summaries in the orders and groups that lists, feeds and catalogs want, each found once."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from govdata.publishing.site import facets
from govdata.publishing.site.facets import Group, Kind
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Summary


class Overview:
    """The summaries of a site. A process makes one, and all its work on the site as a whole looks at it."""

    def __init__(self, summaries: Iterable[Summary], portal: Portal) -> None:
        self.summaries = tuple(summaries)
        self.portal = portal

    @functools.cached_property
    def ordered(self) -> tuple[Summary, ...]:
        """Those that stand in lists, newest first."""
        return facets.listed(self.summaries)

    @functools.cached_property
    def by_code(self) -> tuple[Summary, ...]:
        """The same in the order of their codes."""
        return tuple(sorted(self.ordered, key=lambda item: item.code))

    @functools.cached_property
    def groups(self) -> Mapping[Kind, tuple[Group, ...]]:
        """The groups of each kind, in the order in which they are shown."""
        return {kind: facets.groups(self.ordered, kind, self.portal) for kind in facets.KINDS}

    @functools.cached_property
    def departments(self) -> Mapping[str, tuple[tuple[Kind, str, int], ...]]:
        """How many datasets of each department are of each theme and format, by the department's id."""
        return {group.code: tuple(facets.counted(group)) for group in self.groups["publishers"]}
