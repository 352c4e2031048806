"""How the parts of a workbook find one another: content types, relations, names that are free."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from posixpath import dirname, join, relpath

from govdata.classes import dataclass
from govdata.marking.markup import Edit, appended, apply, escape, prefix_of, read_elements

TYPES = "[Content_Types].xml"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"
SUFFIXES = {
    "sheet.main+xml": ".xlsx",
    "template.main+xml": ".xltx",
    "application/vnd.ms-excel.sheet.macroenabled.main+xml": ".xlsm",
    "application/vnd.ms-excel.template.macroenabled.main+xml": ".xltm",
}
"""End of the main part's content type → what the file must be called: Excel refuses a macro workbook by another name."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to."""

    id: str
    kind: str
    """The last word of its type."""
    target: str
    """As written."""


def rels_of(part: str) -> str:
    """Give the name of the part that holds another one's relations."""
    return join(dirname(part), "_rels", part.rpartition("/")[2] + ".rels")


def list_relations(data: bytes, part: str) -> list[Relation]:
    """Read a part of relations, external ones included. Raises `Refusal`."""
    found = read_elements(data, part).children if data else []
    return [
        Relation(item.attributes.get("Id", ""), item.attributes.get("Type", "").rpartition("/")[2], item.attributes.get("Target", ""))
        for item in found
    ]


def free_ids(taken: Collection[str]) -> Iterator[str]:
    """Give ids of relations that are not taken."""
    number, known = 0, {name.lower() for name in taken}
    while True:
        number += 1
        if f"rid{number}" not in known:
            yield f"rId{number}"


def free_name(pattern: str, taken: Collection[str]) -> str:
    """Give the first name (`xl/comments{}.xml`) that no part has; names differ by more than case."""
    number = 1
    while pattern.format(number).lower() in taken:
        number += 1
    return pattern.format(number)


def add_relations(data: bytes, part: str, added: Collection[tuple[str, str, str]]) -> bytes:
    """Give a part of relations with more of them: id, whole type, and the part that it points to, as its name in the file.

    `part` is the one that refers. Raises `Refusal`.
    """
    whole = data or HEAD + f'<Relationships xmlns="{PACKAGE}"></Relationships>'.encode()
    root = read_elements(whole, rels_of(part))
    prefix = prefix_of(whole[root.start :]).decode()
    items = "".join(
        f'<{prefix}Relationship Id="{key}" Type="{kind}" Target="{escape(relpath(target, dirname(part) or "."), True)}"/>'
        for key, kind, target in added
    )
    return apply(whole, appended(whole, root, items.encode()))


def add_types(data: bytes, overrides: Collection[tuple[str, str]], drawings: bool) -> bytes:
    """Give the content types with those of new parts (name, type), and that of `.vml` where drawings are new. Raises `Refusal`."""
    root = read_elements(data, TYPES)
    prefix = prefix_of(data[root.start :]).decode()
    known = {item.attributes.get("Extension", "").lower() for item in root.children if item.name == "Default"}
    defaults = "".join(
        f'<{prefix}Default Extension="{name}" ContentType="{kind}"/>'
        for name, kind, wanted in (("vml", DRAWING, drawings), ("xml", "application/xml", "xml" not in known))
        if wanted and name not in known
    )
    items = "".join(f'<{prefix}Override PartName="/{escape(name, True)}" ContentType="{kind}"/>' for name, kind in overrides)
    first = root.children[0].start if root.children else None
    if first is None:
        return apply(data, appended(data, root, (defaults + items).encode()))
    return apply(data, [Edit(first, first, defaults.encode()), *appended(data, root, items.encode())])


def suffix_of(types: bytes, main: str) -> str:
    """Give the ending that a workbook's file must have by the content type of its main part."""
    for item in read_elements(types, TYPES).children:
        if item.attributes.get("PartName", "").lstrip("/").lower() == main.lower():
            kind = item.attributes.get("ContentType", "").lower()
            return next((suffix for end, suffix in SUFFIXES.items() if kind.endswith(end.lower())), ".xlsx")
    return ".xlsx"
