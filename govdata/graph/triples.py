"""Triples in the order in which they were written, repeats included: kept on disk where they are many, or made from one entry.

A store of RDF would forget order and repeats, which the lists of an entry have.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from govdata.expressions import expression
from govdata.graph.names import XSD
from govdata.graph.vocabulary import FIRST, JSON, NIL, REST, TYPE
from govdata.reading.entries.jsonld import DATASETS

IRI, BLANK, LITERAL = 0, 1, 2
LONGEST = 1 << 20
"""Characters of a literal; a longer one is not kept (`Triples.oversized`)."""
MOST = 10_000
"""Values of one property, and items of a list, that are read: no schema of an entry allows more."""
_NOT_HELD = expression("[\ud800-\udfff\ufffe\uffff]")
_BATCH = 20_000
_RECENT = 256
"""Descriptions that are kept: many datasets have one publisher."""


class Node(NamedTuple):
    """An object of a triple, or (IRI or blank) a subject."""

    kind: int
    value: str
    """The IRI, the label of the blank node, or the literal's text."""
    datatype: str = ""
    language: str = ""

    @property
    def key(self) -> str:
        """What names it as a subject: `_:` before the label of a blank node."""
        return f"_:{self.value}" if self.kind == BLANK else self.value


Triple = tuple[str, str, Node]
"""(key of the subject, IRI of the property, object)."""
Properties = Mapping[str, list[Node]]
"""IRI of a property → its objects, in the order written."""


class Graph(Protocol):
    """What is needed to read a description."""

    broken: set[str]
    """Keys of lists that are known to have no end."""

    def properties(self, subject: str) -> Properties: ...
    def pointing(self, predicate: str, target: str) -> Iterator[str]: ...


class Small:
    """A few triples in memory."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.broken: set[str] = set()
        self.found: dict[str, dict[str, list[Node]]] = {}
        for subject, predicate, node in triples:
            self.found.setdefault(subject, {}).setdefault(predicate, []).append(node)

    def properties(self, subject: str) -> Properties:
        """All that is said of a subject."""
        return self.found.get(subject, {})

    def pointing(self, predicate: str, target: str) -> Iterator[str]:
        """Subjects whose property has the target."""
        for subject, properties in self.found.items():
            if any(node.key == target for node in properties.get(predicate, ()) if node.kind != LITERAL):
                yield subject


class Triples:
    """The triples of a document of any size: in memory while they are few, else in a temporary file of SQLite's own."""

    def __init__(self) -> None:
        self.base = sqlite3.connect("")
        self.count = 0
        self.recent: dict[str, Properties] = {}
        self.broken: set[str] = set()
        self.oversized: list[tuple[str, str]] = []
        """(subject, property) of literals that were too long, the first hundred."""
        for statement in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-65536"):
            self.base.execute(statement)
        self.base.execute("CREATE TABLE triple (s TEXT, p TEXT, kind INTEGER, o TEXT, datatype TEXT, language TEXT)")

    def fill(self, triples: Iterable[Triple]) -> None:
        """Take in triples, then make them findable."""
        rows = ((s, p, *node) for s, p, node in triples if self._fits(s, p, node))
        while batch := list(itertools.islice(rows, _BATCH)):
            self.base.executemany("INSERT INTO triple VALUES (?, ?, ?, ?, ?, ?)", batch)
            self.count += len(batch)
        self.base.execute("CREATE INDEX by_subject ON triple (s)")
        self.base.execute(f"CREATE INDEX by_object ON triple (o, p) WHERE kind < {LITERAL}")

    def _fits(self, subject: str, predicate: str, node: Node) -> bool:
        if len(node.value) <= LONGEST:
            return True
        if len(self.oversized) < 100:
            self.oversized.append((subject, predicate))
        return False

    def properties(self, subject: str) -> Properties:
        """What is said of a subject, in the order written; of a property no more than one value beyond `MOST`.

        What is said twice of a thing with an address counts once (a publisher that comes with each dataset), but of our datasets.
        """
        if subject not in self.recent:
            if len(self.recent) >= _RECENT:
                self.recent.clear()
            self.recent[subject] = self._read(subject)
        return self.recent[subject]

    def _read(self, subject: str) -> Properties:
        found: dict[str, list[Node]] = {}
        repeats = subject.startswith(("_:", DATASETS))
        seen: set[tuple[str, Node]] = set()
        rows = self.base.execute("SELECT p, kind, o, datatype, language FROM triple WHERE s = ? ORDER BY rowid", (subject,))
        for predicate, *parts in rows:
            nodes, node = found.setdefault(predicate, []), Node(*parts)
            if len(nodes) <= MOST and (repeats or (predicate, node) not in seen):
                nodes.append(node)
                seen.add((predicate, node))
        return found

    def pointing(self, predicate: str, target: str) -> Iterator[str]:
        """Subjects whose property has the target, in the order written."""
        kind, value = (BLANK, target[2:]) if target.startswith("_:") else (IRI, target)
        # The condition of the index word by word: else SQLite does not see that it serves, and reads everything.
        query = f"SELECT s FROM triple WHERE o = ? AND p = ? AND kind < {LITERAL} AND kind = ? ORDER BY rowid"
        yield from (row[0] for row in self.base.execute(query, (value, predicate, kind)))

    def of_type(self, kinds: Iterable[str]) -> Iterator[str]:
        """Subjects of one of the classes, each once, in the order in which they were said to be so."""
        marks = list(kinds)
        asked = ", ".join("?" * len(marks))
        query = f"SELECT s, MIN(rowid) AS n FROM triple WHERE o IN ({asked}) AND p = ? AND kind < {LITERAL} GROUP BY s ORDER BY n"
        # A cursor of its own: others are read while it goes on.
        yield from (row[0] for row in self.base.cursor().execute(query, (*marks, TYPE)))

    def objects(self, predicates: Iterable[str]) -> Iterator[Node]:
        """What properties point at or say, each once, in the order written."""
        marks = list(predicates)
        asked = ", ".join("?" * len(marks))
        query = f"SELECT kind, o, MIN(rowid) AS n FROM triple WHERE p IN ({asked}) GROUP BY kind, o ORDER BY n"
        yield from (Node(*row[:2]) for row in self.base.cursor().execute(query, marks))

    def close(self) -> None:
        """Give the temporary file back."""
        self.base.close()


def items(graph: Graph, head: Node) -> list[Node] | None:
    """The items of an RDF list; `None` where it is none: no beginning, a circle, or too long."""
    found: list[Node] = []
    seen: set[str] = set()
    start = head.key
    while not (head.kind == IRI and head.value == NIL):
        properties = graph.properties(head.key) if head.kind != LITERAL and start not in graph.broken else {}
        first, rest = properties.get(FIRST), properties.get(REST)
        if not first or not rest or head.key in seen or len(found) >= MOST:
            # Many may point at it: it is walked once. Of a circle no part has an end either.
            graph.broken.update(seen if head.key in seen else (start,))
            return None
        seen.add(head.key)
        found.append(first[0])
        head = rest[0]
    return found


def triples_of(expanded: Mapping[str, Any], numbers: Iterator[int]) -> tuple[Node, list[Triple]]:
    """A node of expanded JSON-LD as triples: its own name and what is said, in order. `numbers` name blank nodes."""
    made: list[Triple] = []
    subject = _node(expanded, numbers, made)
    return subject, made


def _node(value: Mapping[str, Any], numbers: Iterator[int], made: list[Triple]) -> Node:
    if "@value" in value:
        return _literal(value)
    if "@list" in value:
        return _list(value["@list"], numbers, made)
    subject = Node(IRI, value["@id"]) if "@id" in value else Node(BLANK, f"b{next(numbers)}")
    key = subject.key
    below: list[Triple] = []
    for predicate, objects in value.items():
        if predicate == "@type":
            made += [(key, TYPE, Node(IRI, kind)) for kind in (objects if isinstance(objects, list) else [objects])]
        elif predicate[0] != "@":
            made += [(key, predicate, _node(item, numbers, below)) for item in objects]
    made += below
    return subject


def _literal(value: Mapping[str, Any]) -> Node:
    content, datatype = value["@value"], value.get("@type", "")
    if datatype == "@json":
        return json_literal(content)
    if isinstance(content, bool):
        return Node(LITERAL, "true" if content else "false", datatype or f"{XSD}boolean")
    if isinstance(content, int):
        return Node(LITERAL, str(content), datatype or f"{XSD}integer")
    return Node(LITERAL, str(content), datatype, value.get("@language", ""))


def json_literal(content: Any) -> Node:
    """A value of JSON as JSON-LD 1.1 (API, §8.6) has it in a graph: by RFC 8785, so characters stand as they are. What a literal or XML
    cannot hold is escaped, and a number keeps its digits."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Node(LITERAL, _NOT_HELD.sub(lambda match: f"\\u{ord(match[0]):04x}", text), JSON)


def _list(values: list[Mapping[str, Any]], numbers: Iterator[int], made: list[Triple]) -> Node:
    heads = [Node(BLANK, f"b{next(numbers)}") for _ in values]
    for number, value in enumerate(values):
        made.append((heads[number].key, FIRST, _node(value, numbers, made)))
        made.append((heads[number].key, REST, heads[number + 1] if number + 1 < len(heads) else Node(IRI, NIL)))
    return heads[0] if heads else Node(IRI, NIL)
