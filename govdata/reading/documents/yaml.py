"""YAML without its traps: every scalar keeps its text, every key and value its place, and what other readers would change is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from govdata import digests
from govdata.classes import dataclass, field, replace
from govdata.expressions import expression
from govdata.reading.documents.mistakes import explain, near_misses, split_lines
from govdata.reading.documents.text import decode
from govdata.values import Finding, Positions

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a document that someone else wrote."""

    size: int = 8 << 20
    """Bytes."""
    depth: int = 50
    """Levels of nesting."""
    nodes: int = 10_000
    """Values that all aliases together may repeat."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as written: dict, list, str and None (JSON: its own types too), and what is wrong with it."""

    value: Any = None
    positions: Positions = field(default_factory=Positions)
    findings: tuple[Finding, ...] = ()
    sha256: str = ""
    readable: bool = True
    """False: the document could not be read to its end, and `value` is None."""


# What YAML 1.1 or the core schema of YAML 1.2 turn into a truth value, a number or a date: http://yaml.org/type/ and YAML 1.2.2 §10.3.2.
_CHANGED = expression(
    r"""(?:y|Y|n|N|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|=
    |[-+]?0b[01_]+|[-+]?0x[0-9a-fA-F_]+|0o[0-7]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?
    |[-+]?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)
    |[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}
      (?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?)?)""",
    re.VERBOSE,
)
_EMPTY = frozenset(("", "~", "null", "Null", "NULL"))
_ESCAPE = expression(r"\\U[0-9a-fA-F]{8}|^%YAML")
_LONG = 100_000
"""Characters of a text that only the compiled parser reads, where there is one."""
_DIFFERENT = expression(r"[\t\x85\u2028\u2029]|![^\s!]+!|[\s,\[\]{}]\?")
_INNER_QUESTION = expression(r"(?<![^\s,\[\]{}])[!&*]\S*|(?<=[^\s,\[\]{}])\?")
_CHINESE_QUOTES = expression("“[^“”]+”|‘[^‘’]+’|＂[^＂]+＂|”[^“”]+”")
_STAND_IN = "\ue03f"
USUAL = Limits()
_HALVES = expression("[\ud800-\udfff]")
_UNPRINTABLE = expression("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Written as what is excluded: what is allowed (YAML 1.1 §5.1) reaches beyond the first plane and takes 15 ms to compile."""


def parse(data: bytes | str, file: str, limits: Limits = USUAL) -> Document:
    """The first document of a YAML file. Never raises: what is wrong is among the findings."""
    if len(data) > limits.size:
        return _unreadable(Finding("yaml/too-large", file=file, args={"limit": size_text(limits.size)}))
    text, findings = decode(data, file) if isinstance(data, bytes) else (data, ())
    if text is None:
        return _unreadable(*findings)
    bad = _UNPRINTABLE.search(text)
    document = _unreadable(_unprintable(text, bad, file)) if bad else _read(text, file, limits, fast=True) or _slow(text, file, limits)
    digest = digests.sha256(data) if isinstance(data, bytes) else ""
    return replace(document, findings=(*findings, *document.findings), sha256=digest)


def _slow(text: str, file: str, limits: Limits) -> Document:
    """What the compiled parser refuses is read by the other, whose answer counts: one answer, with or without it.

    Not so a text that is too long for that: the other parser needs half a minute for a mebibyte.
    """
    import yaml

    try:
        document = _read(text, file, limits, fast=False)
    except yaml.YAMLError as error:
        return _unreadable(explain(error, split_lines(text), file))
    except (ValueError, OverflowError):  # PyYAML on an escape beyond Unicode, and on a version number of 5,000 digits
        line = next((n for n, text in enumerate(split_lines(text), 1) if _ESCAPE.search(text)), 1)
        args = {"what": "yaml-escape", "advice": "yaml-escape-advice"}
        return _unreadable(Finding("yaml/syntax", file=file, line=line, args=args))
    assert document is not None
    return document


def _read(text: str, file: str, limits: Limits, fast: bool) -> Document | None:
    import yaml

    # The two parsers differ on tabs, rare line breaks, some `?` and tags of another's making: such texts never go to the compiled one.
    loader: Any = getattr(yaml, "CSafeLoader", None) if fast and (len(text) > _LONG or not _DIFFERENT.search(text)) else None
    if fast and loader is None:
        return None
    builder = _Builder(yaml.parse(text, loader) if loader else _events(text), file, limits)
    try:
        value = builder.document()
    except _Stop as stop:
        return _unreadable(*builder.findings, stop.finding)
    except yaml.YAMLError as error:
        if not fast:
            raise
        return _unreadable(explain(error, split_lines(text), file)) if len(text) > _LONG else None
    findings = (*builder.findings, *near_misses(builder.suspects, split_lines(text), file))
    return Document(value, Positions(builder.places, frozenset(builder.plain), builder.keys), findings)


def _events(text: str) -> Iterator[Any]:
    """Events of the parser that is not compiled. It takes no `?` inside a plain text in brackets ({url: http://a/b?c}); now it does."""
    import yaml

    if _STAND_IN in text:
        yield from yaml.parse(text, yaml.SafeLoader)
        return
    for event in yaml.parse(_INNER_QUESTION.sub(lambda found: _STAND_IN if found[0] == "?" else found[0], text), yaml.SafeLoader):
        if isinstance(event, yaml.ScalarEvent):
            event.value = event.value.replace(_STAND_IN, "?")
        yield event


def _unreadable(*findings: Finding) -> Document:
    return Document(findings=findings, readable=False)


def _unprintable(text: str, bad: re.Match[str], file: str) -> Finding:
    before = split_lines(text[: bad.start()])
    args = {"what": "yaml-control-character", "advice": "yaml-control-character-advice", "character": f"U+{ord(bad[0]):04X}"}
    return Finding("yaml/syntax", file=file, line=len(before), column=len(before[-1]) + 1, args=args)


class _Stop(Exception):
    """The rest of the document is not read."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


@dataclass(slots=True)
class _Anchor:
    """What an anchor names: where it stands, and how many values it holds once read."""

    pointer: str
    value: Any = None
    nodes: int = 0


@dataclass(slots=True)
class _Builder:
    """Values from events, one pass."""

    events: Iterator[Any]
    file: str
    limits: Limits
    places: dict[str, Place] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    suspects: list[tuple[str, int, int]] = field(default_factory=list)
    """Plain scalars that may hold a key that YAML did not see: pointer, first and last line from 0."""
    anchors: dict[str, _Anchor] = field(default_factory=dict)
    nodes: int = 0
    repeated: int = 0

    def document(self) -> Any:
        """The value of the first document; a second one is a finding."""
        value, seen = None, 0
        for event in self.events:
            name = type(event).__name__
            if name == "DocumentStartEvent":
                seen += 1
                if seen == 2:
                    self.found("yaml/several-documents", event, "")
                    break
                value = self.value(next(self.events), "", 0)
                if value is None:
                    self.places[""] = (1, 1)
        return value

    def value(self, event: Any, pointer: str, depth: int) -> Any:
        name = type(event).__name__
        self.places[pointer] = place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if name == "AliasEvent":
            return self.alias(event, pointer, depth)
        if event.tag is not None:
            self.found("yaml/tag", event, pointer, tag=event.tag.replace("tag:yaml.org,2002:", "!!"))
        anchor = None
        if event.anchor is not None:
            anchor = self.anchors[event.anchor] = _Anchor(pointer)
        before = self.nodes
        self.nodes += 1
        if depth >= self.limits.depth and name != "ScalarEvent":
            raise self.too_deep(pointer, place)
        value: Any
        if name == "ScalarEvent":
            value = self.scalar(event, pointer)
        elif name == "MappingStartEvent":
            value = self.mapping(pointer, depth)
        else:
            value = self.sequence(pointer, depth)
        if anchor is not None:
            anchor.value, anchor.nodes = value, self.nodes - before
        return value

    def scalar(self, event: Any, pointer: str) -> str | None:
        text: str = event.value
        if event.style:
            return whole(text) if event.style == '"' else text
        if text in _EMPTY and event.tag is None:
            return None
        if _CHANGED.fullmatch(text):
            if event.tag is None:
                self.plain.add(pointer)
        elif _CHINESE_QUOTES.fullmatch(text):
            self.found("yaml/chinese-quotes", event, pointer, key=unescape(pointer.rpartition("/")[2]), text=text, plain=text[1:-1])
        elif "：" in text or ":" in text or text.startswith("-"):
            self.suspects.append((pointer, event.start_mark.line, event.end_mark.line))
        return text

    def mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for event in self.events:
            if type(event).__name__ == "MappingEndEvent":
                break
            key = self.key(event, pointer, depth)
            where = pointer if key is None else f"{pointer}/{escape(key)}"
            if key is None or key in value or (key == "<<" and not event.style):
                self.refuse_key(event, key, pointer)
                self.skip(depth)
                continue
            if "：" in key and not event.style:
                args = {"what": "yaml-full-width-colon", "advice": "yaml-full-width-colon-advice", "text": key}
                self.found("yaml/hidden-key", event, where, **args)
            self.keys[where] = (event.start_mark.line + 1, event.start_mark.column + 1)
            value[key] = self.value(following := next(self.events), where, depth + 1)
            if not getattr(following, "value", "x"):
                # Where nothing is written, the parsers disagree on its place.
                self.places[where] = (event.end_mark.line + 1, event.end_mark.column + 1)
        return value

    def key(self, event: Any, pointer: str, depth: int) -> str | None:
        """The text of a key; `None` where it is no text."""
        name = type(event).__name__
        if name == "ScalarEvent":
            if event.anchor is not None:
                self.anchors[event.anchor] = _Anchor(pointer, event.value, 1)
            return str(event.value)
        if name == "AliasEvent":
            anchor = self.anchors.get(event.anchor)
            return anchor.value if anchor is not None and isinstance(anchor.value, str) else None
        self.aside(event, depth)
        return None

    def refuse_key(self, event: Any, key: str | None, pointer: str) -> None:
        if key is None:
            self.found("yaml/syntax", event, pointer, what="yaml-complex-key", advice="yaml-complex-key-advice")
        elif key == "<<" and not event.style:
            self.found("yaml/merge-key", event, pointer)
        else:
            first = self.keys[f"{pointer}/{escape(key)}"][0]
            self.found("yaml/duplicate-key", event, f"{pointer}/{escape(key)}", key=key, first=first)

    def skip(self, depth: int) -> None:
        self.aside(next(self.events), depth)

    def aside(self, event: Any, depth: int) -> None:
        """Read a value that is not kept; its anchors are."""
        aside = _Builder(self.events, self.file, self.limits, anchors=self.anchors, nodes=self.nodes, repeated=self.repeated)
        aside.value(event, "\0", depth + 1)
        self.nodes, self.repeated = aside.nodes, aside.repeated

    def sequence(self, pointer: str, depth: int) -> list[Any]:
        value: list[Any] = []
        for event in self.events:
            if type(event).__name__ == "SequenceEndEvent":
                break
            value.append(self.value(event, f"{pointer}/{len(value)}", depth + 1))
        return value

    def alias(self, event: Any, pointer: str, depth: int) -> Any:
        anchor = self.anchors.get(event.anchor)
        if anchor is None or anchor.nodes == 0:
            what = "yaml-alias-unknown" if anchor is None else "yaml-alias-loop"
            self.found("yaml/alias", event, pointer, what=what, name=event.anchor)
            return None
        self.nodes += anchor.nodes
        self.repeated += anchor.nodes
        if self.repeated > self.limits.nodes:
            line, column = self.places[pointer]
            args = {"what": "yaml-alias-many", "name": event.anchor, "limit": self.limits.nodes}
            raise _Stop(Finding("yaml/alias", file=self.file, pointer=pointer, line=line, column=column, args=args))
        return self.copy(anchor.value, anchor.pointer, pointer, depth)

    def copy(self, value: Any, source: str, target: str, depth: int) -> Any:
        """A copy of what an anchor names, with the places of the original below its own."""
        for places in (self.places, self.keys):
            if source in places and target not in places:
                places[target] = places[source]
        if source in self.plain:
            self.plain.add(target)
        if isinstance(value, str | None):
            return value
        if depth >= self.limits.depth:
            raise self.too_deep(target, self.places.get(target, (1, 1)))
        if isinstance(value, dict):
            return {k: self.copy(v, f"{source}/{escape(k)}", f"{target}/{escape(k)}", depth + 1) for k, v in value.items()}
        return [self.copy(v, f"{source}/{n}", f"{target}/{n}", depth + 1) for n, v in enumerate(value)]

    def too_deep(self, pointer: str, place: Place) -> _Stop:
        args = {"limit": self.limits.depth}
        return _Stop(Finding("yaml/too-deep", file=self.file, pointer=pointer, line=place[0], column=place[1], args=args))

    def found(self, rule: str, event: Any, pointer: str, **args: object) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self.findings.append(Finding(rule, file=self.file, pointer=pointer, line=line, column=column, args=args))


def size_text(size: int) -> str:
    """A number of bytes as people say it."""
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size} B"


def escape(key: str) -> str:
    """A key as a step of a JSON pointer (RFC 6901 §3)."""
    return key.replace("~", "~0").replace("/", "~1") if "~" in key or "/" in key else key


def unescape(step: str) -> str:
    """A step of a JSON pointer as key."""
    return step.replace("~1", "/").replace("~0", "~")


def whole(text: str) -> str:
    """A text without halves of characters: pairs of surrogates joined (JSON writes them so), a lone one replaced."""
    if not _HALVES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
