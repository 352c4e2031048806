"""All pages that are not of one dataset: home, lists, reference pages, and what the site says of itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from govdata.classes import dataclass
from govdata.content import compiled
from govdata.publishing.site import facets
from govdata.publishing.site.facets import Group, Kind
from govdata.publishing.site.overview import Overview
from govdata.publishing.site.pages import assets, codelists, lists, references
from govdata.publishing.site.pages.datasets import contact
from govdata.publishing.site.pages.entries import entries
from govdata.publishing.site.pages.frame import Link, Page, Setting, render, rooted, settings
from govdata.publishing.site.pages.json import block
from govdata.publishing.site.pages.lists import Part
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Summary

FACETS: Mapping[str, Kind] = {
    "theme": "themes", "department": "publishers", "format": "formats", "cycle": "cycles", "opening": "opening", "year": "years",
}  # fmt: skip
"""What the search can be narrowed down by: the name that its script knows → kind of group."""

NEWEST = 8
"""Datasets that the home page shows."""
DEPARTMENTS = 24
"""Departments that the home page shows; those with the most datasets."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number on the home page."""

    name: str
    number: str
    href: str


def site_pages(summaries: Sequence[Summary], portal: Portal) -> Iterator[tuple[str, bytes]]:
    """All pages that are not of one dataset, and what they use, each with its place on the site."""
    for part in site_parts(summaries, portal):
        yield part.path, part.make()


def site_parts(summaries: Sequence[Summary], portal: Portal) -> Iterator[Part]:
    """The same, each not made until it is asked for: one whose `key` is that of the last build need not be made again."""
    overview = Overview(summaries, portal)
    yield from same_parts(portal)
    yield from codelists.code_pages(settings(portal))
    yield from fixed_parts(overview)
    yield from list_parts(overview, lists.cuts(overview))


def same_parts(portal: Portal) -> Iterator[Part]:
    """What is the same whatever datasets there are, but for the code lists: what pages use, standards and rules."""
    yield from assets.assets(portal)
    for setting in settings(portal):
        yield from references.standard_pages(setting)


def fixed_parts(overview: Overview) -> Iterator[Part]:
    """The pages that every site has, and the lists of its groups."""
    for setting in settings(overview.portal):
        yield from _fixed(setting, overview.ordered, overview.groups)
        for kind, found in overview.groups.items():
            yield from lists.kind_index(kind, found, setting)


def list_parts(overview: Overview, cuts: Sequence[lists.Cut]) -> Iterator[Part]:
    """Pages of lists in every language."""
    return (lists.list_page(cut, overview, setting) for cut in cuts for setting in settings(overview.portal))


def _fixed(setting: Setting, ordered: tuple[Summary, ...], grouped: Mapping[Kind, tuple[Group, ...]]) -> Iterator[Part]:
    def part(path: str, make: Callable[..., bytes], *args: Any) -> Part:
        return Part(setting.root + path, "", functools.partial(make, setting, *args))

    yield part("index.html", _home, len(ordered), ordered[:NEWEST], grouped)
    yield part("search.html", _search, grouped)
    yield part("about.html", _about, len(ordered))
    yield part("accessibility.html", _accessibility)
    yield part("404.html", _not_found)


def _home(setting: Setting, total: int, newest: tuple[Summary, ...], grouped: Mapping[Kind, tuple[Group, ...]]) -> bytes:
    page = Page(setting, "index.html", "", setting.portal.description.text(setting.language), "home", feed=".")
    departments = sorted(grouped["publishers"], key=lambda group: -len(group.members))[:DEPARTMENTS]
    variables = {
        "total": total,
        "counts": (
            _count(page, "datasets", total),
            *(_count(page, kind, len(grouped[kind])) for kind in ("publishers", "themes", "formats") if grouped[kind]),
        ),
        "newest": entries(newest, page),
        "themes": tuple(_counted(group, page) for group in grouped["themes"]),
        "departments": tuple(_counted(group, page) for group in departments),
        "more_departments": len(grouped["publishers"]) - len(departments),
        "ways": tuple(Link(page.word(kind), page.own(f"{kind}/index.html")) for kind in facets.KINDS[2:]),
    }
    return render(page, "home.html", variables)


def _count(page: Page, kind: str, number: int) -> Count:
    return Count(page.word(f"count-{kind}{'-one' if number == 1 else ''}"), f"{number:,}", page.own(f"{kind}/index.html"))


def _counted(group: Group, page: Page) -> Link:
    return Link(group.label.text(page.language), page.own(f"{group.folder}/index.html"), f"{len(group.members):,}")


def _search(setting: Setting, grouped: Mapping[Kind, tuple[Group, ...]]) -> bytes:
    page = Page(setting, "search.html", setting.words.word("search"), section="search", indexed=False)
    ways = tuple(Link(page.word(kind), page.own(f"{kind}/index.html")) for kind in facets.KINDS)
    # Its script finds its own words here; they are those of the part of the site that searches.
    words = {key: page.label(text) for key, text in compiled("messages").get("search.yaml", {}).items()}
    themes = tuple(_counted(group, page) for group in grouped["themes"])
    variables = {"ways": ways, "themes": themes, "words": block(words) if words else "", "facets": tuple(FACETS.items())}
    return render(page, "search.html", variables)


def _about(setting: Setting, total: int) -> bytes:
    page = Page(setting, "about.html", setting.words.word("about"), section="about")
    programs = tuple(
        Link(path, page.to(path), page.word(f"program-{name}"))
        for name, path in assets.PROGRAMS.items()
        if path != assets.SITEMAP or setting.portal.url
    )
    correction = setting.portal.correction
    variables = {
        "total": total,
        "moment": setting.portal.moment.date().isoformat(),
        "contact": contact(setting.portal.contact, page),
        "correction": contact({key: correction[key] for key in ("phone", "email") if key in correction}, page),
        "programs": programs,
    }
    return render(page, "about.html", variables)


def _accessibility(setting: Setting) -> bytes:
    page = Page(setting, "accessibility.html", setting.words.word("accessibility"), section="about")
    return render(page, "accessibility.html", {"contact": contact(setting.portal.contact, page)})


def _not_found(setting: Setting) -> bytes:
    title = setting.words.word("not-found")
    page = Page(setting, "404.html", title, section="", indexed=False, rooted=rooted(setting.portal.url))
    return render(page, "not-found.html", {"ways": tuple(Link(page.word(kind), page.own(f"{kind}/index.html")) for kind in facets.KINDS)})
