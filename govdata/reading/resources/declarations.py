"""The resources of an entry: files found, dialects and Table Schemas made from what the entry declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from govdata.classes import dataclass, replace
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.paths import Reference, is_remote, locate
from govdata.reading.resources.fields import build_schema
from govdata.reading.resources.schemafiles import read_schema
from govdata.values import Dialect, Entry, Finding, Resource, Skipped

TEXTS = frozenset(("csv", "tsv", "tab", "txt"))
"""Formats that have neither sheets nor tables: what is declared of such is not used."""
TABLES = frozenset((*TEXTS, "xlsx", "xlsm", "xlsb", "xls", "ods", "et", *DATABASES))
"""Formats of tables, by the ending of the file's name."""
_NAMED = {"tab": "\t", "\\t": "\t", "制表符": "\t", "逗号": ",", "分号": ";", "空格": " ", "竖线": "|"}


@dataclass(frozen=True, slots=True)
class Found:
    """What an entry or package declares, as far as it can be read; `files` are all that it names, as they are really called."""

    resources: tuple[Resource, ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    files: frozenset[str] = frozenset()

    @staticmethod
    def together(parts: Iterable[Found]) -> Found:
        """Many, in order."""
        every = list(parts)
        return Found(
            tuple(item for part in every for item in part.resources),
            tuple(item for part in every for item in part.findings),
            tuple(item for part in every for item in part.skipped),
            frozenset(item for part in every for item in part.files),
        )

    def plus(self, other: Found) -> Found:
        """Both together, in order."""
        return Found.together((self, other))


def read_resources(entry: Entry, folder: Path) -> Found:
    """The resources of a canonical entry, in its order; ids are unique."""
    declared = entry.canonical.get("resources")
    if not isinstance(declared, list):
        return Found()
    shared = entry.canonical.get("fields") if len(declared) == 1 else None
    items = ((number, item) for number, item in enumerate(declared) if isinstance(item, Mapping))
    return named_apart(entry, Found.together(_read_resource(entry, folder, number, _with_fields(item, shared)) for number, item in items))


def _with_fields(declared: Mapping[str, Any], shared: object) -> Mapping[str, Any]:
    """The entry's own fields belong to its only resource, where that has none."""
    return {**declared, "fields": shared} if shared and not declared.get("fields") and not declared.get("schema") else declared


def _read_resource(entry: Entry, folder: Path, number: int, declared: Mapping[str, Any]) -> Found:
    name = declared.get("file")
    if not isinstance(name, str) or not name:
        shown = str(declared.get("title") or f"#{number + 1}")
        return Found(skipped=(Skipped(shown, "no-file"),))
    if is_remote(name):
        return Found(skipped=(Skipped(name, "remote"),))
    located = locate(folder, _reference(entry, f"/resources/{number}/file", name))
    if located.path is None:
        return Found(findings=located.findings, files=frozenset((located.file,)))
    schema, file, findings = _schema(entry, folder, number, declared)
    resource = Resource(
        id=str(declared.get("title") or _name(located.file, _part(declared))),
        path=located.path,
        file=located.file,
        format=format_of(located.file, declared.get("format")),
        sheet=_part(declared),
        encoding=_text(declared.get("encoding")),
        dialect=_dialect(declared.get("dialect"), format_of(located.file, declared.get("format"))),
        schema=schema,
        pointer=entry.pointers.get(f"/resources/{number}", f"/resources/{number}"),
        rows=declared["rows"] if isinstance(declared.get("rows"), int) else None,
        declared=declared,
    )
    return Found((resource,), (*located.findings, *findings), tuple(_unused_parts(resource)), frozenset(filter(None, (located.file, file))))


def _reference(entry: Entry, pointer: str, name: str) -> Reference:
    written = entry.pointers.get(pointer, pointer)
    place = entry.positions.places.get(written)
    return Reference(name, entry.file, written, place[0] if place else None)


def _schema(entry: Entry, folder: Path, number: int, declared: Mapping[str, Any]) -> tuple[Any, str, tuple[Finding, ...]]:
    if declared.get("schema") is None:
        return build_schema(declared), "", ()
    given = declared["schema"]
    reference = _reference(entry, f"/resources/{number}/schema", given if isinstance(given, str) else "")
    schema, file, findings = read_schema(folder, given, reference, entry.positions.plain)
    if declared.get("fields"):
        twice = Finding("package/two-schemas", file=entry.file, pointer=reference.pointer, line=reference.line)
        findings = (*findings, twice)
    return schema, file, findings


def format_of(file: str, declared: object) -> str:
    """The format of a file: what is declared if that names a table format, else the ending of its name, in lower case."""
    named = declared.strip().lower().lstrip(".") if isinstance(declared, str) else ""
    return named if named in TABLES else Path(file).suffix.lower().lstrip(".")


def _dialect(declared: object, format: str) -> Dialect:
    usual = default_dialect(format)
    if not isinstance(declared, Mapping) or not declared:
        return usual
    rows = declared.get("headerRows")
    delimiter = str(declared.get("delimiter") or usual.delimiter)
    return Dialect(
        delimiter=_NAMED.get(delimiter.lower(), delimiter),
        quote=(_text(declared["quote"]) or None) if "quote" in declared else usual.quote,
        skip_initial_space=declared.get("skipInitialSpace") is True,
        comment=_text(declared.get("commentChar")) or "",
        header_rows=header_rows(rows) if rows is not None else usual.header_rows,
        declared=True,
    )


def header_rows(declared: object) -> tuple[int, ...]:
    """The declared numbers of header rows, in order; 0, which `open_table` refuses, for what is no number."""
    rows = declared if isinstance(declared, list) else [declared]
    return tuple(sorted({n if isinstance(n, int) and not isinstance(n, bool) else 0 for n in rows}))


def default_dialect(format: str) -> Dialect:
    """The dialect of a table for which none is declared."""
    return Dialect(delimiter="\t") if format in ("tsv", "tab") else Dialect()


def named_apart(entry: Entry, found: Found) -> Found:
    """The same with ids that no two resources share, and with a finding for each table that is listed again."""
    seen: set[tuple[Path, object]] = set()
    again = []
    for resource in found.resources:
        if (resource.path, resource.sheet) in seen:
            place = entry.positions.keys.get(resource.pointer) or entry.positions.places.get(resource.pointer)
            line, args = place[0] if place else None, {"name": resource.file}
            again.append(Finding("folder/file-twice", file=entry.file, pointer=resource.pointer, line=line, value=resource.file, args=args))
        seen.add((resource.path, resource.sheet))
    return _unique_ids(replace(found, findings=(*found.findings, *again)))


def _unique_ids(found: Found) -> Found:
    """The second `停车场` becomes `停车场#2`."""
    seen: dict[str, int] = {}
    resources = []
    for resource in found.resources:
        seen[resource.id] = count = seen.get(resource.id, 0) + 1
        resources.append(_renamed(resource, f"{resource.id}#{count}") if count > 1 else resource)
    return Found(tuple(resources), found.findings, found.skipped, found.files)


def _renamed(resource: Resource, name: str) -> Resource:
    return replace(resource, id=name)


def _part(declared: Mapping[str, Any]) -> str | None:
    """The sheet of a workbook, the table of a database."""
    return _text(declared.get("sheet")) or _text(declared.get("table"))


def _unused_parts(resource: Resource) -> Iterable[Skipped]:
    parts = (_text(resource.declared.get(key)) for key in ("sheet", "table"))
    return (Skipped(resource.file, "part-unused", {"part": part}) for part in parts if part and resource.format in TEXTS)


def _name(file: str, sheet: object) -> str:
    return f"{file}#{sheet}" if sheet else file


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
