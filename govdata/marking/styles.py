"""The cell styles of a workbook, with ours behind them: a style of the officer's stays as it is but for the colour behind the cell."""

from __future__ import annotations

from typing import Literal

from govdata.classes import dataclass, field
from govdata.marking.markup import Edit, Element, appended, apply, prefix_of, read_elements, with_attributes
from govdata.values import Severity

Look = Literal["plain", "title", "caution", "line", "heading", "head", "text", "link", "error", "warning", "note"]
"""How a cell of the first sheet looks; the last three are those of marked cells."""

ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst")
"""The children of a style sheet stand in this order (ECMA-376 18.8.39)."""
FILLS: dict[str, str] = {"error": "FFFFB3BA", "warning": "FFFFE08A", "note": "FFBDD7EE", "head": "FFE7E6E6"}
FONTS: dict[str, str] = {
    "plain": '<sz val="11"/><name val="Calibri"/>',
    "bold": '<b/><sz val="11"/><name val="Calibri"/>',
    "title": '<b/><sz val="15"/><name val="Calibri"/>',
    "caution": '<b/><sz val="11"/><color rgb="FFC00000"/><name val="Calibri"/>',
    "link": '<u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/>',
}
LOOKS: dict[Look, tuple[str, str, bool]] = {
    "plain": ("plain", "", False), "title": ("title", "", False), "caution": ("caution", "", False), "line": ("plain", "", False),
    "heading": ("bold", "", False), "head": ("bold", "head", True), "text": ("plain", "", True), "link": ("link", "", True),
    "error": ("plain", "error", True), "warning": ("plain", "warning", True), "note": ("plain", "note", True),
}  # fmt: skip
"""Font, fill, and whether a line is around it."""
MOST_STYLES = 64_000
"""Excel opens no workbook with more (its limit is 65,490)."""
FIRST: dict[str, tuple[str, ...]] = {
    "fonts": ('<font><sz val="11"/><name val="Calibri"/></font>',),
    "fills": ('<fill><patternFill patternType="none"/></fill>', '<fill><patternFill patternType="gray125"/></fill>'),
    "borders": ("<border><left/><right/><top/><bottom/><diagonal/></border>",),
    "cellXfs": ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',),
}
"""What every style sheet begins with; added where it is not there."""
LINE = "".join(f'<{side} style="thin"><color rgb="FFBFBFBF"/></{side}>' for side in ("left", "right", "top", "bottom"))
EMPTY = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="%s"></styleSheet>'


@dataclass(slots=True)
class Styles:
    """A style sheet and what is to be added to it."""

    data: bytes
    root: Element
    counts: dict[str, int]
    """Fonts, fills, borders and cell styles that are there, those of `FIRST` included."""
    added: dict[bytes, int] = field(default_factory=dict)
    """Cell styles, as XML, with their numbers."""
    marked: dict[tuple[int, Severity], int] = field(default_factory=dict)
    looks: dict[Look, int] = field(default_factory=dict)
    is_full: bool = False
    """A style was asked for that would have been too many."""


def open_styles(data: bytes, part: str) -> Styles:
    """Read a style sheet in UTF-8. Raises `Refusal`."""
    root = read_elements(data, part)
    if root.is_empty:
        data = apply(data, appended(data, root, b" "))
        root = read_elements(data, part)
    counts = {name: len(_children(root, name)) or len(first) for name, first in FIRST.items()}
    return Styles(data, root, counts)


def new_styles(space: str) -> Styles:
    """Give an empty style sheet of a name space."""
    return open_styles(EMPTY % space.encode(), "")


def marked_style(styles: Styles, base: int, severity: Severity) -> int:
    """Give the number of a style that is like another one, but coloured; the other one's own where there is no room."""
    key = base, severity
    if key not in styles.marked:
        if styles.counts["cellXfs"] + len(styles.added) >= MOST_STYLES:
            styles.is_full = True
            return base
        styles.marked[key] = _add(styles, _coloured(styles, base, styles.counts["fills"] + list(FILLS).index(severity)))
    return styles.marked[key]


def text_style(styles: Styles, severity: Severity | None) -> int:
    """Give the style of a cell that is text whatever it looks like, coloured where something is wrong with it."""
    fill = 0 if severity is None else styles.counts["fills"] + list(FILLS).index(severity)
    return _add(styles, f'<xf numFmtId="49" fontId="0" fillId="{fill}" borderId="0" applyNumberFormat="1" applyFill="1"/>'.encode())


def number_style(styles: Styles, code: int, severity: Severity | None) -> int:
    """Give the style of a number or date with a built-in format."""
    fill = 0 if severity is None else styles.counts["fills"] + list(FILLS).index(severity)
    return _add(styles, f'<xf numFmtId="{code}" fontId="0" fillId="{fill}" borderId="0" applyNumberFormat="1" applyFill="1"/>'.encode())


def look_style(styles: Styles, look: Look) -> int:
    """Give the number of a style of the first sheet."""
    if look not in styles.looks:
        font, fill, lined = LOOKS[look]
        numbers = (
            styles.counts["fonts"] + list(FONTS).index(font),
            styles.counts["fills"] + list(FILLS).index(fill) if fill else 0,
            styles.counts["borders"] if lined else 0,
        )
        prefix = prefix_of(styles.data[styles.root.start :]).decode()
        named = " ".join(f'{name}Id="{number}"' for name, number in zip(("font", "fill", "border"), numbers, strict=True))
        applied = " ".join(f'apply{name}="1"' for name in ("NumberFormat", "Font", "Fill", "Border", "Alignment"))
        inner = f'<{prefix}alignment vertical="top" wrapText="1"/>'
        styles.looks[look] = _add(styles, f'<{prefix}xf numFmtId="49" {named} {applied}>{inner}</{prefix}xf>'.encode())
    return styles.looks[look]


def write_styles(styles: Styles) -> bytes:
    """Give the style sheet with everything that was added."""
    items = {
        "fonts": [f"<font>{font}</font>" for font in FONTS.values()],
        "fills": [
            f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>'
            for colour in FILLS.values()
        ],
        "borders": [f"<border>{LINE}<diagonal/></border>"],
    }
    edits = [edit for name, some in items.items() for edit in _append(styles, name, [_prefixed(styles, item) for item in some])]
    return apply(styles.data, [*edits, *_append(styles, "cellXfs", list(styles.added))])


def _add(styles: Styles, written: bytes) -> int:
    return styles.added.setdefault(written, styles.counts["cellXfs"] + len(styles.added))


def _coloured(styles: Styles, base: int, fill: int) -> bytes:
    """Give the XML of a style with another fill; what is inside it (alignment, protection) stays."""
    there = _children(styles.root, "cellXfs")
    if not there:
        return _prefixed(styles, f'<xf numFmtId="0" fontId="0" fillId="{fill}" borderId="0" applyFill="1"/>')
    element = there[base] if base < len(there) else there[0]
    tag = with_attributes(styles.data[element.start : element.inner], {"fillId": str(fill), "applyFill": "1"})
    return tag + styles.data[element.inner : element.end]


def _prefixed(styles: Styles, item: str) -> bytes:
    """Give our XML with the prefix that the style sheet uses."""
    prefix = prefix_of(styles.data[styles.root.start :]).decode()
    return item.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}").encode()


def _children(root: Element, name: str) -> list[Element]:
    found = next((child for child in root.children if child.name == name), None)
    return found.children if found else []


def _append(styles: Styles, name: str, items: list[bytes]) -> list[Edit]:
    """Give the edits that add items to a list of the style sheet, which is made where it is missing."""
    root = styles.root
    found = next((child for child in root.children if child.name == name), None)
    first = [] if found and found.children else [_prefixed(styles, item) for item in FIRST[name]]
    whole = b"".join([*first, *items])
    count = str(styles.counts[name] + len(items))
    if found:
        return appended(styles.data, found, whole, {"count": count})
    prefix = prefix_of(styles.data[root.start :]).decode()
    made = f'<{prefix}{name} count="{count}">'.encode() + whole + f"</{prefix}{name}>".encode()
    behind = ORDER[ORDER.index(name) + 1 :]
    following = next((child for child in root.children if child.name in behind), None)
    at = following.start if following else root.close
    return [Edit(at, at, made)]
