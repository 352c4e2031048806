"""The table of what may be in which network (`catalog/zones.yaml`)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Literal, cast

from govdata import content
from govdata.classes import dataclass
from govdata.codes import read_source
from govdata.values import Source

FILE = "catalog/zones.yaml"

Verdict = Literal["whole", "note", "entry", "refused"]
"""Entry and data may be there; so too, but the plan says so; only the entry; neither."""

STRICTER: tuple[Verdict, ...] = ("whole", "note", "entry", "refused")
"""In ascending order."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What rows look at: of the entry, or of data that would be published with it."""

    of: Literal["entry", "data"]
    title: Mapping[str, str]
    codes: str = ""
    """The code list of its values."""


@dataclass(frozen=True, slots=True)
class Row:
    """A fact with one of some values, and what follows from it in each network."""

    rule: str
    fact: str
    values: frozenset[str]
    verdicts: Mapping[str, Verdict]
    """Network → what may be in it."""
    source: Source
    final: bool
    """No exception lets it pass."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows, in the order in which their reasons are told."""

    version: str
    facts: Mapping[str, Fact]
    rows: tuple[Row, ...]
    named: Mapping[str, frozenset[str]]
    """Fact → the values that some row names."""

    @property
    def rules(self) -> frozenset[str]:
        """The rules that some row names."""
        return frozenset(row.rule for row in self.rows)

    @property
    def final(self) -> frozenset[str]:
        """The rules from which no exception is possible: every row that names them is final."""
        return self.rules - {row.rule for row in self.rows if not row.final}


def zones() -> tuple[str, ...]:
    """The codes of the networks, in the order of their list."""
    return tuple(str(code["code"]) for code in _networks())


def zone_title(code: str) -> Mapping[str, str]:
    """The name of a network in both languages; its code where there is no such network."""
    found = next((item for item in _networks() if item["code"] == code), {})
    return {"zh": str(found.get("zh", code)), "en": str(found.get("en", code))}


def _networks() -> list[Mapping[str, Any]]:
    return list(content.compiled("codes")["zone/list.yaml"]["codes"])


@functools.cache
def read_table() -> Table:
    """The table as it is shipped."""
    declared = content.load(FILE)
    sources = {name: read_source(source) for name, source in declared["sources"].items()}
    facts = {name: Fact(fact["of"], fact["title"], fact.get("codes", "")) for name, fact in declared["facts"].items()}
    rows = tuple(_row(row, sources) for row in declared["rows"])
    named = {name: frozenset(value for row in rows if row.fact == name for value in row.values) for name in facts}
    return Table(str(declared["version"]), facts, rows, named)


def _row(row: Mapping[str, Any], sources: Mapping[str, Source]) -> Row:
    verdicts = {zone: cast(Verdict, row[zone]) for zone in zones()}
    return Row(row["rule"], row["fact"], frozenset(row["is"]), verdicts, sources[row["source"]], row.get("final") is True)
