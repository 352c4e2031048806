"""The catalog as a graph: whole and page by page, in pieces, from the files that stand beside the datasets."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any

from govdata.classes import dataclass
from govdata.graph.literals import clean
from govdata.graph.names import PREFIXES
from govdata.publishing.site.addresses import dataset_folder, slug
from govdata.publishing.site.exports.datasets import Node, graph_of, ground_of, texts, typed
from govdata.publishing.site.exports.documents import FORMS, FROM_DATASET, Catalog, Form, files_of
from govdata.publishing.site.exports.naming import address, iri_of_catalog, iri_of_dataset, iri_of_publisher
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Label, Party, Record, Summary

DCAT, DCT, FOAF, HYDRA = (PREFIXES[name] for name in ("dcat", "dct", "foaf", "hydra"))

PAGE = 500
"""Datasets on a page."""
PAGED = ("jsonld", "ttl")
"""Forms that there are pages of."""

Read = Callable[[str], bytes]
"""Gives the bytes of a file of the site by its path."""


def graph_files(record: Record, portal: Portal) -> Iterator[tuple[str, bytes]]:
    """A dataset's graph in every form; nothing for one that was withdrawn."""
    if record.state == "withdrawn":
        return
    graph = graph_of(record, ground_of(portal))
    folder = dataset_folder(record.code)
    for ending, text in files_of(graph, "" if portal.url else FROM_DATASET):
        yield f"{folder}/dcat.{ending}", text.encode()


@dataclass(frozen=True, slots=True)
class Before:
    """The catalog as it was: where the site is that has it, and what of it still holds."""

    site: Path
    codes: tuple[str, ...]
    """Of its datasets, in its order."""
    same: Set[str]
    """Codes of those of which the same is said now."""


def catalog_files(
    summaries: Sequence[Summary], portal: Portal, read: Read, before: Before | None = None, forms: Sequence[Form] = FORMS
) -> Iterator[tuple[str, bytes]]:
    """The catalog's files in pieces: those of one path follow each other in order, between them others may stand.

    `summaries`: in any order. `read` is asked for `dcat.…` of each dataset once a form, unless the catalog was there `before`.
    """
    shown = sorted((summary for summary in summaries if summary.state != "withdrawn"), key=lambda summary: summary.code)
    count = max(1, -(-len(shown) // PAGE))
    for form in forms:
        whole, path = _catalog(portal, ()), f"catalog.{form.ending}"
        yield path, form.head(whole, "").encode()
        excerpts = _excerpts(shown, form, read, _known(before, form, whole, portal) if before else iter(()))
        for number in range(1, count + 1):
            some = shown[(number - 1) * PAGE : number * PAGE]
            # The same links to the same catalog stand on its pages.
            body = "".join([form.link(whole, iri_of_dataset(portal, item.code), next(excerpts)) for item in some])
            yield path, body.encode()
            if form.ending in PAGED:
                page = _catalog(portal, _view(portal, form.ending, (number, count, len(shown))))
                written = f"{form.head(page, '' if portal.url else '../')}{body}{form.tail()}"
                yield f"catalog/page-{number}.{form.ending}", written.encode()
        yield path, form.tail().encode()


def _excerpts(shown: Sequence[Summary], form: Form, read: Read, known: Iterator[tuple[str, str]]) -> Iterator[str]:
    """What each dataset has in the catalog: as the old one has it, else from the dataset's own file. Both are in the same order."""
    code, excerpt = next(known, ("", ""))
    for item in shown:
        while code and code < item.code:
            code, excerpt = next(known, ("", ""))
        yield excerpt if code == item.code else form.excerpt(read(f"{dataset_folder(item.code)}/dcat.{form.ending}").decode())


def _known(before: Before, form: Form, whole: Catalog, portal: Portal) -> Iterator[tuple[str, str]]:
    """Code and excerpt of the datasets of which the old catalog still says the same: one big file is read faster than many small ones.

    Each stands between its link and the next one's, which no text can look like.
    """
    path = before.site / f"catalog.{form.ending}"
    if not before.same or not path.is_file() or not path.stat().st_size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if not before.codes:
            return
        link = form.link(whole, iri_of_dataset(portal, before.codes[0]), "").encode()
        start = text.find(link)
        for code, following in itertools.zip_longest(before.codes, before.codes[1:]):
            if start < 0:
                return
            begin = start + len(link)
            link = (form.link(whole, iri_of_dataset(portal, following), "") if following else form.tail()).encode()
            start = text.find(link, begin) if following else len(text) - len(link)
            if code in before.same and start >= begin:
                yield code, text[begin:start].decode()


def _catalog(portal: Portal, more: Sequence[Node]) -> Catalog:
    """The dcat:Catalog of a site, without its datasets."""
    publisher = Party(slug(portal.owner or portal.title.zh or portal.name), portal.owner or portal.title.zh or portal.name)
    agent, home = iri_of_publisher(portal, publisher), address(portal, "index.html")
    node: Node = {
        "@id": iri_of_catalog(portal), "@type": [f"{DCAT}Catalog"], f"{DCT}title": _worded(portal.title) or texts(portal.name),
        # DCAT-AP wants a description; a site that has none is described by its title.
        f"{DCT}description": _worded(portal.description) or _worded(portal.title) or texts(portal.name),
        f"{DCT}publisher": [{"@id": agent}], f"{FOAF}homepage": [{"@id": home}],
        f"{DCT}modified": [typed(f"{portal.moment:%Y-%m-%dT%H:%M:%S}Z", "dateTime")],
    }  # fmt: skip
    languages = [iri for iri in map(ground_of(portal).authorities.language, portal.languages) if iri]
    node[f"{DCT}language"] = [{"@id": iri} for iri in languages]
    beside: list[Node] = [{"@id": agent, "@type": [f"{FOAF}Agent", f"{FOAF}Organization"], f"{FOAF}name": texts(publisher.name)}]
    beside += [{"@id": home, "@type": [f"{FOAF}Document"]}]
    beside += [{"@id": iri, "@type": [f"{DCT}LinguisticSystem"]} for iri in languages]
    return Catalog(tuple({key: value for key, value in item.items() if value} for item in (node, *beside, *more)))


def _worded(label: Label) -> list[dict[str, Any]]:
    """Words in each language that there are any in."""
    return [{"@value": clean(text), "@language": language} for text, language in ((label.zh, "zh"), (label.en, "en")) if text]


def _view(portal: Portal, ending: str, place: tuple[int, int, int]) -> list[Node]:
    """Which page of how many this is (Hydra), as harvesters follow it."""
    number, count, total = place

    def page(which: int) -> list[Node]:
        return [{"@id": address(portal, f"catalog/page-{which}.{ending}")}] if 1 <= which <= count else []

    node: Node = {"@id": page(number)[0]["@id"], "@type": [f"{HYDRA}PartialCollectionView", f"{HYDRA}PagedCollection"]}
    node[f"{HYDRA}totalItems"] = [typed(str(total), "integer")]
    for term, which in (("first", 1), ("previous", number - 1), ("next", number + 1), ("last", count)):
        node[f"{HYDRA}{term}"] = page(which)
    return [node]
