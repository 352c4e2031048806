"""The site map (sitemaps.org 0.9) and robots.txt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from govdata.expressions import expression
from govdata.publishing.site.exports.naming import address
from govdata.publishing.site.exports.texts import element
from govdata.publishing.site.portal import Portal

MOST = 50_000
"""Addresses in one file."""
MOST_BYTES = 50 << 20
"""Bytes of one file."""

_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_DATE = expression("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def sitemap_files(pages: Iterable[tuple[str, str]], portal: Portal) -> Iterator[tuple[str, bytes]]:
    """The files of a site map, the index last: from pages' paths and the days of their last change (empty: not known).

    Nothing where it is not known where the site is served: addresses of a site map are absolute.
    """
    if not portal.url:
        return
    index: list[str] = []
    newest, held, size = "", list[str](), 0
    for path, told in pages:
        date = told if _DATE.fullmatch(told) else ""
        line = f"<url>{element('loc', address(portal, path))}{element('lastmod', date) if date else ''}</url>\n"
        if held and (len(held) == MOST or size + len(line) > MOST_BYTES - 1000):
            yield _part(held, newest, index, portal)
            newest, held, size = "", [], 0
        held.append(line)
        newest, size = max(newest, date), size + len(line)
    if held:
        yield _part(held, newest, index, portal)
    yield "sitemap.xml", _file("sitemapindex", index)


def _part(lines: list[str], newest: str, index: list[str], portal: Portal) -> tuple[str, bytes]:
    path = f"sitemaps/{len(index) + 1}.xml"
    index.append(f"<sitemap>{element('loc', address(portal, path))}{element('lastmod', newest) if newest else ''}</sitemap>\n")
    return path, _file("urlset", lines)


def _file(name: str, lines: list[str]) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} {_SPACE}>\n{"".join(lines)}</{name}>\n'.encode()


def robots_file(portal: Portal) -> tuple[str, bytes]:
    """robots.txt (RFC 9309): everything may be read, the parts of the search index need not be. It counts only at a host's root."""
    lines = ["User-agent: *", "Disallow: /index/"]
    return "robots.txt", "\n".join([*lines, *([f"\nSitemap: {portal.url}/sitemap.xml"] if portal.url else []), ""]).encode()
