"""Search in Chinese: queries rewritten so that unspaced words are found together, and what of a dataset goes into the index."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from govdata.ckanfields import Field, dataset_fields, state_fields
from govdata.reading.entries.keys import OBJECT

QUERY_FIELDS = "title^8 name^4 tags^4 notes^2 groups^2 text"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(f"[{_HAN}]+")
_BETWEEN = re.compile(f"[\\s、，。；,;]+|(?<=[{_HAN}])(?=[^{_HAN}])|(?<=[^{_HAN}])(?=[{_HAN}])")
_SYNTAX = re.compile(r'[:"(){}\[\]^~*?\\/|&!<>]|(?:^|\s)[+-]|\b(?:AND|OR|NOT|TO)\b')
"""What makes a query more than words: whoever writes this means Solr's syntax, and it is left alone."""
_PARTICLES = re.compile("[的之]|以及|有关|关于")
_LONGEST, _PART = 12, 4
"""A run of up to 12 characters is cut, into words of 2 to 4: longer words are found as phrases of their parts."""
_WORDS_ONLY = 1000
"""Characters: what is longer is no code that one filters by, and Solr refuses a term of more than 32,766 bytes."""


def chinese_query(text: str) -> str | None:
    """A query for Solr's edismax in place of words in Chinese; `None` where there are none, or where Solr's syntax is used.

    Every word must occur. An unspaced run is found as it stands, first, and else where it can be cut into parts of two
    to four characters that all occur (上海停车场: 上海, 停车场): no dictionary is needed, and a cut through a word finds
    nothing, because its halves do not occur as such.
    """
    if not _RUN.search(text) or _SYNTAX.search(text):
        return None
    words = [word for word in _BETWEEN.split(text) if word.strip("-_+")]
    return " AND ".join(_word(word) for word in words) if words else None


def _word(word: str) -> str:
    if not _RUN.fullmatch(word):
        return word
    ways = dict.fromkeys([(word,), *_cuts(word)])
    particles = _PARTICLES.sub(" ", word).split()
    if len(particles) > 1 or (particles and particles[0] != word):
        ways |= dict.fromkeys(tuple(parts) for parts in _products([[*_cuts(part), (part,)] for part in particles]))
    if len(ways) == 1:
        return f'"{word}"'
    return "(" + " OR ".join(_way(parts, whole=parts == (word,)) for parts in ways) + ")"


def _way(parts: tuple[str, ...], whole: bool) -> str:
    if whole:
        return f'"{parts[0]}"^4'
    return "(" + " AND ".join(f'"{part}"' for part in parts) + ")"


def _cuts(run: str) -> Iterator[tuple[str, ...]]:
    """All ways to cut a run into two or more parts of 2 to 4 characters: one for 4 characters, 35 for 12."""
    if len(run) <= _LONGEST:
        yield from (parts for parts in _parts(run) if len(parts) > 1)


def _parts(run: str) -> Iterator[tuple[str, ...]]:
    if not run:
        yield ()
    for size in range(2, min(_PART, len(run)) + 1):
        yield from ((run[:size], *rest) for rest in _parts(run[size:]))


def _products(choices: list[list[tuple[str, ...]]]) -> Iterator[tuple[str, ...]]:
    if not choices:
        yield ()
        return
    for first in choices[0]:
        for rest in _products(choices[1:]):
            yield (*first, *rest)


def index_fields(document: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """A document for Solr as it should be: lists as several values, no JSON and no digests among the words.

    `document`: what CKAN would send. `entry`: the canonical entry of the dataset.
    """
    found = dict(document)
    for field in dataset_fields():
        if len(str(found.get(field.name, ""))) > _WORDS_ONLY and f"extras_{field.name}" in found:
            found.pop(field.name)
        words = _words(field, entry)
        if words is None:
            continue
        found[f"extras_{field.name}"] = " ".join(words)
        if field.term.codes and field.term.many:
            found[f"vocab_{field.name}"] = words
        found.pop(field.name, None)
    for name in state_fields("dataset"):
        # One filters by them; nobody looks for their words.
        found.pop(f"extras_{name}", None)
    for name in [name for name in found if name.startswith("res_extras_govdata_") or name == "res_extras_data_items"]:
        found.pop(name)
    items = [item for resource in entry.get("resources", ()) for item in resource.get("fields", ()) if isinstance(item, Mapping)]
    return {**found, "res_extras_data_items": [str(item.get("name", "")) for item in items]} if items else found


def _words(field: Field, entry: Mapping[str, Any]) -> list[str] | None:
    """The texts of a list of the entry; of a list of objects, their names and types. `None` for what is no extra of CKAN's."""
    value = field.of(entry)
    if not field.term.many or not isinstance(value, list) or field.name == "tag_string":
        return None
    if field.term.kind == OBJECT:
        items = [item for item in value if isinstance(item, Mapping)]
        return [str(item[key]) for item in items for key in ("name", "englishName", "type") if item.get(key)]
    return [str(item) for item in value]
