"""Comments in cells: the part with their texts, and the old drawing (VML) without which spreadsheets do not show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govdata.classes import dataclass
from govdata.expressions import expression
from govdata.marking.markup import Edit, Element, appended, apply, escape, prefix_of, read_elements, text_element, whole
from govdata.marking.package import HEAD
from govdata.reading.workbooks.sheets import MOST_COLUMNS, MOST_ROWS, address, place

AUTHOR = "govdata"
MOST_SHAPES = 1024
"""Ids that a drawing has in one block."""
SHAPE_ID = expression(rb"_x0000_s([0-9]{1,9})\b")
BLOCKS = expression(rb"(<[A-Za-z0-9]*:?idmap\b[^>]*?\bdata=[\"'])([0-9, ]*)([\"'])")
SPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
TYPE = (
    '<v:shapetype {0}id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
SHAPE = (
    '<v:shape {spaces}id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;width:{width}pt;'
    'height:{height}pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
WIDTH = 46
"""Columns of text in a comment: a Chinese character takes two."""
Texts = Mapping[tuple[int, int], str]
"""Row and column, from 1 → what the comment says, several lines."""


@dataclass(frozen=True, slots=True)
class Notes:
    """A part with comments, changed, and where new shapes are needed for them."""

    data: bytes
    shapes: tuple[tuple[int, int], ...]
    """Cells that had no comment before."""
    talks: tuple[tuple[int, int], ...] = ()
    """Cells that hold a conversation, to which nothing can be added."""


def new_notes(texts: Texts, space: str) -> Notes:
    """Give a part with comments for a sheet that had none."""
    items = "".join(_comment("", address(*spot), 0, text) for spot, text in texts.items())
    body = f'<comments xmlns="{space}"><authors><author>{AUTHOR}</author></authors><commentList>{items}</commentList></comments>'
    return Notes(HEAD + body.encode(), tuple(texts))


def add_notes(data: bytes, part: str, texts: Texts) -> Notes:
    """Give a part with comments with more of them; where a cell has one, ours stands below it. Raises `Refusal`."""
    root = read_elements(data, part)
    prefix = prefix_of(data[root.start :]).decode()
    authors, listed = (next((child for child in root.children if child.name == name), None) for name in ("authors", "commentList"))
    if authors is None or listed is None:
        return new_notes(texts, root.space)
    names = authors.children
    old = {place(item.attributes.get("ref", "")): item for item in listed.children}
    talks = {spot for spot, item in old.items() if _is_talk(data, item, names)}
    edits = appended(data, authors, f"<{prefix}author>{AUTHOR}</{prefix}author>".encode())
    for spot, text in texts.items():
        if spot in old and spot not in talks:
            edits += _extended(data, old[spot], text)
    fresh = tuple(spot for spot in texts if spot not in old)
    items = "".join(_comment(prefix, address(*spot), len(names), texts[spot]) for spot in fresh)
    edits += appended(data, listed, items.encode())
    return Notes(apply(data, edits), fresh, tuple(spot for spot in texts if spot in talks))


def new_drawing(shapes: Sequence[tuple[int, int]], texts: Texts, block: int) -> bytes:
    """Give a drawing with the shapes of comments. `block`: of a thousand ids, its own in the workbook."""
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in SPACES.items())
    blocks = ",".join(str(block + more) for more in range(-(-max(len(shapes), 1) // (MOST_SHAPES - 1))))
    layout = f'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout>'
    body = "".join(_shape(spot, texts[spot], _shape_id(block, number), "") for number, spot in enumerate(shapes))
    return f"<xml {spaces}>{layout}{TYPE.format('')}{body}</xml>".encode()


def add_shapes(data: bytes, shapes: Sequence[tuple[int, int]], texts: Texts) -> bytes | None:
    """Give a drawing with the shapes of more comments, or `None` where it has no end to put them at.

    Drawings of old programs need not be XML that a parser takes, so they are only looked at as bytes.
    """
    end = data.rfind(b"</xml>")
    if end < 0:
        return None
    ids = [int(match[1]) for match in SHAPE_ID.finditer(data)]
    blocks = BLOCKS.search(data)
    listed = [whole(number.strip()) for number in (blocks[2].split(b",") if blocks else ())]
    block = max([0, *listed, *(number // MOST_SHAPES for number in ids)]) + 1
    spaces = " ".join(f'xmlns:{name}="{uri}"' for name, uri in SPACES.items()) + " "
    body = "" if b'id="_x0000_t202"' in data else TYPE.format(spaces)
    body += "".join(_shape(spot, texts[spot], _shape_id(block, number), spaces) for number, spot in enumerate(shapes))
    edits = [Edit(end, end, body.encode())]
    if blocks:
        more = range(block, block + -(-max(len(shapes), 1) // (MOST_SHAPES - 1)))
        edits.append(Edit(blocks.start(2), blocks.end(2), ",".join(map(str, [*listed, *more])).encode()))
    return apply(data, edits)


def _shape_id(block: int, number: int) -> int:
    return (block + number // (MOST_SHAPES - 1)) * MOST_SHAPES + number % (MOST_SHAPES - 1) + 1


def _comment(prefix: str, reference: str, author: int, text: str) -> str:
    body = f"<{prefix}text><{prefix}r>{text_element(prefix + 't', text)}</{prefix}r></{prefix}text>"
    return f'<{prefix}comment ref="{reference}" authorId="{author}">{body}</{prefix}comment>'


def _is_talk(data: bytes, item: Element, authors: Sequence[Element]) -> bool:
    """A comment that stands for a conversation has an author of this form (MS-XLSX 2.6.205)."""
    number = whole(item.attributes.get("authorId", ""))
    author = authors[number] if number < len(authors) else None
    return author is not None and data[author.inner : author.close].strip().lower().startswith(b"tc=")


def _extended(data: bytes, comment: Element, text: str) -> list[Edit]:
    """Give the edits that put a text below that of a comment."""
    prefix = prefix_of(data[comment.start :]).decode()
    run = f"<{prefix}r>{text_element(prefix + 't', chr(10) * 2 + text)}</{prefix}r>".encode()
    body = next((child for child in comment.children if child.name == "text"), None)
    if body is None:
        at = comment.inner
        whole = f"<{prefix}text>".encode() + run + f"</{prefix}text>".encode()
        return appended(data, comment, whole) if comment.is_empty else [Edit(at, at, whole)]
    edits = []
    for child in body.children:
        if child.name == "t":
            edits += [Edit(child.start, child.start, f"<{prefix}r>".encode()), Edit(child.end, child.end, f"</{prefix}r>".encode())]
    behind = next((child.start for child in body.children if child.name in ("rPh", "phoneticPr")), None)
    return [*edits, *(appended(data, body, run) if behind is None else [Edit(behind, behind, run)])]


def _shape(spot: tuple[int, int], text: str, number: int, spaces: str) -> str:
    """Give a shape that is large enough for its text; rows and columns count from 0."""
    row, column = spot[0] - 1, spot[1] - 1
    lines = min(sum(-(-max(_width(line), 1) // WIDTH) for line in text.split("\n")), 40)
    deep = max(lines, 3) + 1
    top, left = min(max(row - 1, 0), MOST_ROWS - 1 - deep), min(column + 1, MOST_COLUMNS - 5)
    anchor = f"{left}, 15, {top}, 4, {left + 4}, 15, {top + deep}, 4"
    return SHAPE.format(spaces=spaces, id=number, width=260, height=deep * 14, anchor=escape(anchor), row=row, column=column)


def _width(text: str) -> int:
    return sum(2 if character > "\u2e7f" else 1 for character in text)
