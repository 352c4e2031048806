"""What the pages load: style sheets, scripts, the portal's colours and logo. Nothing of it comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache, partial

from govdata import content
from govdata.colours import is_colour
from govdata.errors import PublishError
from govdata.publishing.site.pages import places
from govdata.publishing.site.pages.lists import Part
from govdata.publishing.site.portal import LARGEST_LOGO, Portal
from govdata.publishing.site.search.client import scripts

STYLES = "catalog/site/styles"
SHEET = f"{STYLES}/site.css"

SITEMAP = "sitemap.xml"
"""Only of a site whose address is known: a site map's addresses are absolute."""
PROGRAMS: Mapping[str, str] = {
    "api": "api/index.json",
    "csv": "catalog.csv",
    "parquet": "catalog.parquet",
    "jsonld": "catalog.jsonld",
    "turtle": "catalog.ttl",
    "rdf": "catalog.rdf",
    "atom": "feed.xml",
    "feed": "feed.json",
    "sitemap": SITEMAP,
}
"""What the page about the site names for programs: name of its text → file."""

_IMAGE = re.compile(rb"\x89PNG\r\n|GIF8|\xff\xd8\xff|RIFF....WEBP|.*<(?:\0?s\0?v\0?g|[^<>]{1,60}:svg)", re.DOTALL)
"""How the logos that pages can show begin; an SVG, in UTF-8 or UTF-16, somewhere has its element."""
DARK = "dark-"

_TYPES = (".css", ".js", ".svg")


def assets(portal: Portal) -> Iterator[Part]:
    """All files below `assets/`."""
    for path in sorted((content.root() / STYLES).glob("*")):
        if path.suffix in _TYPES:
            yield Part(f"assets/{path.name}", "", path.read_bytes)
    for name, script in scripts():
        yield Part(f"assets/{name}", "", partial(bytes, script))
    if portal.colours:
        yield Part("assets/colours.css", "", partial(_colours, portal))
    if portal.logo is not None:
        yield Part(places.logo(portal), "", partial(_logo, portal))


@cache
def colours() -> frozenset[str]:
    """The names of the colours of the style sheet."""
    return frozenset(re.findall(r"--([a-z-]+): #", content.read_text(SHEET)))


def _colours(portal: Portal) -> bytes:
    light = _declared({name: value for name, value in portal.colours.items() if not name.startswith(DARK)})
    dark = _declared({name.removeprefix(DARK): value for name, value in portal.colours.items() if name.startswith(DARK)})
    blocks = [
        f"@media screen and (prefers-color-scheme: {scheme}) {{ :root {{ {rules} }} }}\n"
        for scheme, rules in (("light", light), ("dark", dark))
        if rules
    ]
    return "".join(blocks).encode()


def _declared(chosen: Mapping[str, str]) -> str:
    """Declarations; a name that the style sheet does not have, or a value that is no colour, is refused."""
    for name, value in chosen.items():
        if name not in colours():
            raise PublishError("site-colour-name", name=name, close=get_close_matches(name, colours(), n=3) or sorted(colours()))
        if not is_colour(value):
            raise PublishError("site-colour", name=name, value=value)
    return " ".join(f"--{name}: {value};" for name, value in sorted(chosen.items()))


def _logo(portal: Portal) -> bytes:
    assert portal.logo is not None
    try:
        content.refuse_special(portal.logo)
        size = portal.logo.stat().st_size
        found = portal.logo.read_bytes() if size <= LARGEST_LOGO else b""
    except OSError as error:
        raise PublishError("site-logo-unread", path=str(portal.logo), what=error.strerror or str(error)) from error
    if size > LARGEST_LOGO:
        raise PublishError("site-logo-size", path=str(portal.logo), size=size, largest=LARGEST_LOGO)
    if not _IMAGE.match(found):
        raise PublishError("site-logo", path=str(portal.logo), known=sorted(places.LOGOS))
    return found
