"""By what datasets are grouped in lists, and where the pages and feeds of each group are: pages, feeds and search agree through this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

from govdata.classes import dataclass
from govdata.messages import template
from govdata.publishing.site.addresses import slug
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Label, Party, Summary

Kind = Literal["themes", "publishers", "formats", "cycles", "opening", "tags", "years"]
KINDS: tuple[Kind, ...] = ("themes", "publishers", "formats", "cycles", "opening", "tags", "years")

LISTS: Mapping[Kind, str] = {"themes": "theme", "cycles": "update-cycle", "opening": "opening-type"}
"""The code lists whose words and order a kind of group takes."""

SHOWN = 12
"""Groups of another kind that a department's page counts."""

PAGES = 100
"""Pages of a list that stand beside each other; the others are in folders of as many."""


@dataclass(frozen=True, slots=True)
class Group:
    """The datasets that have one value: one theme, one department."""

    kind: Kind
    code: str
    """Of a department its `id`."""
    label: Label
    members: tuple[Summary, ...]
    """Newest first."""

    @property
    def folder(self) -> str:
        """Where its pages and feeds are."""
        return folder(self.kind, self.code)


def values(summary: Summary, kind: Kind) -> tuple[str, ...]:
    """The groups of a kind that a dataset is in, by code."""
    if kind == "themes":
        return summary.themes
    if kind == "formats":
        return summary.formats
    if kind == "tags":
        return summary.keywords
    if kind == "publishers":
        one = summary.publisher.id
    elif kind == "years":
        one = year(day(summary))
    else:
        one = summary.cycle if kind == "cycles" else summary.opening
    return (one,) if one else ()


def day(summary: Summary) -> str:
    """The date by which datasets are ordered: when the data last changed, else when it was issued."""
    return summary.modified or summary.issued


def year(date: str) -> str:
    """The year of a date; nothing where it begins with none."""
    return date[:4] if len(date) >= 4 and date[:4].isascii() and date[:4].isdigit() else ""


@lru_cache(maxsize=4096)
def folder(kind: Kind, code: str) -> str:
    """Where the pages and feeds of a group are: `themes/…`. There can be thousands of tags, so they stand in folders by digest."""
    if kind == "publishers":
        return f"publishers/{code}"
    # Formats are in capitals. A few signs, such as that of kelvins, share their small letter with another capital.
    name = slug(code.lower() if kind == "formats" and code.lower().upper() == code else code)
    if kind == "tags":
        return f"tags/{blake2b(code.encode('utf-8', 'surrogatepass'), digest_size=1).hexdigest()}/{name}"
    return f"{kind}/{name}"


def page(place: str, number: int) -> str:
    """A page of a list: `index.html`, `page-2.html`, … and from a hundred on `100/page-100.html`."""
    if number == 1:
        return f"{place}/index.html"
    return f"{place}/page-{number}.html" if number < PAGES else f"{place}/{number // PAGES * PAGES}/page-{number}.html"


def listed(summaries: Iterable[Summary]) -> tuple[Summary, ...]:
    """The datasets that stand in lists, newest first; a withdrawn one stands in none."""
    found = sorted((each for each in summaries if each.state != "withdrawn"), key=lambda each: each.code)
    found.sort(key=day, reverse=True)
    return tuple(found)


def groups(ordered: Sequence[Summary], kind: Kind, portal: Portal) -> tuple[Group, ...]:
    """The groups of a kind in the order in which they are shown. `ordered`: newest first."""
    members: dict[str, list[Summary]] = {}
    for summary in ordered:
        for code in dict.fromkeys(values(summary, kind)):
            members.setdefault(code, []).append(summary)
    found = [Group(kind, code, _label(kind, code, each[0], portal), tuple(each)) for code, each in members.items()]
    return tuple(_in_order(found, kind, portal))


def _label(kind: Kind, code: str, first: Summary, portal: Portal) -> Label:
    if kind == "publishers":
        return provider(first.publisher)
    return label(kind, code, portal)


def provider(party: Party) -> Label:
    """The words for who provides a dataset, which may not have said so."""
    if party.name.strip():
        return Label(party.code, party.name)
    words = template("publish.site-no-provider")
    return Label(party.code, words["zh"], words["en"])


def label(kind: Kind, code: str, portal: Portal) -> Label:
    """The words of a group's code; the code itself where no list has it."""
    listed_codes = portal.code_lists.get(LISTS.get(kind, ""))
    known = listed_codes.codes.get(code) if listed_codes else None
    return Label(code, known.zh or code, known.en) if known else Label(code, code)


def counted(group: Group) -> Iterator[tuple[Kind, str, int]]:
    """How many datasets of a group are of each theme and format; of each the `SHOWN` most frequent, those first."""
    for kind in ("themes", "formats"):
        found = Counter(code for summary in group.members for code in dict.fromkeys(values(summary, kind)))
        for code, count in sorted(found.items(), key=lambda each: (-each[1], each[0]))[:SHOWN]:
            yield kind, code, count


def _in_order(found: list[Group], kind: Kind, portal: Portal) -> Iterator[Group]:
    if kind == "years":
        yield from sorted(found, key=lambda group: group.code, reverse=True)
        return
    known = portal.code_lists.get(LISTS.get(kind, ""))
    places = {code: place for place, code in enumerate(known.codes)} if known else {}
    yield from sorted(found, key=lambda group: (places.get(group.code, len(places)), -len(group.members), group.label.zh, group.code))
