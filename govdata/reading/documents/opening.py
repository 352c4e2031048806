"""Entries, packages and schemas as documents: YAML or strict JSON, of bounded size, each value with its place."""

from __future__ import annotations

import bisect
import json
import math
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from govdata import digests
from govdata.classes import dataclass, field, replace
from govdata.expressions import expression
from govdata.reading.documents import yaml
from govdata.reading.documents.text import decode
from govdata.reading.documents.yaml import USUAL, Document, Limits, Place, escape, size_text, whole
from govdata.values import Finding, Positions

_TOKEN = expression(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+')
_HALF = expression(r"\\u[dD][89a-fA-F]")
_NO_NUMBER = expression("NaN|Infinity|[0-9]{300}|[0-9][eE][+]?[0-9]{3}")
_CHINESE = "“”‘’，：；｛｝［］"


def read_document(path: Path, file: str, limits: Limits = USUAL, group: str = "json") -> Document:
    """The document in a file, by its suffix. `file` is its name in findings, `group` the rule group of JSON mistakes."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return _refused("folder/not-a-file", file)
        if status.st_size > limits.size:
            return _refused("yaml/too-large", file, limit=size_text(limits.size))
        with path.open("rb") as opened:
            data = opened.read(limits.size + 1)
    except (OSError, ValueError) as error:
        return _refused("folder/unreadable", file, what=getattr(error, "strerror", "") or str(error))
    if path.suffix.lower() in (".json", ".jsonld"):
        return parse_json(data, file, limits, group)
    return yaml.parse(data, file, limits)


def _refused(rule: str, file: str, **args: object) -> Document:
    return Document(findings=(Finding(rule, file=file, args=args),), readable=False)


def require_object(document: Document, file: str, rule: str = "entry/not-mapping", line: int = 1) -> Document:
    """The document, or one that cannot be read where it is empty or no set of `key: value` pairs."""
    if not document.readable or (isinstance(document.value, dict) and document.value):
        return document
    wrong = Finding(rule if document.value else "yaml/empty", file=file, line=line)
    return replace(document, value=None, findings=(*document.findings, wrong), readable=False)


def parse_json(data: bytes, file: str, limits: Limits = USUAL, group: str = "json", first: int = 1) -> Document:
    """A strict JSON document with its own types. Never raises: what is wrong is among the findings.

    `first` is the number of its first line: a line of a JSON Lines file says its own.
    """
    digest = digests.sha256(data)
    if len(data) > limits.size:
        return _refused("yaml/too-large", file, limit=size_text(limits.size))
    text, findings = decode(data, file)
    if text is None:
        return Document(findings=findings, sha256=digest, readable=False)
    value, wrong = _load(text, file, limits, group) if text.strip() else (None, None)
    if wrong is not None:
        return _below(Document(findings=(*findings, wrong), sha256=digest, readable=False), first)
    places = _Places(_TOKEN.finditer(text), _line_starts(text), file, limits, first)
    if text.strip():
        places.value(next(places.tokens), "", 0)
    if places.too_deep:
        return Document(findings=(*findings, *places.findings), sha256=digest, readable=False)
    return Document(value, Positions(places.places, frozenset(), places.keys), (*findings, *places.findings), digest)


def _below(document: Document, first: int) -> Document:
    if first == 1:
        return document
    lines = ((finding, (finding.line or 1) + first - 1) for finding in document.findings)
    moved = (replace(finding, line=line) for finding, line in lines)
    return replace(document, findings=tuple(moved))


def _load(text: str, file: str, limits: Limits, group: str) -> tuple[Any, Finding | None]:
    try:
        value = json.loads(text, parse_constant=_refuse_number, parse_float=_float)
    except json.JSONDecodeError as error:
        what = _mistake(text, error)
        args: dict[str, object] = {"what": f"json-{what}", "advice": f"json-{what}-advice", "character": text[error.pos : error.pos + 1]}
        return None, Finding(f"{group}/syntax", file=file, line=error.lineno, column=error.colno, args=args)
    except RecursionError:
        return None, Finding("yaml/too-deep", file=file, args={"limit": limits.depth})
    except ValueError:
        line = next((n for n, text in enumerate(text.split("\n"), 1) if _NO_NUMBER.search(text)), 1)
        args = {"what": "json-number", "advice": "json-number-advice"}
        return None, Finding(f"{group}/syntax", file=file, line=line, args=args)
    return (_mended(value) if "\\u" in text and _HALF.search(text) else value), None


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(text)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _mended(value: Any) -> Any:
    """The value without halves of characters; nesting is bounded by what `json` reads."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {whole(key): _mended(item) for key, item in value.items()}
    return value


_ZERO = expression(r"(?:^|[^0-9.eE])0$")


def _mistake(text: str, error: json.JSONDecodeError) -> str:
    """The usual mistakes, by what stands at the place where `json` stopped."""
    here = text[error.pos : error.pos + 1]
    before = text[: error.pos].rstrip()[-1:]
    if not here:
        return "unclosed"
    if here in _CHINESE:
        return "chinese-punctuation"
    if here == "'":
        return "single-quote"
    if text.startswith(("//", "/*", "#"), error.pos):
        return "comment"
    if (before == "," and here in "}]") or (here == "," and text[error.pos + 1 :].lstrip()[:1] in ("}", "]")):
        return "trailing-comma"
    if error.msg.startswith("Invalid control character"):
        return "line-in-text"
    if error.msg.startswith("Unterminated string"):
        return "unclosed"
    if error.msg.startswith("Invalid \\"):
        return "backslash"
    if here.isdigit() and _ZERO.search(text[max(error.pos - 2, 0) : error.pos]):
        return "leading-zero"
    if error.msg.startswith("Expecting ',' delimiter"):
        return "no-comma"
    if here.isalpha() and error.msg.startswith(("Expecting property name", "Expecting value")):
        return "bare-text"
    return "extra" if error.msg.startswith("Extra data") else "other"


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\r\n|\n|\r", text))]


@dataclass(slots=True)
class _Places:
    """Places of the values of a JSON text that `json` has accepted; keys that stand twice."""

    tokens: Iterator[re.Match[str]]
    starts: list[int]
    file: str
    limits: Limits
    first: int = 1
    places: dict[str, Place] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    too_deep: bool = False

    def place(self, token: re.Match[str]) -> Place:
        line = bisect.bisect_right(self.starts, token.start())
        return line + self.first - 1, token.start() - self.starts[line - 1] + 1

    def value(self, token: re.Match[str], pointer: str, depth: int) -> None:
        self.places[pointer] = line, column = self.place(token)
        if token[0] in "{[" and depth >= self.limits.depth:
            self.findings.append(Finding("yaml/too-deep", file=self.file, line=line, column=column, args={"limit": self.limits.depth}))
            self.too_deep = True
        elif token[0] == "{":
            self.members(pointer, depth)
        elif token[0] == "[":
            self.items(pointer, depth)

    def items(self, pointer: str, depth: int) -> None:
        for number, token in enumerate(self.tokens):
            if token[0] == "]":
                return
            self.value(token, f"{pointer}/{number}", depth + 1)
            if self.too_deep:
                return

    def members(self, pointer: str, depth: int) -> None:
        seen: set[str] = set()
        for token in self.tokens:
            if token[0] == "}":
                return
            key = whole(json.loads(token[0])) if "\\" in token[0] else token[0][1:-1]
            where, (line, column) = f"{pointer}/{escape(key)}", self.place(token)
            if key in seen:
                args = {"key": key, "first": self.keys[where][0]}
                self.findings.append(Finding("yaml/duplicate-key", file=self.file, pointer=where, line=line, column=column, args=args))
            seen.add(key)
            self.keys[where] = line, column
            self.value(next(self.tokens), where, depth + 1)
            if self.too_deep:
                return
