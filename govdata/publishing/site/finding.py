"""The part of a site by which things are found: the index of its search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from govdata.publishing.site import facets
from govdata.publishing.site.clearing import listed
from govdata.publishing.site.parts import Kept, Part, SiteFile, Task, Whole
from govdata.publishing.site.records import SHORT, Summary
from govdata.publishing.site.search import building, shards, updating
from govdata.publishing.site.search.documents import Document

FEW = 0.2
"""Up to so large a share of datasets that changed, the index is changed; beyond it, making it anew is as fast."""


def _index(whole: Whole) -> Iterator[SiteFile | Kept]:
    changes = _changes(whole)
    if changes is None:
        # One after the other: what an index of all takes while it is made is not to be held beside all summaries.
        shown = (item for item in whole.summaries() if item.state != "withdrawn")
        yield from (SiteFile(path, content) for path, content in building.build(_documents(whole, shown), whole.old))
        return
    found = dict(changes)
    yield from (SiteFile(path, content) for path, content in found.items() if content is not None)
    assert whole.old is not None
    there = (f"{shards.FOLDER}/{path}" for path in listed(f"{whole.old}/{shards.FOLDER}"))
    yield from (Kept(path) for path in sorted(there) if path not in found)


def _changes(whole: Whole) -> updating.Changes | None:
    """What differs from the index of the old site; `None` where it is to be made anew."""
    before = whole.before
    if before is None or whole.old is None:
        return None
    shown = {item.code: item for item in whole.overview.ordered}
    changed = [item for code, item in shown.items() if code not in whole.same]
    gone = [code for code in before if code not in shown]
    if len(changed) + len(gone) > FEW * len(shown):
        return None
    return updating.update(_documents(whole, changed), gone, whole.old)


def _documents(whole: Whole, chosen: Iterable[Summary]) -> Iterator[Document]:
    return (_document(whole, item) for item in chosen)


def _document(whole: Whole, item: Summary) -> Document:
    """What the search knows of a dataset: its summary has it, but for the rest of a long description. Codes have the words of lists."""
    description = item.description if len(item.description) < SHORT else whole.record(item).description
    portal = whole.portal
    return Document(
        item.code,
        item.title,
        item.publisher,
        description,
        item.keywords,
        tuple([facets.label("themes", code, portal) for code in item.themes]),
        facets.label("cycles", item.cycle, portal) if item.cycle else None,
        facets.label("opening", item.opening, portal) if item.opening else None,
        item.formats,
        facets.day(item),
        item.fields,
    )


PART = Part("finding", site=(Task(_index, 100),))
