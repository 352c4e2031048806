"""The elements of a large XLSX part (rows, strings) as blocks of text, where their place is proven; the XML parser has the rest.

What stands before the first element is held against a grammar and shown to an XML parser, so that a block starts where elements
stand and not within a comment. The user of a block takes out the elements whose form he knows and parses what is between them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import chain
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from govdata.classes import dataclass
from govdata.expressions import expression

MOST_OPEN = 1 << 22
"""Bytes that are looked at for the end of an element, or for the first one, before the parser gets them."""
BLOCK = 1 << 17
DECLARATION = rb"(?:\xef\xbb\xbf)?(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'][Uu][Tt][Ff]-8[\"'])?(?: standalone=[^?<>]*)?\?>)?\s*"
"""UTF-8 is what every spreadsheet writes; other encodings are for the parser."""
ELEMENTS = rb"(?:<(?![!?])[^<>]*>[^<>]*)+"
"""Elements and texts, but no comment, CDATA or DTD, of which the first row could be a part."""
START_TAG = expression(rb"<[A-Za-z][A-Za-z0-9:._-]{0,40}(?:\s[^<>]{0,20000})?>")


class Form(NamedTuple):
    """How the elements of a part begin and end, and what may stand before them."""

    first: bytes
    end: bytes
    opening: re.Pattern[bytes]


ROWS = Form(b"<row", b"</row>", expression(DECLARATION + ELEMENTS + rb"(?<=<sheetData>)\s*"))
STRINGS = Form(b"<si>", b"</si>", expression(DECLARATION + rb"<sst[^<>]*>\s*"))


@dataclass(slots=True)
class Blocks:
    """A part that is read block by block, and what of it was not given yet."""

    chunks: Iterator[bytes]
    form: Form
    opening: bytes = b""
    root: str = ""
    """The first start tag, which declares the prefixes."""
    buffer: bytes = b""
    wanted: int = BLOCK
    """Bytes of a block: so many that a wide sheet has some rows in each."""

    def give(self) -> Iterator[str]:
        """Give blocks of whole elements; ends at the first bytes that are not of the form."""
        for chunk in self.chunks:
            self.buffer += chunk
            if not self.opening and not self._open():
                return
            if self.opening and len(self.buffer) >= self.wanted and (text := self._cut()):
                yield text
            if len(self.buffer) > MOST_OPEN:
                return
        if self.opening and (text := self._cut()):
            yield text

    def left(self, text: str = "") -> Iterator[bytes]:
        """Give the part for the XML parser: without the blocks that were read, and with `text`, the one that was not."""
        return chain((self.opening + text.encode() + self.buffer,), self.chunks)

    def parse(self, texts: Collection[str]) -> list[list[Element]] | None:
        """Parse the elements that each of the texts must consist of; `None` where one is anything else, or could be."""
        together = "".join(f"<part>{text}</part>" for text in texts)
        if "<!" in together or "<?" in together:
            return None
        try:
            root = ElementTree.fromstring(f"{self.root}{together}</{self.root[1:].split()[0].rstrip('>')}>")
        except (ElementTree.ParseError, ValueError):
            return None
        return list(map(list, root)) if len(root) == len(texts) else None

    def _open(self) -> bool:
        """Look for the first element; `False` where what stands before it is not of the form."""
        first = self.buffer.find(self.form.first)
        if first < 0:
            return True
        opening = self.buffer[:first]
        root = START_TAG.search(opening)
        if not root or not self.form.opening.fullmatch(opening) or not _is_wellformed(opening):
            return False
        self.root = root[0].decode()
        self.opening, self.buffer = opening, self.buffer[first:]
        return True

    def _cut(self) -> str:
        """Take the whole elements out of the buffer; nothing if there are none or if they are not UTF-8."""
        cut = self.buffer.rfind(self.form.end) + len(self.form.end)
        if cut < len(self.form.end):
            return ""
        try:
            text = self.buffer[:cut].decode()
        except UnicodeDecodeError:
            return ""
        self.buffer = self.buffer[cut:]
        return text


def _is_wellformed(opening: bytes) -> bool:
    try:
        expat.ParserCreate(namespace_separator="}").Parse(opening, False)
    except expat.ExpatError:
        return False
    return True
