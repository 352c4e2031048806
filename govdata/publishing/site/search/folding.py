"""Texts made alike for the search: width, case, and traditional characters; and how a character is read."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping

from govdata import content

_FOLDER = "catalog/site/search"


# Soft hyphens, what joins and what parts without being seen, directions, variation selectors, byte order marks: they come along where
# texts are copied, and nobody types them.
_drop_unseen = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]").sub


def plain(text: str) -> str:
    """NFKC and lower case, without what nobody sees: all of the folding that a browser does without a table."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", _drop_unseen("", text)).lower()


def fold(text: str) -> str:
    """NFKC, lower case, traditional characters as simplified ones: `ＧＤＰ` → `gdp`, `停車場` → `停车场`."""
    return simplified(plain(text))


def simplified(told: str) -> str:
    """A text with traditional characters as simplified ones."""
    return told.translate(traditional()) if _search_traditional()(told) or _search_rare(told) else told


@functools.cache
def traditional() -> Mapping[int, str]:
    """Code point of a traditional character → its simplified character."""
    return {ord(old): new for new, olds in _rows("traditional") for old in olds}


def may_change(text: str) -> bool:
    """Whether a text, not folded yet, may hold traditional characters. Most hold none, which is seen without folding them."""
    return bool(_search_traditional()(text) or _search_compatible(text) or _search_rare(text))


# A character class is many times faster than `translate`, and most texts hold none. One that reaches beyond 16 bits is slow: those
# are looked for apart, all together.
@functools.cache
def _search_traditional() -> Callable[[str], object]:
    return re.compile("[" + "".join(chr(point) for point in sorted(traditional()) if point < 0x10000) + "]").search


# Characters that stand for ideographs: NFKC puts those in their place.
_search_compatible = re.compile("[\u2e80-\u2fdf\u3036-\u303a\u3190-\u319f\u3200-\u33ff\uf900-\ufaff]").search

_search_rare = re.compile("[\U00010000-\U0010ffff]").search


@functools.cache
def readings() -> Mapping[str, tuple[str, ...]]:
    """Simplified character → its readings without tones (ü is v), the usual one first."""
    first: dict[str, str] = {}
    further: dict[str, list[str]] = {}
    for reading, usual, others in _rows("pinyin"):
        first |= dict.fromkeys(usual, reading)
        for character in others:
            further.setdefault(character, []).append(reading)
    return {character: (reading, *further.get(character, ())) for character, reading in first.items()}


def name_key(title: str) -> str:
    """What titles are sorted by: their usual readings; what is not Chinese as it is. Equal readings go by character."""
    folded = fold(title)
    known = readings()
    return "".join(known[character][0] + " " if character in known else character for character in folded) + "\0" + folded


def syllables() -> tuple[str, ...]:
    """All readings, sorted."""
    return tuple(row[0] for row in _rows("pinyin"))


@functools.cache
def _rows(name: str) -> tuple[tuple[str, ...], ...]:
    lines = content.read_text(f"{_FOLDER}/{name}.txt").splitlines()
    return tuple(tuple(line.split("\t")) for line in lines if line and not line.startswith("#"))
