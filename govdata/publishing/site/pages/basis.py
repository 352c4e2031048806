"""What reference pages have in common: where what they tell comes from, and what they follow from."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from govdata.cache import digest_of
from govdata.classes import dataclass
from govdata.codes import read_source
from govdata.messages import short_language
from govdata.publishing.site.pages import texts
from govdata.publishing.site.pages.frame import Setting
from govdata.publishing.site.pages.lists import Part


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule, list or standard comes from."""

    document: str
    """Empty: it is our own."""
    url: str
    quote: str
    note: str
    state: str
    """How well it is known: `sourced`, `secondary`, `unverified`, `own`."""


def basis(declared: Mapping[str, Any], language: str) -> Basis:
    """A source, as its file writes it, for the page."""
    source = read_source(declared, short_language(language))
    own = source.document in ("", "govdata")
    document = "" if own else " ".join(part for part in (source.document, source.clause) if part)
    return Basis(document, texts.web(source.url) if source.url else "", source.quote, source.note.strip(), source.state)


def reference(setting: Setting, path: str, make: functools.partial[bytes], follows: object) -> Part:
    """A page. `follows`: what it follows from besides the program's own content and what the site's look tells; `None`: not known."""
    return Part(setting.root + path, digest_of([path, setting.language, follows])[:32] if follows is not None else "", make)
