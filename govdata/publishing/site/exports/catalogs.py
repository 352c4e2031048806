"""The catalog as a graph: whole and page by page, in pieces, from the files that stand beside the datasets."""

from __future__ import annotations

import contextlib
import mmap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from govdata.graph.literals import clean
from govdata.graph.names import PREFIXES
from govdata.publishing.site.addresses import dataset_folder, slug
from govdata.publishing.site.exports.datasets import Node, graph_of, ground_of, texts, typed
from govdata.publishing.site.exports.documents import FORMS, Catalog, Form, files_of
from govdata.publishing.site.exports.naming import address, base_of, iri_of_catalog, iri_of_dataset, iri_of_publisher
from govdata.publishing.site.exports.runs import Before, Run, runs
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Label, Party, Record, Shown

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
    for ending, text in files_of(graph, base_of(portal)):
        yield f"{folder}/dcat.{ending}", text.encode()


def catalog_files(
    datasets: Sequence[Shown], portal: Portal, read: Read, before: Before | None = None, forms: Sequence[Form] = FORMS
) -> Iterator[tuple[str, bytes]]:
    """The catalog's files in pieces: those of one path follow each other in order, between them others may stand; a page is one piece.

    `datasets`: in any order. `read` is asked for `dcat.…` of each dataset once a form, unless the catalog was there `before`.
    """
    shown = sorted((item for item in datasets if item.state != "withdrawn"), key=lambda item: item.code)
    count = max(1, -(-len(shown) // PAGE))
    for form in forms:
        whole, path = _catalog(portal, ()), f"catalog.{form.ending}"
        yield path, form.head(whole, "").encode()
        with _old_text(before, form) as text:
            old = _Old(text, before.codes, form, whole, portal) if before is not None and text is not None else None
            for number in range(1, count + 1):
                some = shown[(number - 1) * PAGE : number * PAGE]
                # The same links to the same catalog stand on its pages.
                body = b"".join([_run_of(run, old, read, (form, whole, portal)) for run in runs(some, before)])
                yield path, body
                if form.ending in PAGED:
                    page = _catalog(portal, _view(portal, form.ending, (number, count, len(shown))))
                    head = form.head(page, "" if portal.url else "../").encode()
                    yield f"catalog/page-{number}.{form.ending}", head + body + form.tail().encode()
        yield path, form.tail().encode()


def is_page(path: str) -> bool:
    """Whether a file of a catalog is one of its pages."""
    return path.startswith("catalog/")


@contextlib.contextmanager
def _old_text(before: Before | None, form: Form) -> Iterator[mmap.mmap | None]:
    path = before.site / f"catalog.{form.ending}" if before is not None else None
    if path is None or not path.is_file() or not path.stat().st_size:
        yield None
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        yield text


def _run_of(run: Run[Shown], old: _Old | None, read: Read, asked: tuple[Form, Catalog, Portal]) -> bytes:
    """Links and excerpts of datasets: as the old catalog has them, else from the datasets' own files."""
    form, whole, portal = asked
    found = old.run(run.place, len(run.items)) if old is not None and run.place >= 0 else None
    if found is not None:
        return found
    files = ((item, read(f"{dataset_folder(item.code)}/dcat.{form.ending}")) for item in run.items)
    return b"".join([form.link(whole, iri_of_dataset(portal, item.code)).encode() + form.excerpt(file) for item, file in files])


class _Old:
    """The old catalog in one form: one big file is copied faster than many small ones are read."""

    def __init__(self, text: mmap.mmap, codes: Sequence[str], form: Form, whole: Catalog, portal: Portal) -> None:
        self._text, self._codes, self._form = text, codes, form
        self._whole, self._portal = whole, portal
        # What every link begins with, whatever it leads to.
        self._links = form.link(whole, "urn:x").partition("urn:x")[0].encode()
        self._at = 0
        """Runs are asked for in order, so nothing is looked for before the end of the last one."""

    def run(self, place: int, count: int) -> bytes | None:
        """Links and excerpts of so many datasets from one on; `None` where they are not all there.

        Each stands between its link and the next one's, which no text can look like.
        """
        begin = self._text.find(self._link(place), self._at)
        end = self._end(place + count, begin) if begin >= 0 else -1
        if end < 0:
            return None
        found = self._text[begin:end]
        if found.count(self._links) != count:
            return None
        self._at = end
        return found

    def _link(self, place: int) -> bytes:
        return self._form.link(self._whole, iri_of_dataset(self._portal, self._codes[place])).encode()

    def _end(self, place: int, begin: int) -> int:
        if place < len(self._codes):
            return self._text.find(self._link(place), begin)
        tail = self._form.tail().encode()
        end = len(self._text) - len(tail)
        return end if end >= begin and self._text[end:] == tail else -1


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
