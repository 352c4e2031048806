"""Code lists: what a code means, how it is written elsewhere, and whether it is still in force."""

from __future__ import annotations

import csv
import functools
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from govdata import content, digests
from govdata.classes import dataclass, field
from govdata.errors import ContentError
from govdata.values import Source


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a list."""

    code: str
    zh: str
    en: str = ""
    also: tuple[str, ...] = ()
    notations: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""
    broader: str = ""
    """The parent list's code that an added code is mapped to."""
    valid_from: str = ""
    valid_until: str = ""
    """The year or the day on which it was abolished."""
    replaced_by: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def label(self, language: str) -> str:
        """What it is called in a language, else in the other; the code itself where it has no name."""
        names = (self.en, self.zh) if language.startswith("en") else (self.zh, self.en)
        return names[0] or names[1] or self.code

    def in_force(self, today: str) -> bool:
        """Whether it may be written on a day (`2026-01-05`). A year counts from its first day, for the beginning as for the end."""
        return (not self.valid_from or self.valid_from <= today) and (not self.valid_until or self.valid_until > today)


class Vocabulary(Protocol):
    """What the entry's reader needs of a code list."""

    def resolve(self, text: str) -> str | None: ...
    def meanings(self, notation: str) -> Mapping[str, str]: ...
    def close(self, text: str) -> tuple[str, ...]: ...


@dataclass(frozen=True, eq=False)
class CodeList:
    """A code list with its source. The codes of a large list are read when first asked for."""

    id: str
    title: Mapping[str, str]
    source: Source
    status: str
    licence: str | Mapping[str, str]
    unverified: tuple[str | Mapping[str, str], ...]
    declared: Mapping[str, Any]
    folder: Path | None
    layer: str = ""

    @functools.cached_property
    def codes(self) -> Mapping[str, Code]:
        """Code → its record, in the list's order."""
        digits = int(self.declared.get("parents", {}).get("digits", 0))
        found = [_code(item, digits) for item in self.declared.get("codes", ())]
        if self.declared.get("data") and self.folder:
            found.extend(_read_codes(self.folder / str(self.declared["data"]), digits))
        codes = {item.code: item for item in found}
        if self.folder is not None and not self.folder.is_relative_to(content.root()):
            _refuse_odd(found, codes, self)  # of shipped lists tests see to it
        return codes

    @functools.cached_property
    def count(self) -> int:
        """How many codes there are. Those of a large list are only counted, as long as nobody asked for them."""
        if "codes" in self.__dict__ or not self.declared.get("data") or not self.folder:
            return len(self.codes)
        rows = _read_rows(self.folder / str(self.declared["data"]))
        names = next(rows, [])
        place = names.index("code") if "code" in names else 0
        found = {row[place] if len(row) > place else "" for row in rows if row}
        # What is wrong with a file is told where its codes are read.
        return (
            len(self.codes) if "" in found or "code" not in names else len(found | {str(c["code"]) for c in self.declared.get("codes", ())})
        )

    @property
    def data_digest(self) -> str:
        """A digest of the file of codes of a list of the user's; of a shipped one the program's version tells."""
        if not self.declared.get("data") or self.folder is None or self.folder.is_relative_to(content.root()):
            return ""
        return digests.sha256((self.folder / str(self.declared["data"])).read_bytes())

    @functools.cached_property
    def index(self) -> Mapping[str, str]:
        """Every way to write a code (code, labels, synonyms; folded) → code. A name that several codes have is left out."""
        found = {name: codes[0] for name, codes in self.names.items() if len(codes) == 1}
        return found | {fold(code): code for code in self.codes}

    @functools.cached_property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Every label and synonym (folded) → the codes that have it: those in force, or else the abolished ones."""
        return self._names(lambda code: not code.valid_until)

    def meant(self, text: str, today: str) -> tuple[str, ...]:
        """The codes that have a label or synonym: those in force on a day, or else the others."""
        if today not in self._meant:
            self._meant[today] = self._names(lambda code: code.in_force(today))
        return self._meant[today].get(fold(text), ())

    @functools.cached_property
    def _meant(self) -> dict[str, Mapping[str, tuple[str, ...]]]:
        """The names as they are on the days that were asked for."""
        return {}

    def _names(self, holds: Callable[[Code], bool]) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        # Codes that hold come first; another counts only where none of them has the name.
        for item in sorted(self.codes.values(), key=lambda code: not holds(code)):
            for name in {fold(name) for name in (item.zh, item.en, *item.also) if name}:
                codes = found.setdefault(name, [])
                if not codes or holds(self.codes[codes[0]]) == holds(item):
                    codes.append(item.code)
        return {name: tuple(codes) for name, codes in found.items()}

    def in_force(self, today: str) -> frozenset[str]:
        """The codes that may be written on a day (`2026-01-05`)."""
        return frozenset(code for code, item in self.codes.items() if item.in_force(today))

    def followers(self, code: Code, today: str) -> tuple[str, ...]:
        """The codes in force that replace one, also over others that were replaced since; where none is in force those that it names."""
        found, open_, seen = dict[str, None](), [*reversed(code.replaced_by.split())], {code.code}
        while open_:
            name = open_.pop()
            if name in seen or name not in self.codes:
                continue
            seen.add(name)
            if self.codes[name].in_force(today):
                found[name] = None
            else:
                open_ += reversed(self.codes[name].replaced_by.split())
        return tuple(found) or tuple(code.replaced_by.split())

    @functools.cached_property
    def notations(self) -> Mapping[tuple[str, str], str]:
        """(system, notation) → code."""
        return {(system, n): item.code for item in self.codes.values() for system, n in item.notations.items()}

    def resolve(self, text: str) -> str | None:
        """The code of a code, a label, a synonym or `system:notation`; a bare notation is never mapped."""
        found = self.index.get(fold(text))
        if found is None and ":" in text:
            system, _, notation = text.partition(":")
            found = self.notations.get((system.strip(), notation.strip()))
        return found

    def meanings(self, notation: str) -> Mapping[str, str]:
        """What a bare notation means in each system that uses it: system → code."""
        return {system: code for (system, n), code in self.notations.items() if n == notation}

    def close(self, text: str) -> tuple[str, ...]:
        """Up to three labels or codes that look like the text, for "did you mean"."""
        import difflib

        names = {fold(n): n for item in self.codes.values() for n in (item.zh, item.en, item.code) if n}
        near = difflib.get_close_matches(fold(text), names, n=3, cutoff=0.5)
        inside = [n for f, n in names.items() if fold(text) and (fold(text) in f or f in fold(text))]
        return tuple(dict.fromkeys([names[n] for n in near] + inside))[:3]

    def label(self, code: str, language: str) -> str:
        """The code's label in a language; the code itself where there is none."""
        item = self.codes.get(code)
        return code if item is None else item.label(language)


def fold(text: str) -> str:
    """Text for comparison: width and case folded, spaces and punctuation dropped."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_KEPT)


class _Kept(dict[int, int | None]):
    """What becomes of each sign, found when it is first met."""

    def __missing__(self, number: int) -> int | None:
        sign = chr(number)
        dropped = sign.isspace() or (unicodedata.category(sign).startswith("P") and sign not in "_-")
        self[number] = None if dropped else number
        return self[number]


_KEPT = _Kept()


_KNOWN = {"code", "zh", "en", "also", "notations", "parent", "broader", "from", "until", "replaced_by"}


def _code(item: Mapping[str, Any], digits: int = 0) -> Code:
    """A code from its record; the first `digits` of it name its parent where the record does not."""
    # A list may have tens of thousands, most of which say little: what is not there is not gone through.
    told = item.get
    code = str(item["code"])
    return Code(
        code=code,
        zh=str(told("zh", "")),
        en=str(told("en", "") or ""),
        also=tuple([str(name) for name in item["also"]]) if "also" in item else (),
        notations={str(k): str(v) for k, v in item["notations"].items()} if "notations" in item else {},
        parent=str(told("parent", "") or "") or (code[:digits] if len(code) > digits else ""),
        broader=str(told("broader", "") or ""),
        valid_from=str(told("from", "") or ""),
        valid_until=str(told("until", "") or ""),
        replaced_by=str(told("replaced_by", "") or ""),
        more={} if item.keys() <= _KNOWN else {k: v for k, v in item.items() if k not in _KNOWN},
    )


def _refuse_odd(found: list[Code], codes: Collection[str], owner: CodeList) -> None:
    """`ContentError` where a code of a list stands twice, has blanks around it, names a code that the list does not have, or itself
    over others, or has a day that is none."""
    file, seen = str(owner.folder), set[str]()
    within = "list" not in owner.declared.get("parents", {})
    for item in found:
        if item.code != item.code.strip():
            raise ContentError("code-blank", file=file, code=item.code)
        if item.code in seen:
            raise ContentError("code-twice", file=file, code=item.code)
        seen.add(item.code)
        named = [("replaced_by", code) for code in item.replaced_by.split()] + [("parent", item.parent)] * (within and item.parent != "")
        for key, code in named:
            if code not in codes:
                raise ContentError("code-unknown", file=file, code=item.code, key=key, other=code)
        for key, day in (("from", item.valid_from), ("until", item.valid_until)):
            if day and not _is_day(day):
                raise ContentError("code-day", file=file, code=item.code, key=key, day=day)
    _refuse_circle("replaced_by", {item.code: item.replaced_by.split() for item in found if item.replaced_by}, file)
    if within:
        _refuse_circle("parent", {item.code: (item.parent,) for item in found if item.parent}, file)


def _is_day(text: str) -> bool:
    """Whether a text is a year or a day, as days are compared as texts."""
    try:
        return text.isascii() and date.fromisoformat(text if len(text) != 4 else f"{text}-01-01").isoformat().startswith(text)
    except ValueError:
        return False


def _refuse_circle(key: str, named: Mapping[str, Iterable[str]], file: str) -> None:
    """`ContentError` where a code comes back to itself by what `key` names."""
    if not named:
        return
    import graphlib

    try:
        graphlib.TopologicalSorter(named).prepare()
    except graphlib.CycleError as error:
        raise ContentError("code-circle", file=file, key=key, codes=" → ".join(reversed(error.args[1]))) from error


def _read_codes(path: Path, digits: int) -> Iterator[Code]:
    rows = _read_rows(path)
    names = next(rows, [])
    try:
        for row in rows:
            if row:
                yield _code({k: v for k, v in zip(names, row, strict=False) if v and k}, digits)
    except KeyError as error:
        raise ContentError("list-columns", file=str(path)) from error


def _read_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a file of codes, the names of its columns first."""
    try:
        content.refuse_special(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.reader(file)
    except UnicodeDecodeError as error:
        raise ContentError("list-encoding", file=str(path)) from error
    except (OSError, csv.Error) as error:
        raise ContentError("content-syntax", file=str(path), what=getattr(error, "strerror", None) or str(error)) from error


def read_list(declared: Mapping[str, Any], folder: Path | None, layer: str = "") -> CodeList:
    """A code list from the content of its `list.yaml`; `ContentError` where id, title or codes are missing."""
    if "id" not in declared or "title" not in declared or not (declared.get("codes") or declared.get("data")):
        raise ContentError("list-incomplete", file=str(folder or declared.get("id", "?")))
    return CodeList(
        id=str(declared["id"]),
        title=declared["title"],
        source=read_source(declared.get("source", {})),
        status=str(declared.get("status", "closed")),
        licence=declared.get("licence", ""),
        unverified=tuple(declared.get("unverified", ())),
        declared=declared,
        folder=folder,
        layer=layer,
    )


def read_source(declared: Mapping[str, Any], language: str = "") -> Source:
    """A source record from content. A source of `document: govdata` is our own rule.

    `language` (`zh`, `en`): the note in it alone, where it is written in both; else one after the other.
    """
    document = str(declared.get("document", ""))
    note = declared.get("note") or declared.get("reason") or ""
    return Source(
        document=document,
        clause=str(declared.get("clause", "") or ""),
        year=declared.get("year"),
        quote=str(declared.get("quote", "") or ""),
        url=str(declared.get("url", "") or ""),
        state=declared.get("state") or ("own" if document == "govdata" else "unverified"),
        note=str(note.get(language) or " ".join(note.values()) if isinstance(note, Mapping) else note),
    )


def add_codes(parent: CodeList, additions: list[Mapping[str, Any]], layer: str) -> CodeList:
    """A list with a layer's codes added; refused where the list is closed or a code is not mapped to a parent's.

    An addition that names an existing code only adds ways to write it (`also`, `notations`).
    """
    codes, new = {str(item["code"]): dict(item) for item in _plain(parent)}, list[Code]()
    for item in additions:
        code = str(item["code"])
        if code in codes:
            known = codes[code]
            known["also"] = [*known.get("also", ()), *item.get("also", ())]
            known["notations"] = {**known.get("notations", {}), **item.get("notations", {})}
            continue
        if parent.status != "extensible":
            raise ContentError("list-closed", list=parent.id, code=code, layer=layer)
        if str(item.get("broader", "")) not in codes:
            raise ContentError("code-unmapped", list=parent.id, code=code, layer=layer)
        codes[code] = dict(item)
        new.append(_code(item))
    _refuse_odd(new, codes, parent)
    declared = {**parent.declared, "codes": list(codes.values()), "data": None}
    return read_list(declared, parent.folder, parent.layer)


def _plain(parent: CodeList) -> Iterator[Mapping[str, Any]]:
    for item in parent.codes.values():
        yield {
            "code": item.code, "zh": item.zh, "en": item.en, "also": list(item.also), "notations": dict(item.notations),
            "parent": item.parent, "broader": item.broader, "from": item.valid_from, "until": item.valid_until,
            "replaced_by": item.replaced_by, **item.more,
        }  # fmt: skip


def day_told(day: str) -> Mapping[str, str]:
    """From when a code is in force, or is not, as it stands in a sentence of each language: a year needs a word in Chinese."""
    return {"zh": f"{day} 年" if len(day) == 4 else f"{day} ", "en": day}
