"""Names: an English name for a column, from the dictionary and from readings, and what a name says of what is in the column."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata import content
from govdata.expressions import expression

WORDS = "catalog/drafting/words.yaml"
_PINYIN = "catalog/site/search/pinyin.txt"
LONGEST = 60
"""Characters of an English name."""
_ASCII = expression("[A-Za-z]+|[0-9]+")
_CAMEL = expression("(?<=[a-z0-9])(?=[A-Z])")
_CELL = expression("[A-Z]{1,3}[0-9]+|[0-9]+")
_UNIT = expression(r"[(\[【]([^()\[\]【】]{1,12})[)\]】]$")
_BRACKETS = expression(r"[（(【\[][^（(【\[）)】\]]*[）)】\]]")


@functools.cache
def words() -> Mapping[str, Any]:
    """The dictionary."""
    found: Mapping[str, Any] = content.load(WORDS)
    return found


@functools.cache
def _readings() -> Mapping[str, str]:
    """Simplified character → its usual reading without tone."""
    found: dict[str, str] = {}
    for line in content.read_text(_PINYIN).splitlines():
        if line and not line.startswith("#"):
            reading, usual = line.split("\t")[:2]
            found |= dict.fromkeys(usual, reading)
    return found


def english_name(label: str) -> tuple[str, str]:
    """A name of small letters, digits and `_` for a label, and where it is from: `dictionary`, `pinyin`, `label`, or nothing where there
    is none."""
    plain = unicodedata.normalize("NFKC", label).strip()
    whole = words()["names"].get(plain)
    if whole:
        return str(whole), "dictionary"
    without = _BRACKETS.sub("", plain).strip() or plain
    parts: list[str] = []
    sources: set[str] = set()
    for part, source in _parts(without):
        if part and (not parts or parts[-1] != part):
            parts.append(part)
            sources.add(source)
    name = "_".join(parts)[:LONGEST].strip("_")
    if not name:
        return "", ""
    if not name[0].isalpha():
        name = f"c_{name}"
    return name, next(source for source in ("pinyin", "dictionary", "label") if source in sources)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The text cut into the longest words that the dictionary has, Latin words and numbers, and characters spelt by their readings."""
    names, readings, place = words()["names"], _readings(), 0
    spelt = ""
    while place < len(text):
        size = next((size for size in range(min(8, len(text) - place), 1, -1) if text[place : place + size] in names), 0)
        if not size and text[place] in names and (place + 1 == len(text) or _begins(text[place + 1 :], names)):
            # A word of one character tells something at the end or before another word: 车站 and 月收入, but not 月饼.
            size = 1
        latin = _ASCII.match(text, place)
        if not size and not latin and text[place] in readings:
            spelt += readings[text[place]]
            place += 1
            continue
        if spelt:
            yield spelt, "pinyin"
            spelt = ""
        if size:
            yield str(names[text[place : place + size]]), "dictionary"
        elif latin:
            yield _CAMEL.sub("_", latin[0]).lower(), "label"
        place += size or (len(latin[0]) if latin else 1)
    if spelt:
        yield spelt, "pinyin"


def _begins(text: str, names: Mapping[str, Any]) -> bool:
    return any(text[:size] in names for size in range(2, min(8, len(text)) + 1))


def english_names(labels: Sequence[str]) -> list[tuple[str, str]]:
    """A name for each label, no two alike."""
    seen: dict[str, int] = {}
    found = []
    for number, label in enumerate(labels, 1):
        name, source = english_name(label)
        if not name:
            name, source = f"column_{number}", "number"
        seen[name] = count = seen.get(name, 0) + 1
        while count > 1 and f"{name}_{count}" in seen:
            count += 1
        if count > 1:
            name = f"{name}_{count}"
            seen[name] = 1
        found.append((name, source))
    return found


def folded(label: str) -> str:
    """A label for comparison: width and case folded, brackets and white space dropped."""
    plain = _CAMEL.sub("_", unicodedata.normalize("NFKC", label)).casefold()
    return "".join((_BRACKETS.sub("", plain) or plain).split())


def joined(label: str) -> str:
    """The same without what joins its words: `station_id`, `stationId` and `Station-ID` are one name."""
    return folded(label).replace("_", "").replace("-", "")


def unit_of(label: str) -> str:
    """The unit that stands in brackets at the end of a label: 注册资本（万元）."""
    found = _UNIT.search(unicodedata.normalize("NFKC", label).strip())
    unit = found[1].removeprefix("单位:").strip() if found else ""
    return "" if _CELL.fullmatch(unit) else unit


def ends_with(label: str, kind: str) -> bool:
    """Whether a name ends with one of the words of a kind; a Latin word must stand by itself."""
    return any(_ends(folded(label), word) for word in words()[kind])


def holds(label: str, listed: Sequence[str]) -> bool:
    """Whether a name holds one of some words."""
    return any(_holds(folded(label), word) for word in listed)


def ends(label: str, listed: Sequence[str]) -> bool:
    """Whether a name ends with one of some words."""
    return any(_ends(folded(label), word) for word in listed)


def _ends(plain: str, word: str) -> bool:
    word = word.casefold()
    if not plain.endswith(word):
        return False
    return not word.isascii() or not plain[: -len(word)][-1:].isalpha() or not plain[: -len(word)][-1:].isascii()


def _holds(plain: str, word: str) -> bool:
    word = word.casefold()
    return word in expression("[^a-z0-9]+").split(plain) if word.isascii() else word in plain
