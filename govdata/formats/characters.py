"""Text of unknown origin made fit to be shown: invisible characters written out, long values cut, lines wrapped at display width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from govdata.expressions import expression

GLUE = "\u2060"
"""Between two of our own words: no line break here. Takes no room and is not written."""
HARD_SPACE = "\u00a0"
"""A space of our own at which no line may break. Written as a plain space."""

_PLAIN = expression(r"[ -~\u00b7\u2013\u2014\u2018-\u201d\u2026\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]*\Z")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_WORD = expression(r"[\u2060\u00a0!-~\u00a1-\u02ff\u0370-\u1fff\u2010-\u2015]+|[ ]+|.")
_CLOSING = frozenset("，。、；：！？）》〉】」』”’…·%,.;:!?)]}" + GLUE)
_OPENING = frozenset("（《〈【「『“‘([{" + GLUE)


def visible(text: str) -> str:
    """The text with every control, format, private and unusual space character written out (`\\t`, `\\x1b`, `\\u202e`).

    Nothing of it can then move a cursor, turn the direction of reading or hide. The plain and the ideographic space stay.
    """
    if _PLAIN.match(text):
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character in " \u3000" or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of the text, made visible, with `…` where something was cut."""
    return visible(text) if len(text) <= limit else visible(text[: limit - 1]) + "…"


def unbroken(text: str) -> str:
    """Words of ours between whose characters no line breaks."""
    return GLUE.join(text).replace(" ", HARD_SPACE)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns. Chinese breaks between any two characters, but never before closing punctuation
    or after opening punctuation; Latin words and cell addresses stay whole where they fit."""
    from rich.cells import cell_len

    width = max(width, 8)
    line, used, spaces = "", 0, ""
    for word in _words(text):
        if word.isspace() and HARD_SPACE not in word:
            spaces += word
            continue
        for part in _fitting(word, width):
            wide = cell_len(written(part))
            if line and used + len(spaces) + wide > width:
                yield written(line)
                line, used, spaces = "", 0, ""
            line, used, spaces = line + spaces + part, used + len(spaces) + wide, ""
    if line:
        yield written(line)


def written(text: str) -> str:
    """The text without the marks that only `wrapped` needs."""
    return text.replace(GLUE, "").replace(HARD_SPACE, " ")


def _words(text: str) -> Iterator[str]:
    """Pieces between which a line may break."""
    held = ""
    for match in _WORD.finditer(text):
        piece = match[0]
        if held and (piece[0] in _CLOSING or held[-1] in _OPENING or HARD_SPACE in (piece[0], held[-1])):
            held += piece
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held


def _fitting(word: str, width: int) -> Iterator[str]:
    """A word that is wider than a line is cut into lines."""
    from rich.cells import cell_len

    if cell_len(written(word)) <= width:
        yield word
        return
    part, used = "", 0
    for character in word:
        wide = cell_len(written(character))
        if used + wide > width:
            yield part
            part, used = "", 0
        part, used = part + character, used + wide
    if part:
        yield part
