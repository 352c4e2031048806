"""Ways to break a file: its bytes, its tree of values, its cells, the parts of its archive. Each takes a generator of chance."""

from __future__ import annotations

import copy
import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

MARKUP = "<script>x9z()</script>"
"""Must never stand as written in an HTML report."""

HOSTILE = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\x1b[31mred\x1b[0m\x1b]0;t\x07",
    "\x9b31m",
    MARKUP,
    "=HYPERLINK(1)",
    "@SUM(1)",
    "{value}",
    "{0}{",
    "%s%n",
    "\ufeff",
    "\ud800",
    "\u2028\x85",
    "１２３",
    "−5",
    "1e999",
    "-1e999999999",
    "9" * 5000,
    "0." + "1" * 5000,
    "1E+9999999999999999999",
    "NaN",
    "INF",
    "-INF",
    "sNaN",
    "NaN123",
    "Infinity",
    "0x1F",
    "1_000",
    "٣٤",
    "99999-01-01",
    "0000-00-00",
    "2024-02-30",
    "9999-12-31T23:59:59+99:99",
    "0001-01-01T00:00:00+23:59",
    "24:00:00",
    "P1Y",
    "P" + "9" * 400 + "Y",
    "PT" + "9" * 30 + "S",
    "-P1DT",
    "P0.5Y",
    "[" * 5000,
    "[" * 200_000,
    '{"a":' * 3000,
    '{"type":"Point"}',
    '{"type":"GeometryCollection","geometries":[' * 500,
    '{"type":"Point","coordinates":[1e999,NaN]}',
    '{"x":"\\ud800"}',
    '{"type":"Topology"}',
    "[1,2",
    "null",
    "1,1e999",
    "1,2,3",
    "(1,2)",
    "http://[::1",
    "http://[",
    "mailto:",
    "a@[1.2.3.4",
    "a" * 100_000,
    "中" * 30_000,
    "a" * 60 + "!",
    '"',
    'a"b',
    "\r",
    "a\nb",
    "true",
    "是",
    "2024-13",
    "24-1-1",
    "12:60",
    "-0",
    "+1",
    "1.",
    ".5",
    "1,234.50",
    "٪",
    "50%",
    "¥5",
)
"""Texts that readers trip over."""

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    10**400,
    1e308,
    float("inf"),
    float("nan"),
    "",
    " ",
    "x",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"a": {"b": [1]}},
    ["x", 1, None],
    "是",
    "\ud800",
    "../../etc/passwd",
    "/dev/zero",
    "C:\\x",
    "a\x00b",
    "x" * 5000,
    2**63,
    "${x}",
    "{value}",
    "\u202e",
    [0],
    [5, 1],
    10**9,
    [10**9],
    [-3],
    "true",
    "1e5",
    "https://example.org/x",
    ["a", "a"],
    {"$ref": "#"},
    {"type": "object"},
)
"""Values where another kind is expected."""


def break_bytes(data: bytes, chance: Random) -> bytes:
    """Some bytes flipped, put in, taken out, doubled, or the end cut off."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 20))):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(6):
            case 0 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                found[at:at] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 2, 9))))
            case 2:
                del found[at : at + chance.choice((1, 2, 30))]
            case 3:
                found[at:at] = chance.choice(HOSTILE)[:2000].encode("utf-8", "surrogatepass")
            case 4:
                found[at:at] = found[at : at + chance.choice((5, 50, 500))]
            case _ if chance.random() < 0.3:
                del found[at:]
    return bytes(found)


def deep(chance: Random, leaf: Any = "x") -> Any:
    """A value in many layers."""
    found = leaf
    for _ in range(chance.choice((5, 70, 400, 2000))):
        found = [found] if chance.random() < 0.5 else {"a": found}
    return found


def odd(chance: Random) -> Any:
    """A value of a kind that nobody expects."""
    roll = chance.random()
    if roll < 0.04:
        return deep(chance)
    return chance.choice(HOSTILE) if roll < 0.3 else copy.deepcopy(chance.choice(ODD))


def places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Each container of a tree with each key or index in it."""
    stack = [tree]
    for _ in range(20_000):
        if not stack:
            return
        node = stack.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            yield node, key
            stack.append(value)


def break_tree(tree: Any, chance: Random) -> Any:
    """Some values of a tree replaced, taken out, moved, wrapped, or their keys renamed."""
    tree = copy.deepcopy(tree)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        known = list(places(tree))
        if not known or chance.random() < 0.01:
            return odd(chance)
        node, key = chance.choice(known)
        _change(node, key, chance, known)
    return tree


def _change(node: Any, key: Any, chance: Random, known: list[tuple[Any, Any]]) -> None:
    match chance.randrange(7):
        case 0 | 1 | 2:
            node[key] = odd(chance)
        case 3:
            del node[key]
        case 4:
            node[key] = chance.choice(([node[key]], {"x": node[key]}, [node[key], node[key]], str(node[key])[:5000]))
        case 5 if isinstance(node, dict):
            node[chance.choice((f" {key}", f"{key}s", str(key).upper(), chance.choice(HOSTILE)[:300], "standard", "fields"))] = node.pop(
                key
            )
        case _:
            other, place = chance.choice(known)
            if place in other if isinstance(other, dict) else place < len(other):
                node[key] = json.loads(_json(other[place]))


def _json(tree: Any) -> str:
    try:
        return json.dumps(tree, ensure_ascii=False)
    except (RecursionError, ValueError):
        return "null"


def write_json(tree: Any, chance: Random) -> bytes:
    """A tree as JSON, lone surrogates as escapes, sometimes with numbers nobody can hold."""
    try:
        text = json.dumps(tree, ensure_ascii=chance.random() < 0.5)
    except (RecursionError, ValueError):
        text = '{"a":' * 20_000
    return text.encode("utf-8", "backslashreplace" if chance.random() < 0.5 else "surrogatepass")


def write_yaml(tree: Any, chance: Random) -> bytes:
    """A tree as YAML, by the library or as JSON, which is YAML too."""
    import yaml

    if chance.random() < 0.5:
        return write_json(tree, chance)
    try:
        return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass")
    except (yaml.YAMLError, RecursionError, ValueError):
        return write_json(tree, chance)


def break_cells(data: bytes, chance: Random) -> bytes:
    """Cells of a CSV file replaced, rows torn, columns added."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return break_bytes(data, chance)
    for _ in range(chance.choice((1, 2, 5))):
        row = chance.choice(rows) if rows else []
        match chance.randrange(6):
            case 0:
                row.append(chance.choice(HOSTILE))
            case 1 if row:
                row.pop(chance.randrange(len(row)))
            case 2:
                rows.insert(chance.randrange(len(rows) + 1), [])
            case _ if row:
                row[chance.randrange(len(row))] = chance.choice(HOSTILE)
    return write_csv(rows)


def write_csv(rows: list[list[str]]) -> bytes:
    """Rows as CSV, with every sign that can stand in a cell."""
    target = io.StringIO(newline="")
    csv.writer(target).writerows(rows)
    return target.getvalue().encode("utf-8", "surrogatepass")


def break_archive(data: bytes, chance: Random) -> bytes:
    """A workbook with one part changed, lost, doubled or renamed; or its own bytes changed."""
    if chance.random() < 0.3:
        return break_bytes(data, chance)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            parts = {name: source.read(name) for name in source.namelist()}
    except (zipfile.BadZipFile, zipfile.zlib.error, NotImplementedError, RuntimeError):  # type: ignore[attr-defined]
        return break_bytes(data, chance)
    if not parts:
        return b"PK\x05\x06"
    name = chance.choice(list(parts))
    _PART[chance.randrange(len(_PART))](parts, name, chance)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))) as file:
        for name, body in parts.items():
            file.writestr(name, body)
    return target.getvalue()


def _lose(parts: dict[str, bytes], name: str, chance: Random) -> None:
    del parts[name]


def _rename(parts: dict[str, bytes], name: str, chance: Random) -> None:
    parts[chance.choice((name.upper(), f"../{name}", f"/{name}", name.replace("/", "\\"), "x"))] = parts.pop(name)


def _bytes(parts: dict[str, bytes], name: str, chance: Random) -> None:
    parts[name] = break_bytes(parts[name], chance)


def _entity(parts: dict[str, bytes], name: str, chance: Random) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    head, _, rest = parts[name].partition(b"?>")
    parts[name] = head + b"?>" + bomb + rest.replace(b"</", chance.choice((b"&b;", b"&f;", b"&undefined;")) + b"</", 3)


def _attribute(parts: dict[str, bytes], name: str, chance: Random) -> None:
    """A value of an attribute, or a text, replaced: numbers of styles, of strings, of repeats."""
    pieces = parts[name].split(b'"')
    wrong = (
        b"-1",
        b"999999999",
        b"1" * 400,
        b"x",
        b"",
        b"1e999",
        b"A0",
        b"ZZZZZZ1",
        b"XFD1048577",
        b"2024-99-99",
        b"&#0;",
        b"NaN",
        b"\xff",
    )
    for _ in range(chance.choice((1, 3, 10))):
        if len(pieces) > 2:
            pieces[chance.randrange(len(pieces) // 2) * 2 + 1] = chance.choice(wrong)
    parts[name] = b'"'.join(pieces)


def _text(parts: dict[str, bytes], name: str, chance: Random) -> None:
    pieces = parts[name].split(b"<v>")
    at = chance.randrange(len(pieces))
    wrong = (b"99999999", b"-1", b"1e999", b"x", b"", b"NaN", b"1" * 5000, b"<v>", b"-0.0000001", b"2958466", b"1E-400")
    pieces[at] = chance.choice(wrong) + pieces[at][pieces[at].find(b"<") :]
    parts[name] = b"<v>".join(pieces)


def _nested(parts: dict[str, bytes], name: str, chance: Random) -> None:
    at = parts[name].rfind(b"</")
    parts[name] = parts[name][:at] + b"<a>" * 3000 + parts[name][at:]


Part = Callable[[dict[str, bytes], str, Random], None]
_PART: tuple[Part, ...] = (_lose, _rename, _bytes, _bytes, _entity, _attribute, _attribute, _attribute, _text, _text, _nested)
