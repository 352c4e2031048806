"""DCAT as others write it: prefixes, other words for the same, values of others' lists (`schemas/dcat.yaml`)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from govdata import content
from govdata.graph.names import RDF

FILE = "schemas/dcat.yaml"
TYPE, FIRST, REST, NIL, JSON = (f"{RDF}{name}" for name in ("type", "first", "rest", "nil", "JSON"))


@functools.cache
def prefixes() -> Mapping[str, str]:
    """Prefix → namespace."""
    found: Mapping[str, str] = content.load(FILE)["prefixes"]
    return found


def full(name: str) -> str:
    """`dct:title` as IRI; what has none of the prefixes stays."""
    prefix, colon, local = name.partition(":")
    namespace = prefixes().get(prefix)
    return namespace + local if colon and namespace is not None else name


@functools.lru_cache(4096)
def short(iri: str) -> str:
    """An IRI as `dct:title`, where it is in one of the namespaces."""
    for prefix, namespace in prefixes().items():
        if iri.startswith(namespace) and _is_local(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def _is_local(name: str) -> bool:
    return bool(name) and name.isascii() and name.replace("-", "").replace("_", "").isalnum()


@functools.cache
def synonyms() -> Mapping[str, tuple[str, ...]]:
    """Pointer without numbers into the entry → IRIs of further properties that say it, the preferred first."""
    return {pointer: tuple(full(name) for name in names) for pointer, names in content.load(FILE)["also"].items()}


@functools.cache
def listed(section: str) -> tuple[str, ...]:
    """The IRIs of a section that is a list of names: `names`, `derived`, `ignored`."""
    return tuple(full(name) for name in content.load(FILE)[section])


@functools.cache
def table(section: str) -> Mapping[str, Any]:
    """A section that is a table."""
    found: Mapping[str, Any] = content.load(FILE)[section]
    return found


@functools.cache
def addresses() -> frozenset[str]:
    """Pointers at which the IRI counts, whatever the thing is called."""
    return frozenset(content.load(FILE)["addresses"])


@functools.cache
def cycles() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Update cycles: IRI or text → code, and code → IRI of the EU's frequency list."""
    told = table("frequency")
    listed_codes = content.compiled("codes")["update-cycle/list.yaml"]["codes"]
    written = {str(item["code"]): told["prefix"] + item["frequency"] for item in listed_codes if item.get("frequency")}
    return {**told["also"], **{iri: code for code, iri in written.items()}}, written
