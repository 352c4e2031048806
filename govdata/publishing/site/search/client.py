"""The search page's scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from govdata import content

SCRIPTS = ("search-engine.js", "search.js", "search-pinyin.js", "search-inflate.js")
"""The first two stand in the search page, in this order; the others are fetched when they are needed."""

_COMMENT_OR_INDENT = re.compile(r"^ *(?://.*\n)?|(?<=[;{,]) // .*$", re.MULTILINE)


def scripts() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each script, without indentation and comments: a third less to fetch."""
    for name in SCRIPTS:
        yield name, _COMMENT_OR_INDENT.sub("", content.read_text(f"catalog/site/scripts/{name}")).encode()
