"""XML that is changed where it has to be and stays the same bytes everywhere else: elements with their offsets, and edits."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple
from xml.parsers import expat

from govdata.classes import dataclass, field
from govdata.expressions import expression
from govdata.reading.workbooks.sheets import Refusal

SPACE = "}"
"""Between the name space of an element or attribute and its name."""
TAG = expression(rb"</?[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*\s*/?>")
ATTRIBUTE = expression(rb"\s+([^\s=>]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
DECLARED = expression(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
UTF8 = frozenset(("utf-8", "utf8", "us-ascii", "ascii"))
FORBIDDEN = expression("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LOOKS_ESCAPED = expression("_(?=x[0-9A-Fa-f]{4}_)")


TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def relations_of(space: str) -> str:
    """Give the name space of relations that goes with one of sheets (ECMA-376 has two editions of each)."""
    return STRICT_RELATIONS if space == STRICT else RELATIONS


class Edit(NamedTuple):
    """Bytes from `start` up to `end` that give way to others."""

    start: int
    end: int
    new: bytes


@dataclass(slots=True)
class Element:
    """An element and where it stands: `start` of its tag, `inner` behind it, `close` before its end tag, `end` behind it."""

    name: str
    """Without its name space."""
    space: str
    attributes: Mapping[str, str]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether it is written as one tag: `<a/>`."""
        return self.inner == self.end


def read_elements(data: bytes, part: str) -> Element:
    """Read a part (in UTF-8) with the offsets of its elements. Raises `Refusal`."""
    root = Element("", "", {}, 0, 0)
    open_ones = [root]
    parser = safe_parser(part)

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        space, _, local = name.rpartition(SPACE)
        element = Element(local, space, attributes, at, at + len(tag_at(data, at)))
        open_ones[-1].children.append(element)
        open_ones.append(element)

    def end(_name: str) -> None:
        element = open_ones.pop()
        at = parser.CurrentByteIndex
        is_empty = data[element.inner - 2 : element.inner] == b"/>"
        element.close = element.inner if is_empty else at
        element.end = element.inner if is_empty else at + len(tag_at(data, at))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the last two: of encodings
        raise Refusal("workbook/broken", reason="xml", part=part) from error
    return root.children[0]


def safe_parser(part: str) -> expat.XMLParserType:
    """Give a parser with name spaces that refuses a DTD, which may hold an entity bomb."""

    def refuse(*_: object) -> None:
        raise Refusal("workbook/broken", reason="dtd", part=part)

    parser = expat.ParserCreate(namespace_separator=SPACE)
    parser.StartDoctypeDeclHandler = refuse
    return parser


def tag_at(data: bytes | bytearray, at: int) -> bytes:
    """Give the tag that starts at an offset, as it is written."""
    match = TAG.match(data, at)
    return match[0] if match else b""


def prefix_of(tag: bytes) -> bytes:
    """Give the prefix of a tag's name with its colon: `<x:row r="1">` → `x:`."""
    name = re.split(rb"[\s/>]", tag.removeprefix(b"<").removeprefix(b"/"), maxsplit=1)[0]
    return name[: name.find(b":") + 1]


def with_attributes(tag: bytes, values: Mapping[str, str | None]) -> bytes:
    """Give a start tag with attributes (plain names) set, or taken out where the value is `None`."""
    for name, value in values.items():
        found = next((match for match in ATTRIBUTE.finditer(tag) if match[1] == name.encode()), None)
        written = b"" if value is None else f' {name}="{escape(value, True)}"'.encode()
        if found:
            tag = tag[: found.start()] + written + tag[found.end() :]
        elif written:
            cut = len(tag) - (2 if tag.endswith(b"/>") else 1)
            tag = tag[:cut].rstrip() + written + tag[cut:]
    return tag


def appended(data: bytes, element: Element, items: bytes, attributes: Mapping[str, str | None] | None = None) -> list[Edit]:
    """Give the edits that add items as the last ones in an element, and set attributes of it."""
    tag = with_attributes(data[element.start : element.inner], attributes or {})
    if element.is_empty:
        name = re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0]
        return [Edit(element.start, element.end, tag.removesuffix(b"/>").rstrip() + b">" + items + b"</" + name + b">")]
    return [*([Edit(element.start, element.inner, tag)] if attributes else []), Edit(element.close, element.close, items)]


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Give the bytes with edits made; those at one place in the order in which they are given."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [data[at : edit.start], edit.new]
        at = edit.end
    return b"".join([*pieces, data[at:]])


def utf8(chunks: Iterable[bytes], part: str) -> Iterator[bytes]:
    """Give a part in UTF-8: as it is where it is so, else decoded as its mark or declaration says. Raises `Refusal`."""
    waiting = iter(chunks)
    first = next(waiting, b"")
    declared = DECLARED.search(first, 0, 200)
    named = declared[1].decode().lower() if declared else "utf-8"
    encoding = next((name for mark, name in MARKS if first.startswith(mark)), named)
    if encoding in UTF8:
        yield first
        yield from waiting
        return
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        for number, chunk in enumerate(chain((first,), waiting)):
            text = decoder.decode(chunk)
            yield (re.sub(r"(<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']", r"\1", text, count=1) if not number else text).encode()
        yield decoder.decode(b"", True).encode()
    except (LookupError, UnicodeError) as error:
        raise Refusal("workbook/broken", reason="xml", part=part) from error


def whole(text: str | bytes, other: int = 0) -> int:
    """Give the number that digits say, another one where they are none or more than any number in a workbook has."""
    return int(text) if text.isdigit() and text.isascii() and len(text) < 10 else other


def escape(text: str, quote: bool = False) -> str:
    """Give text as XML has it; characters that it cannot hold become `?`."""
    plain = html.escape(FORBIDDEN.sub("?", text), quote=False)
    return plain.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;") if quote else plain


def cell_text(text: str) -> str:
    """Give text as a workbook has it: characters that XML cannot hold, and what looks like one of these, are written as `_x0001_`."""
    if "_x" in text:
        text = LOOKS_ESCAPED.sub("_x005F_", text)
    text = FORBIDDEN.sub(lambda match: f"_x{ord(match[0]):04X}_" if ord(match[0]) < 0xD800 else "\ufffd", text)
    return html.escape(text, quote=False).replace("\r", "_x000D_")


def text_element(name: str, text: str) -> str:
    """Give `<t>` around text, with the attribute that keeps its spaces."""
    keep = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else ""
    return f"<{name}{keep}>{cell_text(text)}</{name}>"
