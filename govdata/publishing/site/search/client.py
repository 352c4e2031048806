"""The search page's scripts and words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from govdata import content
from govdata.messages import short_language

SCRIPTS = ("search-engine.js", "search.js", "search-pinyin.js", "search-inflate.js")
"""The first two stand in the search page, in this order; the others are fetched when they are needed."""

_COMMENT_OR_INDENT = re.compile(r"^ *(?://.*\n)?", re.MULTILINE)


def scripts() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each script, without indentation and without the lines that are comments: a third less to fetch."""
    for name in SCRIPTS:
        yield name, _COMMENT_OR_INDENT.sub("", content.read_text(f"catalog/site/scripts/{name}")).encode()


def words(language: str) -> dict[str, str]:
    """What the page has to hold as JSON in `#search-words`: key → the text in a language, its places unfilled."""
    short = short_language(language)
    return {key: text[short] for key, text in sorted(content.compiled("messages")["search.yaml"].items())}
