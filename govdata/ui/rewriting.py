"""An entry's YAML with other values: what did not change keeps its words, order and comments, byte for byte.

The nodes of the text know where they stand, so only the places that change are cut out and written anew. The outcome is read
back; where it would not mean what is wanted, the whole document is written anew instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata.classes import dataclass, field
from govdata.conversion.texts import Line, to_yaml
from govdata.expressions import expression
from govdata.reading.documents import yaml as documents

_COMMENT = expression(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)
_BEFORE_ITEM = expression(r"[ ]*-[ ]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A value of a list that stood there before, as the how-manieth; `None`: a new one."""

    origin: int | None
    value: Any


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new text, and what the officer should know of it."""

    text: str
    whole: bool = False
    """Everything was written anew."""
    lost: tuple[str, ...] = ()
    """Comments that are no longer there."""


def rewrite(text: str, wanted: Mapping[str, Any]) -> Rewritten:
    """A YAML document that reads as `wanted`: texts, mappings and lists, whose values may be `Row`s."""
    ends = "\r\n" if "\r\n" in text else "\n"
    before = documents.parse(text, "")
    asked = bare(wanted)
    made = _edited(text, before, wanted, ends) if before.readable and isinstance(before.value, Mapping) else None
    whole = made is None or documents.parse(made, "").value != asked
    if made is None or whole:
        made = to_yaml(asked).replace("\n", ends)
    lost = Counter(comments(text)) - Counter(comments(made))
    return Rewritten(made, whole, tuple(lost.elements()))


def bare(wanted: Any) -> Any:
    """What a document is to read as: no rows, no marks on how it is written."""
    if isinstance(wanted, Row):
        return bare(wanted.value)
    if isinstance(wanted, Mapping):
        plain = {key: bare(value) for key, value in wanted.items()}
        return Line(plain) if isinstance(wanted, Line) else plain
    return [bare(item) for item in wanted] if isinstance(wanted, list) else wanted


def comments(text: str) -> list[str]:
    """The comments of a document; a `#` inside a value is none."""
    root = _composed(text)
    spans = sorted((node.start_mark.index, node.end_mark.index) for node in _scalars(root)) if root is not None else []
    found, at = [], 0
    for match in _COMMENT.finditer(text):
        while at < len(spans) and spans[at][1] <= match.start():
            at += 1
        if at == len(spans) or not spans[at][0] <= match.start():
            found.append(match[0])
    return found


def _composed(text: str) -> Any:
    import yaml

    try:
        return yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, OverflowError):
        return None


def _scalars(node: Any) -> Iterator[Any]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found.value, str):
            yield found
        for child in found.value if isinstance(found.value, list) else ():
            waiting += child if isinstance(child, tuple) else (child,)


class _Unable(Exception):
    """This text cannot be edited in place."""


def _edited(text: str, before: documents.Document, wanted: Mapping[str, Any], ends: str) -> str | None:
    root = _composed(text)
    if root is None or ("*" in text and _repeats(root)):
        return None
    editing = _Editing(text, ends)
    try:
        editing.mapping(root, before.value, wanted)
        return editing.cut(0, len(text))
    except _Unable:
        return None


def _repeats(root: Any) -> bool:
    """Whether a node stands at several places: changed at one, it would change at all."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            return True
        seen.add(id(node))
        for child in node.value if isinstance(node.value, list) else ():
            waiting += child if isinstance(child, tuple) else (child,)
    return False


@dataclass(slots=True)
class _Editing:
    """Places of a text and what is to stand there."""

    text: str
    ends: str
    splices: list[tuple[int, int, str]] = field(default_factory=list)

    def cut(self, start: int, end: int) -> str:
        """A part of the text with its changes, which are used up."""
        own = sorted((s for s in self.splices if start <= s[0] and s[1] <= end), key=lambda splice: splice[:2])
        self.splices = [s for s in self.splices if not (start <= s[0] and s[1] <= end)]
        parts, at = [], start
        for begin, stop, new in own:
            if begin < at:
                raise _Unable
            parts += [self.text[at:begin], new]
            at = stop
        return "".join([*parts, self.text[at:end]])

    def put(self, start: int, end: int, new: str) -> None:
        """Something else at a place; line ends as the file has them."""
        self.splices.append((start, end, new.replace("\n", self.ends)))

    def mapping(self, node: Any, current: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """Change a mapping into another one."""
        if not hasattr(node, "flow_style") or not isinstance(current, Mapping):
            raise _Unable
        pairs = {key.value: (key, value) for key, value in node.value if isinstance(key.value, str)}
        if len(pairs) != len(node.value) or set(pairs) != set(current):
            raise _Unable
        for name, (key, value) in pairs.items():
            if name in wanted:
                self.pair(key, value, current[name], wanted[name], bool(node.flow_style))
        if node.flow_style:
            if set(pairs) != set(wanted):
                self.flow_pairs(node, pairs, wanted)
            return
        if not pairs or not set(pairs) & set(wanted):
            raise _Unable
        self.remove(list(pairs.values()), [name in wanted for name in pairs])
        self.add(pairs, wanted)

    def flow_pairs(self, node: Any, pairs: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """A mapping in braces that gets other keys."""
        parts = [
            self.cut(pairs[name][0].start_mark.index, _end(pairs[name], self.text)) if name in pairs else _flow_pair(name, bare(value))
            for name, value in wanted.items()
        ]
        self.splices = [s for s in self.splices if not node.start_mark.index <= s[0] < node.end_mark.index]
        self.put(node.start_mark.index, node.end_mark.index, "{" + ", ".join(parts) + "}")

    def remove(self, pairs: Sequence[tuple[Any, Any]], kept: Sequence[bool]) -> None:
        """Take pairs out of a block, with what stands behind them on their lines."""
        for number, (key, value) in enumerate(pairs):
            if kept[number]:
                continue
            start = self.line_start(key.start_mark.index)
            end = self.line_end(_end((key, value), self.text), value)
            if self.text[start : key.start_mark.index].strip(" "):
                # The first of an item: its successor moves up behind the dash.
                if number + 1 == len(pairs) or not kept[number + 1]:
                    raise _Unable
                start, end = key.start_mark.index, pairs[number + 1][0].start_mark.index
            self.put(start, end, "")

    def add(self, pairs: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        """New pairs, each behind the one that it follows."""
        column = next(iter(pairs.values()))[0].start_mark.column
        last = None
        for name, value in wanted.items():
            if name in pairs:
                last = pairs[name]
                continue
            lines = _indented(to_yaml({name: bare(value)}), column)
            if last is None:
                place = self.line_start(next(iter(pairs.values()))[0].start_mark.index)
                if self.text[place : place + column].strip(" "):
                    raise _Unable
            else:
                place = self.line_end(_end(last, self.text), last[1])
                if place == len(self.text) and not self.text.endswith("\n"):
                    lines = "\n" + lines.rstrip("\n")
            self.put(place, place, lines)

    def pair(self, key: Any, value: Any, current: Any, wanted: Any, flow: bool) -> None:
        """Change the value of a key."""
        if current == bare(wanted) and not _moves(wanted):
            return
        if isinstance(current, Mapping) and isinstance(wanted, Mapping) and wanted and not isinstance(value.value, str):
            self.mapping(value, current, wanted)
        elif isinstance(current, list) and _is_rows(wanted) and not isinstance(value.value, str):
            self.rows(value, current, wanted)
        else:
            end = _end((key, value), self.text)
            if flow:
                new = _flow_pair(key.value, bare(wanted))
            else:
                new = _indented(to_yaml({key.value: bare(wanted)}), key.start_mark.column).lstrip(" ").rstrip("\n")
                new += "\n" * (getattr(value, "style", None) in ("|", ">"))
            self.put(key.start_mark.index, end, new)

    def rows(self, node: Any, current: list[Any], wanted: list[Row]) -> None:
        """Change a list of rows, which may have been moved, added and taken away."""
        if len(node.value) != len(current):
            raise _Unable
        for row in wanted:
            if row.origin is not None and row.value != current[row.origin]:
                if isinstance(row.value, Mapping) and isinstance(current[row.origin], Mapping):
                    self.mapping(node.value[row.origin], current[row.origin], row.value)
                else:
                    item = node.value[row.origin]
                    self.put(item.start_mark.index, _last(item), to_yaml(Line({"k": bare(row.value)}))[4:-2])
        if [row.origin for row in wanted] == list(range(len(current))):
            return
        if node.flow_style:
            parts = [self.new_flow(node, row) for row in wanted]
            self.splices = [s for s in self.splices if not node.start_mark.index <= s[0] < node.end_mark.index]
            self.put(node.start_mark.index, node.end_mark.index, "[" + ", ".join(parts) + "]")
            return
        bounds = self.bounds(node)
        parts = [self.new_item(node, bounds, row) for row in wanted]
        self.splices = [s for s in self.splices if not bounds[0] <= s[0] < bounds[-1]]
        # Parts come from the text itself: their line ends are right already.
        self.splices.append((bounds[0], bounds[-1], "".join(parts)))

    def new_flow(self, node: Any, row: Row) -> str:
        """A row of a list in brackets."""
        if row.origin is None:
            return to_yaml(Line({"k": bare(row.value)}))[4:-2]
        item = node.value[row.origin]
        return self.cut(item.start_mark.index, _last(item))

    def bounds(self, node: Any) -> list[int]:
        """Where each item of a block list begins, the comments above it included, and where the last one ends."""
        starts = [self.line_start(item.start_mark.index) for item in node.value]
        for start, item in zip(starts, node.value, strict=True):
            if not _BEFORE_ITEM.fullmatch(self.text[start : item.start_mark.index]):
                raise _Unable
        ends = [self.line_end(_last(item), _final(item)) for item in node.value]
        return [starts[0], *ends]

    def new_item(self, node: Any, bounds: Sequence[int], row: Row) -> str:
        """An item of a block list with its line end."""
        if row.origin is not None:
            found = self.cut(bounds[row.origin], bounds[row.origin + 1])
            return found if found.endswith("\n") else found + self.ends
        line = self.text[bounds[0] : node.value[0].start_mark.index]
        flow = bool(getattr(node.value[0], "flow_style", False))
        value = bare(row.value)
        made = to_yaml([Line(value) if flow and isinstance(value, Mapping) else _opened(value)])  # type: ignore[arg-type]
        return _indented(made, len(line) - len(line.lstrip(" "))).replace("\n", self.ends)

    def line_start(self, index: int) -> int:
        """The start of the line at a place."""
        return self.text.rfind("\n", 0, index) + 1

    def line_end(self, index: int, node: Any) -> int:
        """Behind the line end that follows a place; the end of a text in many lines is there already."""
        if getattr(node, "style", None) in ("|", ">"):
            return index
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1


def _moves(wanted: Any) -> bool:
    """Whether rows anywhere below stand elsewhere than before: equal rows with different comments."""
    if isinstance(wanted, Mapping):
        return any(_moves(value) for value in wanted.values())
    if not _is_rows(wanted):
        return False
    return [row.origin for row in wanted] != list(range(len(wanted))) or any(_moves(row.value) for row in wanted)


def _is_rows(wanted: Any) -> bool:
    return isinstance(wanted, list) and bool(wanted) and all(isinstance(item, Row) for item in wanted)


def _opened(value: Any) -> Any:
    return dict(value) if isinstance(value, Line) else value


def _flow_pair(name: str, value: Any) -> str:
    return to_yaml(Line({name: value}))[1:-2]


def _indented(lines: str, column: int) -> str:
    return "".join(" " * column * bool(line.strip()) + line for line in lines.splitlines(keepends=True))


def _end(pair: tuple[Any, Any], text: str) -> int:
    """Where a key and its value end. Parsers disagree on the place of a value that is not written: there it is the colon's."""
    key, value = pair
    if isinstance(value.value, str) and not value.value and not value.style:
        return text.find(":", key.end_mark.index) + 1
    return _last(value)


def _final(node: Any) -> Any:
    """The last node inside a block."""
    while not isinstance(node.value, str) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _last(node: Any) -> int:
    """Where a node ends: a block's own mark stands behind the comments that follow it."""
    end: int = _final(node).end_mark.index
    return end
