"""Search: whether it finds Chinese, and whether the index and the database hold the same. Asked, never tried out by writing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from govdata.diagnosis.answers import Answer
from govdata.diagnosis.subject import Subject, search
from govdata.errors import SiteError
from govdata.publishing.ckan.state import each

TITLES = 10
"""Titles of which a part is looked for."""
PART = 3
"""Characters of such a part: long enough to be no word by chance, short enough to lie inside a title."""
PAGE = 1000
MOST = 500
"""Doubtful datasets that are looked up one by one."""
SHOWN = 20
JOBS = 4

_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{5,}")


def chinese(subject: Subject) -> Iterator[Answer]:
    """Look for parts of titles that the site has: from inside an unspaced run, where a search that knows no Chinese finds nothing."""
    known = list(_known_titles(subject))
    if not known:
        yield subject.answer("search", "unknown", "search-untried")
        return
    missed = [part for key, part, _ in known if not _finds(subject, part, key)]
    facts = {"tried": len(known), "missed": len(missed), "example": (missed or [known[0][1]])[0]}
    if len(missed) == len(known):
        yield subject.answer("search", "lost", "search-none", **facts)
    elif missed:
        yield subject.answer("search", "lost", "search-some", **facts)
    elif (noise := _noise(subject, known)) is not None:
        yield subject.answer("search", "lost", "search-noise", **{**facts, "example": noise})
    else:
        yield subject.answer("search", "good", "search", **facts)


def _known_titles(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """(id, part of the title, the whole dataset as text) of datasets that anyone may see."""
    _, found = search(subject.site, q="*:*", rows=100, sort="metadata_modified desc")
    titled = [(item, match[0]) for item in found if (match := _RUN.search(str(item.get("title") or "")))]
    for item, run in titled[:TITLES]:
        start = (len(run) - PART) // 2
        yield str(item["id"]), run[start : start + PART], json.dumps(item, ensure_ascii=False)


def _finds(subject: Subject, words: str, key: str) -> bool:
    count, _ = search(subject.site, q=words, fq=f'+id:"{key}"', rows=0)
    return count > 0


def _noise(subject: Subject, known: list[tuple[str, str, str]]) -> str | None:
    """Words of two titles, unspaced, that find one of them although the other half is nowhere in it; `None` where they find nothing."""
    key, part, whole = known[0]
    other = next((word for _, word, _ in known[1:] if not set(word) & set(whole)), None)
    return part + other if other is not None and _finds(subject, part + other, key) else None


def index(subject: Subject) -> Iterator[Answer]:
    """Datasets that search shows and the database does not have (ghosts), and those that search does not find."""
    documents = list(_documents(subject))
    listed = {str(name) for name in subject.site.act("package_list")}
    names = Counter(str(item.get("name")) for item in documents)
    doubtful = [item for item in documents if item.get("name") not in listed or names[str(item.get("name"))] > 1]
    looked_up = {str(item["id"]): str(item.get("name")) for item in doubtful[:MOST]}
    there = dict(zip(looked_up, each(lambda key: _is_there(subject, key), list(looked_up), JOBS), strict=True))
    ghosts = sorted(name for key, name in looked_up.items() if not there[key])
    unfound = sorted(listed - set(names))[:MOST]
    # Of what changed while we read both, nothing is to be said.
    missing = [name for name, lost in zip(unfound, each(lambda name: _is_lost(subject, name), unfound, JOBS), strict=True) if lost]
    more = max(0, len(doubtful) - MOST)
    if ghosts:
        yield subject.answer("ghosts", "wrong", "ghosts-found", count=len(ghosts), datasets=ghosts[:SHOWN], unread=more)
    elif more:
        yield subject.answer("ghosts", "unknown", "ghosts-many", count=MOST, unread=more)
    else:
        yield subject.answer("ghosts", "good", "ghosts", count=len(documents))
    if missing:
        yield subject.answer("unindexed", "wrong", "unindexed", count=len(missing), datasets=missing[:SHOWN])


def _documents(subject: Subject) -> Iterator[Mapping[str, Any]]:
    """Id and name of all that the index holds and the token may see, in pages."""
    start = 0
    states = {"include_private": True, "include_drafts": True, "include_deleted": True}
    while True:
        count, found = search(subject.site, q="*:*", fl=["id", "name"], rows=PAGE, start=start, sort="id asc", **states)
        yield from found
        start += len(found)
        if not found or start >= count:
            return


def _is_there(subject: Subject, key: str) -> bool:
    try:
        subject.site.act("package_show", {"id": key})
    except SiteError as error:
        if error.kind == "not-found":
            return False
        if error.kind != "not-allowed":
            raise
    return True


def _is_lost(subject: Subject, name: str) -> bool:
    return _is_there(subject, name) and search(subject.site, fq=f'+name:"{name}"', rows=0)[0] == 0
