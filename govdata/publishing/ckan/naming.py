"""Names on a CKAN site: stable, and of the few characters that CKAN takes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

SHORTEST, LONGEST = 2, 100
"""Characters of a name (`ckan.logic.validators.name_validator`)."""

RESERVED = frozenset(("new", "edit", "search"))
HASH = 8
"""Hexadecimal digits that tell names apart."""

_MEANINGLESS = re.compile(r"[^a-z0-9_]+")


def slug(text: str, beginning: str = "") -> str:
    """A name for a text: lower case, letters of ASCII, digits, `-`, `_`.

    Where that loses something (Chinese, or what is longer than a name may be), a hash of the whole tells it from others alike.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    made = _MEANINGLESS.sub("-", plain).strip("-")
    lost = any(not character.isascii() for character in plain)
    if lost or len(made) < SHORTEST or len(made) > LONGEST or made in RESERVED:
        return _marked(made or beginning, text)
    return made


def _marked(made: str, text: str) -> str:
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH]
    return f"{made[: LONGEST - HASH - 1].rstrip('-')}-{mark}".lstrip("-")


def names_of(codes: Sequence[str], settled: Mapping[str, str]) -> dict[str, str]:
    """Code → name on the site. What has a name keeps it while it still is one for its code; of several alike, all new ones get a hash.

    `settled`: code → name that a dataset of ours has already.
    """
    made = {code: slug(code, "dataset") for code in codes}
    alike = Counter(made.values())
    found: dict[str, str] = {}
    taken: set[str] = set()
    for code in codes:
        marked = _marked(made[code], code)
        if settled.get(code) in (made[code], marked):
            found[code] = settled[code]
            taken.add(found[code])
    for code in codes:
        if code not in found:
            plain = alike[made[code]] == 1 and made[code] not in taken
            found[code] = made[code] if plain else _marked(made[code], code)
            taken.add(found[code])
    return {code: found[code] for code in codes}


def is_transliterated(code: str, name: str) -> bool:
    """Whether a name does not simply follow from its code, so that the plan must tell it."""
    return name != _MEANINGLESS.sub("-", code.casefold()).strip("-")


def upload_name(name: str, key: str, suffix: str) -> str:
    """The name of a file in the site's store: its own where that is ASCII (CKAN drops the rest), else one from the dataset's name."""
    stem = key.partition("#")[0].rpartition("/")[2].rpartition(".")[0]
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}", stem):
        return f"{stem.lower()}.{suffix}"
    mark = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:HASH]
    return f"{name[:60]}-{mark}.{suffix}"


def tags_of(keywords: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Keywords as CKAN takes them, and those that had to be changed: (keyword, what became of it; empty: left out).

    A tag has 2 to 100 characters: letters of any script, digits, blanks, `-`, `_` and `.`.
    """
    tags: list[str] = []
    told: list[tuple[str, str]] = []
    for keyword in keywords:
        kept = re.sub(r"[^\w .-]+", " ", keyword.replace("·", " "))
        tag = " ".join(kept.split())[:LONGEST].strip()
        if len(tag) < SHORTEST:
            told.append((keyword, ""))
            continue
        if tag != keyword:
            told.append((keyword, tag))
        if tag not in tags:
            tags.append(tag)
    return tags, told


def organisation_name(code: str, given: Mapping[str, str]) -> str:
    """The name of a provider's organisation: as the settings say, else from its code."""
    return given.get(code) or (f"org-{slug(code)}" if code else "")
