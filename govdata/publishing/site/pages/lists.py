"""Lists of datasets, cut into pages, and the lists of the groups themselves: themes, departments, tags."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from markupsafe import Markup

from govdata.classes import dataclass
from govdata.publishing.site import facets
from govdata.publishing.site.facets import Group
from govdata.publishing.site.overview import Overview
from govdata.publishing.site.pages.datasets import Fact
from govdata.publishing.site.pages.entries import entries
from govdata.publishing.site.pages.frame import Link, Page, Setting, render
from govdata.publishing.site.records import Summary

PER_PAGE = 50
"""Datasets on a page of a list."""
GROUPS_PER_PAGE = 600
"""Groups on a page of their list: only tags are so many."""
DIGEST = 16


@dataclass(frozen=True, slots=True)
class Part:
    """A page that is not made yet."""

    path: str
    key: str
    """A digest of all that is on it, apart from the portal: with the same portal and the same key it is the same. Empty: not known."""
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Pager:
    """The way to the other pages of a list."""

    number: int
    last: int
    previous: str
    """Address; empty on the first page."""
    next: str
    pages: tuple[tuple[int, str], ...]
    """Numbers and addresses; a number 0 is a gap."""


def pager(page: Page, folder: str, number: int, last: int) -> Pager:
    """The first, the last and the pages around this one."""
    wanted = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    found: list[tuple[int, str]] = []
    for at, each in enumerate(wanted):
        if at and each - wanted[at - 1] > 1:
            found.append((0, ""))
        found.append((each, page.own(facets.page(folder, each))))
    before = page.own(facets.page(folder, number - 1)) if number > 1 else ""
    after = page.own(facets.page(folder, number + 1)) if number < last else ""
    return Pager(number, last, before, after, tuple(found))


class Cut(NamedTuple):
    """The datasets of one page of a list, in no language yet."""

    group: Group | None
    """Whose list it is; none: that of all datasets."""
    number: int
    members: tuple[Summary, ...]
    total: int
    """Of the whole list."""

    @property
    def newest(self) -> str:
        """The date of its first dataset."""
        return facets.day(self.members[0]) if self.members else ""


@functools.lru_cache(maxsize=1)
def cuts(overview: Overview) -> list[Cut]:
    """The pages of all lists, those with the newest datasets first: what stands beside each other shows mostly the same ones."""
    found = [Cut(None, *page, len(overview.ordered)) for page in _cut(overview.ordered)]
    for groups in overview.groups.values():
        found += [Cut(group, *page, len(group.members)) for group in groups for page in _cut(group.members)]
    return sorted(found, key=lambda cut: cut.newest, reverse=True)


def list_page(cut: Cut, overview: Overview, setting: Setting) -> Part:
    """A page of a list in one language."""
    group, number, members, total = cut
    if group is None:
        return _part(
            setting.root + facets.page("datasets", number), members, total, functools.partial(_whole, number, members, total, setting)
        )
    facts = overview.departments[group.code] if group.kind == "publishers" else ()
    said = blake2b(repr((group.label, facts)).encode("utf-8", "surrogatepass"), digest_size=DIGEST).hexdigest()
    make = functools.partial(_grouped, group, number, members, total, facts, setting)
    return _part(setting.root + facets.page(group.folder, number), members, total, make, said)


def _whole(number: int, members: tuple[Summary, ...], total: int, setting: Setting) -> bytes:
    title = setting.words.word("all-datasets")
    page = Page(setting, facets.page("datasets", number), title, section="datasets", feed="." if number == 1 else "")
    return _list(page, number, members, total)


def _grouped(
    group: Group, number: int, members: tuple[Summary, ...], total: int, facts: Sequence[tuple[facets.Kind, str, int]], setting: Setting
) -> bytes:
    title = group.label.text(setting.language)
    folder = group.folder
    page = Page(setting, facets.page(folder, number), title, section=group.kind, feed=folder if number == 1 else "")
    return _list(page, number, members, total, group, _department(group, facts, page) if number == 1 else ())


def _department(group: Group, counted: Sequence[tuple[facets.Kind, str, int]], page: Page) -> tuple[Fact, ...]:
    if group.kind != "publishers":
        return ()
    found = [Fact(page.texts["department-code"], (page.said(group.label.code),))] if group.label.code else []
    for kind in ("themes", "formats"):
        values = tuple(_amount(kind, code, count, page) for each, code, count in counted if each == kind)
        if values:
            found.append(Fact(page.texts[kind], values))
    return tuple(found)


def _amount(kind: facets.Kind, code: str, count: int, page: Page) -> Markup:
    link = page.anchor(page.label(facets.label(kind, code, page.setting.portal)), page.own(f"{facets.folder(kind, code)}/index.html"))
    return Markup(f'{link} <span class="amount">{count:,}</span>')


def _list(
    page: Page, number: int, members: tuple[Summary, ...], total: int, group: Group | None = None, facts: Sequence[Fact] = ()
) -> bytes:
    folder = group.folder if group else "datasets"
    last = -(-total // PER_PAGE) or 1
    crumbs = (page.anchor(page.texts[group.kind], page.own(f"{group.kind}/index.html")),) if group else ()
    variables = {
        "group": group,
        "heading": page.title,
        "total": total,
        "crumbs": crumbs,
        "facts": facts,
        "entries": entries(members, page),
        "pager": pager(page, folder, number, last),
    }
    return render(page, "list.html", variables)


def _cut(members: Sequence[Summary]) -> Iterator[tuple[int, tuple[Summary, ...]]]:
    """Pages of datasets; the first even where there are none."""
    for number, start in enumerate(range(0, len(members) or 1, PER_PAGE), 1):
        yield number, tuple(members[start : start + PER_PAGE])


def _part(path: str, members: tuple[Summary, ...], total: int, make: Callable[[], bytes], said: str = "") -> Part:
    found = blake2b(f"{path}|{total}|{said}".encode(), digest_size=DIGEST)
    found.update("".join([f"|{summary.code}|{summary.key}" for summary in members]).encode("utf-8", "surrogatepass"))
    return Part(path, found.hexdigest(), make)


def kind_index(kind: facets.Kind, found: Sequence[Group], setting: Setting) -> Iterator[Part]:
    """All groups of a kind with how many datasets each has."""
    counted = [(group.label.text(setting.language), group.folder, len(group.members)) for group in found]
    last = -(-len(counted) // GROUPS_PER_PAGE) or 1
    for number in range(1, last + 1):
        rows = counted[(number - 1) * GROUPS_PER_PAGE : number * GROUPS_PER_PAGE]
        key = blake2b(repr((setting.language, number, last, rows)).encode("utf-8", "surrogatepass"), digest_size=DIGEST).hexdigest()
        make = functools.partial(_index, kind, rows, number, last, len(counted), setting)
        yield Part(setting.root + facets.page(kind, number), key, make)


def _index(kind: facets.Kind, rows: Sequence[tuple[str, str, int]], number: int, last: int, total: int, setting: Setting) -> bytes:
    page = Page(setting, facets.page(kind, number), setting.words.word(kind), section=kind)
    links = tuple(Link(text, page.own(f"{folder}/index.html"), f"{count:,}") for text, folder, count in rows)
    variables = {"kind": kind, "heading": page.title, "total": total, "groups": links, "pager": pager(page, kind, number, last)}
    return render(page, "groups.html", variables)
