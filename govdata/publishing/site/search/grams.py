"""What a text is found by: single characters, pairs of neighbours, and the beginnings of words in Latin letters and of numbers.

`停车场 PM2.5` → 停 车 场 停车 车场 p pm pm2 2 5. Every script but ASCII goes by characters and pairs, so that any part of a word is
found; ASCII is found from where a word or a number begins. Where the two meet, their characters are a pair too: `2021年` → … 1年.
"""

from __future__ import annotations

import functools
import operator

from govdata.expressions import expression
from govdata.publishing.site.search.folding import fold

# Letters, digits and marks outside ASCII, roughly: without punctuation, symbols, emoji, private use and the forms that NFKC takes away.
WIDE = (
    "\u00aa\u00b5\u00ba\u00c0-\u1fff\u2c00-\u2dff\u3005-\u3007\u3021-\u302f\u3031-\u303c\u3041-\ud7ff\uf900-\ufdff\ufe70-\ufefe"
    "\U00010000-\U0001efff\U00020000-\U0003ffff"
)
"""The characters that go by pairs, as the inside of a character class; the same in `search-engine.js`."""

LONGEST_WORD = 8
"""Characters of an ASCII word that are looked up; what is longer is compared with the text itself."""

_RUN = expression(f"[a-z0-9]+|[{WIDE}]+")
_MEETING = expression(f"(?=([a-z0-9][{WIDE}]|[{WIDE}][a-z0-9]))")
_BEGINNING = expression("[a-z]+|[0-9]+")


def grams(folded: str) -> set[str]:
    """The grams of a folded text."""
    found: set[str] = set(_MEETING.findall(folded))
    for run in _RUN.findall(folded):
        if run[0] > "\x7f":
            found.update(run)
            found.update(map(operator.add, run, run[1:]))
        else:
            found.update(_beginnings(run))
    return found


@functools.lru_cache(maxsize=1 << 15)
def _beginnings(run: str) -> tuple[str, ...]:
    """`wgs84` → w, wg, wgs, wgs8, wgs84, 8, 84."""
    starts = (hit.start() for hit in _BEGINNING.finditer(run))
    return tuple({run[start:end] for start in starts for end in range(start + 1, min(len(run), start + LONGEST_WORD) + 1)})


@functools.lru_cache(maxsize=1 << 15)
def common_grams(text: str) -> frozenset[str]:
    """The grams of a text, not folded yet, that many documents have: the name of a column, of a department."""
    return frozenset(grams(fold(text)))


def runs(folded: str) -> list[str]:
    """The runs of characters that go by pairs."""
    return [run for run in _RUN.findall(folded) if run[0] > "\x7f"]
