"""What changed last, as Atom (RFC 4287) and as JSON Feed 1.1: of the whole site, and of each list."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from govdata.expressions import expression
from govdata.graph.iris import dataset_iri
from govdata.graph.literals import clean
from govdata.publishing.site.addresses import dataset_folder, relative
from govdata.publishing.site.exports.naming import address
from govdata.publishing.site.exports.texts import element, empty, json_text, words, written
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Summary

MOST = 50
"""Entries of a feed."""
KEPT = 4096
"""Entries that are kept for further feeds."""
FEEDS = "urn:govdata:feed:"

_DATE = expression("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def feed_files(title: str, summaries: Sequence[Summary], portal: Portal, folder: str) -> Iterator[tuple[str, bytes]]:
    """Both feeds of a list in a folder of the site (empty: the root). `summaries`: newest first; the first `MOST` are told."""
    return ((path, make()) for path, make in feeds(title, summaries, portal, folder))


def feeds(title: str, summaries: Sequence[Summary], portal: Portal, folder: str) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """The same, each not made until it is asked for."""
    for name, make in (("feed.xml", atom), ("feed.json", json_feed)):
        path = f"{folder}/{name}" if folder else name
        yield path, functools.partial(make, title, summaries, portal, path)


def atom(title: str, summaries: Sequence[Summary], portal: Portal, path: str) -> bytes:
    """An Atom feed that stands at a path of the site. What identifies its entries never changes, wherever the site is served."""
    told = summaries[:MOST]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">']
    lines += [element("id", _id(portal, path)), element("title", _said(title, portal.name))]
    lines += [element("updated", max((_moment(item, _time(portal.moment)) for item in told), default=_time(portal.moment)))]
    lines.append(f"<author>{element('name', _said(portal.owner, portal.title.zh, portal.name))}</author>")
    if portal.url:
        lines.append(empty("link", rel="self", type="application/atom+xml", href=address(portal, path)))
    lines.append(empty("link", rel="alternate", type="text/html", href=_link(portal, path, _home(path))))
    way, moment = _way(portal, path), _time(portal.moment)
    lines += [_entry(item, way, moment) for item in told]
    return "\n".join([*lines, "</feed>", ""]).encode()


@functools.lru_cache(maxsize=KEPT)
def _entry(item: Summary, way: str, moment: str) -> str:
    """A dataset, which stands in a dozen feeds. `way`: what leads to its page's place; `moment`: the build's."""
    parts = [
        element("id", dataset_iri(item.code)), element("title", _title(item)), element("updated", _moment(item, moment)),
        empty("link", rel="alternate", type="text/html", href=f"{way}{dataset_folder(item.code)}/index.html"),
        f"<author>{element('name', _said(item.publisher.name, item.publisher.code, item.publisher.id))}</author>",
    ]  # fmt: skip
    if _DATE.fullmatch(item.issued):
        parts.append(element("published", f"{item.issued}T00:00:00Z"))
    parts += [empty("category", term=word) for word in dict.fromkeys((*item.themes, *item.keywords)) if word.strip()]
    if item.description:
        parts.append(element("summary", item.description))
    return f"<entry>{''.join(parts)}</entry>"


def json_feed(title: str, summaries: Sequence[Summary], portal: Portal, path: str) -> bytes:
    """A JSON Feed that stands at a path of the site."""
    found: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": clean(_said(title, portal.name)), "language": "zh-CN"}
    if portal.url:
        found |= {"home_page_url": address(portal, _home(path)), "feed_url": address(portal, path)}
    found["authors"] = [{"name": clean(_said(portal.owner, portal.title.zh, portal.name))}]
    way, moment = _way(portal, path), _time(portal.moment)
    items = ",\n".join([_item(item, way, moment) for item in summaries[:MOST]])
    head = json_text(found, indent=1).removesuffix("\n}")
    return written(f'{head},\n "items": [\n{items}\n ]\n}}' if items else f'{head},\n "items": []\n}}')


@functools.lru_cache(maxsize=KEPT)
def _item(item: Summary, way: str, moment: str) -> str:
    """The same as an item of a JSON Feed, indented as it stands there."""
    found: dict[str, Any] = {
        "id": dataset_iri(item.code), "url": f"{way}{dataset_folder(item.code)}/index.html",
        "title": clean(_title(item)), "content_text": clean(item.description or item.title or item.code),
        "date_modified": _moment(item, moment), "authors": [{"name": clean(_said(item.publisher.name, item.publisher.id))}],
    }  # fmt: skip
    if _DATE.fullmatch(item.issued):
        found["date_published"] = f"{item.issued}T00:00:00Z"
    tags = [clean(word) for word in dict.fromkeys((*item.themes, *item.keywords)) if word.strip()]
    return "  " + json_text(found | ({"tags": tags} if tags else {}), indent=1).replace("\n", "\n  ")


def _title(item: Summary) -> str:
    title = _said(item.title, item.code)
    return words("withdrawn", {"title": title}).zh if item.state == "withdrawn" else title


def _said(*texts: str) -> str:
    """The first that is not blank: a feed must have a title and a name."""
    return next((text for text in texts if text.strip()), "-")


def _moment(item: Summary, moment: str) -> str:
    """When a dataset last changed, as RFC 3339 wants it: the day's beginning; the build's `moment` where it is not known."""
    date = next((text for text in (item.modified, item.issued) if _DATE.fullmatch(text)), "")
    return f"{date}T00:00:00Z" if date else moment


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC) if moment.tzinfo else moment:%Y-%m-%dT%H:%M:%S}Z"


def _id(portal: Portal, path: str) -> str:
    return address(portal, path) if portal.url else f"{FEEDS}{quote(portal.name, safe='')}:{quote(path, safe='/')}"


def _home(path: str) -> str:
    return f"{path.rpartition('/')[0]}/index.html".lstrip("/")


def _way(portal: Portal, path: str) -> str:
    """What leads from a feed, which stands in no folder of datasets, to the places of the site's files."""
    return f"{portal.url}/" if portal.url else "../" * path.count("/")


def _link(portal: Portal, path: str, to: str) -> str:
    """A page, seen from the feed: relative where it is not known where the site is served."""
    return address(portal, to) if portal.url else relative(path, to)
