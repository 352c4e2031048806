"""The pages of one dataset: its own, one for each resource that has columns or a file, or a tombstone."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from govdata.classes import dataclass
from govdata.publishing.site import facets
from govdata.publishing.site.addresses import dataset_folder, relative
from govdata.publishing.site.exports.packages import has_package
from govdata.publishing.site.pages import resources, texts
from govdata.publishing.site.pages.frame import Link, Page, Setting, render, settings
from govdata.publishing.site.pages.json import block
from govdata.publishing.site.pages.places import known_rule
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Label, Record

PACKAGE = "datapackage.json"
EXPORTS = ("dcat.jsonld", "dcat.ttl", "dcat.rdf", PACKAGE, "index.json")
"""Files for programs beside the page."""

KINDS = {
    "dcat.jsonld": "application/ld+json",
    "dcat.ttl": "text/turtle",
    "dcat.rdf": "application/rdf+xml",
    "datapackage.json": "application/json",
    "index.json": "application/json",
}
SUMS = "data/SHA256SUMS"
SHORT = 160
"""Characters of a description that search engines show."""


TEMPLATES = ("dataset.html", "resource.html", "layout.html", "macros.html", "head.html", "masthead.html", "footer.html")
"""What the page of a dataset is made of."""


class Fact(NamedTuple):
    """A line of a table of facts, ready to be shown."""

    name: Markup
    values: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """When the next update is due."""

    date: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """Where mistakes are reported (校核纠错)."""

    links: tuple[Link, ...]
    """With the dataset's code filled in already, where the way allows."""
    note: str


def get_ready(portal: Portal) -> None:
    """Have the templates compiled, which takes as long as many a page."""
    for setting in settings(portal):
        for name in TEMPLATES:
            setting.template(name)


def dataset_pages(
    record: Record, portal: Portal, titles: Mapping[str, str], structured: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, bytes]]:
    """The pages of a dataset, each with its place on the site, in each language of the portal.

    `titles`: of the datasets on the site that it refers to (`related`, `Item.references`), by code; what is not in it is
    named without a link. `structured`: its description in schema.org's words, which stands in the page for search engines.
    """
    for setting in settings(portal):
        if record.state == "withdrawn":
            yield _tombstone(record, setting)
            continue
        yield _dataset(record, setting, titles, structured)
        for resource in record.resources:
            if resources.has_page(resource):
                yield resources.resource_page(record, resource, setting, titles)


def _page(record: Record, setting: Setting, indexed: bool = True) -> Page:
    description = texts.cleaned(record.description)
    short = description if len(description) <= SHORT else description[: SHORT - 1] + "…"
    return Page(setting, f"{dataset_folder(record.code)}/index.html", record.title, short, "datasets", indexed)


def _tombstone(record: Record, setting: Setting) -> tuple[str, bytes]:
    page = _page(record, setting, indexed=False)
    when = next((version.date for version in record.versions if version.event == "withdrawn"), "")
    variables = {"record": record, "when": when, "remarks": _remarks(record, page), "publisher": page.said(page.provider(record.publisher))}
    return page.file, render(page, "tombstone.html", variables)


def _dataset(record: Record, setting: Setting, titles: Mapping[str, str], structured: Mapping[str, Any] | None) -> tuple[str, bytes]:
    page = _page(record, setting)
    beside = page.to(f"{dataset_folder(record.code)}/")
    publisher = publisher_of(record, page)
    exports = [name for name in EXPORTS if name != PACKAGE or has_package(record)]
    exports += [SUMS] if any(resource.downloads for resource in record.resources) else []
    variables = {
        "record": record,
        "publisher": publisher,
        "crumbs": (page.anchor(page.texts["publishers"], page.own("publishers/index.html")), publisher),
        "opening": _grouped(page, "opening", record.opening),
        "formats": tuple(Link(name, _group("formats", name)) for name in record.formats),
        "due": _due(record, setting.portal),
        "facts": tuple(_facts(record, page)),
        "tags": tuple(Link(tag, _group("tags", tag)) for tag in dict.fromkeys(record.keywords) if tag),
        "resources": tuple(resources.view(record, resource, page) for resource in record.resources),
        "remarks": _remarks(record, page),
        "correction": correction(record, page),
        "contact": contact(record.contact or setting.portal.contact, page),
        "related": tuple(_related(record, page, titles)),
        "exports": tuple(Link(name.rpartition("/")[2], beside + name, KINDS.get(name, "text/plain")) for name in exports),
        "structured": block(structured) if structured else "",
    }
    return page.file, render(page, "dataset.html", variables)


def publisher_of(record: Record, page: Page) -> Markup:
    """The department, with a link to its page."""
    return page.anchor(page.provider(record.publisher), page.own(f"publishers/{record.publisher.id}/index.html"), SHORT)


@functools.lru_cache(maxsize=8192)
def _group(kind: facets.Kind, code: str) -> str:
    """The way from a dataset's page to that of a group, in one language: it is the same from all of them."""
    return relative("datasets/_/_/index.html", f"{facets.folder(kind, code)}/index.html")


def _grouped(page: Page, kind: facets.Kind, label: Label | None) -> Markup | None:
    return page.anchor(page.label(label), _group(kind, label.code)) if label and label.code else None


def _due(record: Record, portal: Portal) -> Due | None:
    if not record.due:
        return None
    return Due(record.due, portal.today is not None and record.due < portal.today.isoformat())


def _facts(record: Record, page: Page) -> Iterator[Fact]:
    """What is known, each with its name; what is not known is left out."""
    portal = page.setting.portal
    span = "–".join((record.start, record.end)) if record.start or record.end else ""
    year = facets.year(record.modified)
    dated = page.anchor(record.modified, _group("years", year)) if year else record.modified
    rows: tuple[tuple[str, tuple[str | None, ...]], ...] = (
        ("code", (record.code,)),
        ("theme", tuple(_grouped(page, "themes", label) for label in record.themes)),
        ("category", record.category),
        ("cycle", (_grouped(page, "cycles", record.cycle),)),
        ("issued", (record.issued,)),
        ("modified", (dated,)),
        ("period", (span,)),
        ("spatial", (record.spatial,)),
        ("data-language", (record.language,)),
        ("version", (record.version,)),
        ("data-source", (record.source,)),
        ("opening", (_grouped(page, "opening", record.opening), record.condition)),
        ("sharing", (page.label(record.sharing),)),
        ("licence", (address(record.licence or portal.licence, page),)),
        ("terms", (address(record.terms, page),)),
        ("landing-page", tuple(address(each, page) for each in record.landing_pages)),
    )
    for name, values in rows:
        shown = tuple(page.said(value) for value in values if value)
        if shown:
            yield Fact(page.texts[name], shown)


def address(text: str, page: Page) -> Markup:
    """A text of the data that may be an address."""
    return page.anchor(text, texts.web(text))


def _remarks(record: Record, page: Page) -> tuple[Link, ...]:
    """What is to be told with the dataset; the address is that of the rule behind it."""
    return tuple(
        Link((remark.en if page.setting.foreign else remark.zh) or remark.zh, _rule(remark.rule, page), remark.rule)
        for remark in record.remarks
    )


def _rule(identifier: str, page: Page) -> str:
    place = known_rule(identifier, page.setting.portal)
    return page.own(place) if place else ""


def correction(record: Record, page: Page) -> Correction:
    """Where mistakes in this dataset are reported. Where nobody said so, whom the site or else the dataset names."""
    ways = record.correction or page.setting.portal.correction
    links = []
    url = texts.web(ways.get("url", ""))
    if url:
        links.append(Link(page.word("report-online"), with_code(url, record.code)))
    mail = _mail(ways.get("email", ""), record, page)
    if mail:
        links.append(Link(page.word("report-mail"), mail, ways["email"]))
    phone = ways.get("phone", "")
    if phone:
        links.append(Link(page.word("report-phone"), texts.phone(phone), phone))
    if not links and contact(record.contact, page) and not contact(page.setting.portal.contact, page):
        links.append(Link(page.word("report-department")))
    elif not links:
        links.append(Link(page.word("report-site"), page.own("about.html") + "#contact"))
    return Correction(tuple(links), ways.get("note", ""))


def _mail(address: str, record: Record, page: Page) -> str:
    """A letter about this dataset that is begun already; nothing where the address is none."""
    if not texts.mail(address):
        return ""
    subject = page.word("report-subject", title=record.title[:60], code=record.code)
    return texts.mail(address, subject, page.word("report-body", title=record.title[:200], code=record.code))


def with_code(url: str, code: str) -> str:
    """An address of a form with the dataset's code filled in: in the place of `{code}`, else as a parameter of this name."""
    from urllib.parse import quote

    written = quote(code, safe="", errors="replace")
    if "%7Bcode%7D" in url:
        return url.replace("%7Bcode%7D", written)
    before, mark, fragment = url.partition("#")
    return f"{before}{'&' if '?' in before else '?'}code={written}{mark}{fragment}"


def contact(ways: Mapping[str, str], page: Page) -> tuple[Fact, ...]:
    """Whom to ask."""
    found = []
    for name in ("organisation", "phone", "email", "address"):
        value = ways.get(name, "")
        if value:
            href = texts.mail(value) if name == "email" else texts.phone(value) if name == "phone" else ""
            found.append(Fact(page.texts[f"contact-{name}"], (page.anchor(value, href),)))
    return tuple(found)


def _related(record: Record, page: Page, titles: Mapping[str, str]) -> Iterator[Markup]:
    for code in dict.fromkeys(record.related):
        title = titles.get(code)
        yield page.anchor(title or code, page.own(f"{dataset_folder(code)}/index.html") if title else "", SHORT)
