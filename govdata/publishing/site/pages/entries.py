"""Datasets as lists show them."""

from __future__ import annotations

from markupsafe import Markup

from govdata.publishing.site import facets
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.pages.frame import Page
from govdata.publishing.site.records import Summary

TEMPLATE = "entry.html"

KEPT = 8192
"""Items that are kept for further pages: a dataset stands in a dozen lists, of the newest ones' pages some are made at about one time."""

DATASETS = "datasets/"


class Entry:
    """A dataset in a list, its texts ready to be shown."""

    __slots__ = ("_page", "_place", "_summary")

    def __init__(self, summary: Summary, page: Page, place: str) -> None:
        self._summary = summary
        self._page = page
        self._place = place

    @property
    def title(self) -> Markup:
        """Its title."""
        return self._page.name(self._summary.title, 160)

    @property
    def href(self) -> str:
        """The address of its page."""
        return self._page.own(f"{dataset_folder(self._summary.code)}/index.html")

    @property
    def description(self) -> Markup:
        """The beginning of its description."""
        return self._page.said(self._summary.description, 140)

    @property
    def publisher(self) -> Markup:
        """The department."""
        return self._page.said(self._page.provider(self._summary.publisher), 60)

    @property
    def date(self) -> Markup:
        """When it last changed."""
        return self._page.time(facets.day(self._summary))

    @property
    def formats(self) -> tuple[Markup, ...]:
        """The formats of its files."""
        return tuple([self._page.said(name, 20) for name in self._summary.formats])

    @property
    def opening(self) -> Markup:
        """How it is opened."""
        return self._page.setting.group("opening", self._summary.opening)

    @property
    def held(self) -> bool:
        """Whether it is shown as it was published."""
        return self._summary.state == "held"

    def item(self, level: str = "h2") -> Markup:
        """It as an item of a list, its title a heading of this level: what `entry.html` gives."""
        setting = self._page.setting
        key = (self._summary, self._place, level)
        found = setting.items.get(key)
        if found is None:
            if len(setting.items) >= KEPT:
                setting.items.clear()
            page = Page(setting, self._place, "")
            variables = {"page": page, "entry": Entry(self._summary, page, self._place), "level": level}
            found = setting.items[key] = Markup(setting.fill(TEMPLATE, variables))
        return found


def entries(summaries: tuple[Summary, ...], page: Page) -> tuple[Entry, ...]:
    """Datasets on a page."""
    place = _alike(page.path)
    return tuple([Entry(summary, page, place) for summary in summaries])


def _alike(path: str) -> str:
    """A place from which all addresses of datasets are the same as from this one."""
    start = DATASETS if path.startswith(DATASETS) else ""
    return start + "_/" * path.count("/", len(start)) + "_"
