"""Rows of a sheet in the plain form that spreadsheets write, proven by a grammar and read without an XML tree.

Whatever is not of this form (inline texts, formulas without a value, comments, prefixes, other encodings) ends the scan;
the XML parser has the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

OPENING = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml [^?<>]*\?>)?\s*(?:<(?![!?])[^<>]*>[^<>]*)*<sheetData>\s*")
"""What may stand before the first row: elements, but no comment, CDATA or DTD, of which a row could be a part."""
FORMULA = r'(?:<f(?: [a-z]{1,12}="[A-Za-z0-9:]{0,40}"){0,6}+(?:/>|>(?:[^<>&]|&(?:amp|lt|gt|quot|apos);)*+</f>))?'
VALUE = r"[0-9A-Za-z.+#/!?-]{1,64}"
CELL_FORM = (
    r'<c r="%s[A-Z]{1,3}[0-9]{1,7})"(?: s="%s[0-9]{1,6})")?(?: t="%s[nsbe])")?(?:/>|>(?:' + FORMULA + r"<v>%s" + VALUE + r")</v>)?</c>)"
)
"""A cell whose value is a number, an index, a truth value or an error, with or without a formula that gave it."""
CELL = re.compile(CELL_FORM % ("(", "(", "(", "("), re.ASCII)
ROW = re.compile(
    r'<row((?: [A-Za-z0-9:]{1,40}="[^"<>&]{0,200}"){0,20}+)(?:/>|>((?:' + CELL_FORM % ("(?:", "(?:", "(?:", "(?:") + r")*+)</row>)",
    re.ASCII,
)
ATTRIBUTE = re.compile(r' ([A-Za-z0-9:]+)="([^"]*)"', re.ASCII)
MOST_OPEN = 1 << 22
"""Bytes that are looked at for the end of a row, or for the first row, before the parser gets them."""


def scan_rows(chunks: Iterator[bytes], left: list[bytes]) -> Iterator[tuple[str, str]]:
    """Give each proven row as (its attributes, its cells) in text; what the XML parser must read first goes to `left`."""
    opening = b""
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        if not opening:
            first = buffer.find(b"<row")
            if first >= 0 and OPENING.fullmatch(buffer, 0, first):
                opening, buffer = buffer[:first], buffer[first:]
            elif first >= 0 or len(buffer) > MOST_OPEN:
                break
        cut = buffer.rfind(b"</row>") + 6
        if opening and cut > 6:
            if not buffer[:cut].isascii():
                break
            text = buffer[:cut].decode("ascii")
            done = 0
            while row := ROW.match(text, done):
                done = row.end()
                yield row[1], row[2] or ""
            buffer = buffer[done:]
            if done < cut:
                break
        if len(buffer) > MOST_OPEN:
            break
    left.append(opening + buffer)
