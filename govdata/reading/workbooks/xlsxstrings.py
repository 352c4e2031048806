"""The texts of an XLSX workbook: shared and rich ones, and the characters that XML cannot hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from govdata.expressions import expression
from govdata.reading.workbooks.archive import Archive, grow, read_chunks, too_large
from govdata.reading.workbooks.xlsxblocks import STRINGS, Blocks

CHARACTERS = r"[^<>&\x00-\x08\x0b-\x1f\ufffe\uffff]*+"
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#9;": "\t", "&#10;": "\n", "&#13;": "\r"}
ENTITY = "|".join(ENTITIES)
TEXT = rf"{CHARACTERS}(?:(?:{ENTITY}){CHARACTERS})*+"
"""Text that XML takes as it is written, but for these entities. A carriage return is none: XML makes another sign of it."""
PLAIN_TEXT = rf'<t(?: xml:space="preserve")?+>({TEXT})</t>'
SHARED = expression(rf'<si>{PLAIN_TEXT}(?:<phoneticPr fontId="[0-9]{{1,6}}"(?: type="[A-Za-z]{{1,30}}")?/>)?+</si>[ \t\r\n]*+')
ESCAPE = expression("_x([0-9A-Fa-f]{4})_")
ANY_ENTITY = expression(ENTITY)


def read_strings(archive: Archive, part: str) -> list[str | None]:
    """Read the table of shared strings; an empty one is `None`, as an empty cell is. Raises `Refusal`."""
    strings: list[str | None] = []
    size = 0
    for some in _read_some(archive, part):
        strings.extend(some)
        size += sum(map(len, filter(None, some)))
        if size > archive.limits.strings:
            raise too_large("strings", size, archive.limits.strings, part)
    return strings


def _read_some(archive: Archive, part: str) -> Iterator[list[str | None]]:
    """Read the strings of plain form quickly, others by the XML parser, and all by it from where the form is not proven."""
    blocks = Blocks(read_chunks(archive, part), STRINGS)
    for block in blocks.give():
        some = _read_block(blocks, block)
        if some is None:
            yield from _read_tree(archive, part, blocks.left(block))
            return
        yield some
    yield from _read_tree(archive, part, blocks.left())


def _read_block(blocks: Blocks, block: str) -> list[str | None] | None:
    """Read the strings of a block, all or none: none where one of them is not proven to be a string."""
    pieces: list[str] = SHARED.split(block)
    texts, between = decode_texts(pieces[1::2]), pieces[::2]
    if not any(between):
        return texts
    others = blocks.parse(between)
    if others is None or any(local(element.tag) != "si" for elements in others for element in elements):
        return None
    strings: list[str | None] = []
    for number, elements in enumerate(others):
        strings.extend(map(read_text, elements))
        strings.extend(texts[number : number + 1])
    return strings


def _read_tree(archive: Archive, part: str, chunks: Iterable[bytes]) -> Iterator[list[str | None]]:
    last: Element | None = None
    for root in grow(archive, part, chunks):
        last = root
        yield [read_text(element) for element in root[:-1] if local(element.tag) == "si"]
        del root[:-1]
    if last is not None:
        yield [read_text(element) for element in last if local(element.tag) == "si"]


def decode_texts(texts: list[str]) -> list[str | None]:
    """Give what texts of the form `TEXT` say; an empty one is `None`."""
    together = "".join(texts)
    if "&" in together:
        texts = [ANY_ENTITY.sub(lambda match: ENTITIES[match[0]], text) if "&" in text else text for text in texts]
    if "_x" in together:
        texts = list(map(unescape, texts))
    return list(texts) if all(texts) else [text or None for text in texts]


def read_text(element: Element) -> str | None:
    """Read a string: plain text or the runs of rich text; phonetic runs (rPh) are no part of it."""
    text = ""
    for child in element:
        name = local(child.tag)
        if name == "t":
            text += child.text or ""
        elif name == "r":
            text += "".join(part.text or "" for part in child if local(part.tag) == "t")
    return unescape(text) or None


def unescape(text: str) -> str:
    """Undo `_x000D_`, by which XLSX writes characters that XML cannot hold; half of a surrogate pair stays as it is."""
    if "_x" not in text:
        return text
    return ESCAPE.sub(lambda match: match[0] if 0xD800 <= int(match[1], 16) < 0xE000 else chr(int(match[1], 16)), text)


def local(tag: str) -> str:
    """Give the name of an element without its name space."""
    return tag.rpartition("}")[2]
