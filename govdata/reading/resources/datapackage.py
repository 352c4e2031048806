"""Data packages (v1 and v2): their resources as ours. Nothing remote is fetched, no reference is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from govdata.classes import dataclass, replace
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.documents.opening import read_document, require_object
from govdata.reading.documents.yaml import USUAL, Document, Limits
from govdata.reading.paths import Reference, is_remote, locate
from govdata.reading.resources import misspelt
from govdata.reading.resources.declarations import TEXTS, Found, default_dialect, format_of, header_rows, named_apart
from govdata.reading.resources.schemafiles import read_schema
from govdata.reading.sources import SourceInfo
from govdata.values import Dialect, Entry, Finding, Resource, Skipped

FILE = "datapackage.json"
_V2 = "datapackage.org/profiles/2"
_V2_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
_KEPT = (("title", "title"), ("name", "identifier"), ("description", "description"), ("keywords", "keywords"), ("version", "version"))
_DECIDING = ("sharing", "opening", "secret", "securityLevel", "sensitivity", "zone", "personal", "personalReason")
"""Keys that a package may borrow from an entry, in canonical form, to say who may have its data."""
_TOLD = ("publisher", "contact", "correction")
"""Objects of texts that it may borrow besides: a catalog says who provides the data and where to turn to."""
_UNUSED = ("nullSequence", "commentRows", "caseSensitiveHeader", "property", "itemType", "itemKeys")
"""Dialect keys that change what a table means and that are not read."""


@dataclass(frozen=True, slots=True)
class _Package:
    """A package while its resources are read."""

    folder: Path
    file: str
    document: Document

    def reference(self, name: str, pointer: str) -> Reference:
        place = self.document.positions.places.get(pointer)
        return Reference(name, self.file, pointer, place[0] if place else None)

    def wrong(self, rule: str, pointer: str, **args: object) -> Finding:
        reference = self.reference("", pointer)
        return Finding(rule, file=self.file, pointer=pointer, line=reference.line, args=args)


def read_package(folder: Path, file: str = FILE, limits: Limits = USUAL) -> tuple[Entry | None, Found]:
    """The package of a folder: its metadata as an entry (title, identifier …, and who may have it) and its resources."""
    document = require_object(read_document(folder / file, file, limits, group="package"), file, "package/shape")
    if not document.readable:
        return None, Found(findings=_explained(document.findings, file))
    package = _Package(folder, file, document)
    canonical = {ours: document.value[key] for key, ours in _KEPT if isinstance(document.value.get(key), str | list)}
    canonical |= {key: document.value[key] for key in _DECIDING if document.value.get(key) is not None}
    canonical |= {key: document.value[key] for key in _TOLD if _is_of_texts(document.value.get(key))}
    if "publisher" not in canonical and (named := _publisher(document.value.get("contributors"))):
        canonical["publisher"] = {"name": named}
    pointers = {"": ""} | {f"/{key}": f"/{key}" for key in (*_DECIDING, *_TOLD) if key in document.value}
    pointers |= {f"/{ours}": f"/{key}" for key, ours in _KEPT if key in document.value}
    entry = Entry(file, document.value, canonical, pointers, document.positions, document.sha256)
    found = Found(findings=(*document.findings, *_check_shape(package)))
    resources = document.value.get("resources")
    items = enumerate(resources if isinstance(resources, list) else ())
    return entry, named_apart(entry, Found.together((found, *(_read_resource(package, number, declared) for number, declared in items))))


def _explained(findings: tuple[Finding, ...], file: str) -> tuple[Finding, ...]:
    """A package that is no object is told so as its other mistakes of shape are."""
    shape = {"why": "package-object", "name": file}
    return tuple(replace(f, args=shape) if f.rule == "package/shape" else f for f in findings)


def _publisher(contributors: object) -> str:
    """The contributor whose role is that of publisher (Data Package v1: `role`, v2: `roles`); empty where none is."""
    for person in contributors if isinstance(contributors, list) else ():
        if isinstance(person, Mapping) and isinstance(person.get("title"), str):
            roles = person.get("roles")
            if "publisher" in (roles if isinstance(roles, list) else [person.get("role")]):
                return str(person["title"])
    return ""


def _is_of_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values())


def _check_shape(package: _Package) -> Iterator[Finding]:
    value = package.document.value
    for key in _TOLD:
        if key in value and not _is_of_texts(value[key]):
            yield package.wrong("package/shape", f"/{key}", why="package-texts", name=key)
    for key in ("name", "title", "description", "version"):
        if key in value and not isinstance(value[key], str):
            yield package.wrong("package/shape", f"/{key}", why="package-text", name=key)
    resources = value.get("resources")
    if not isinstance(resources, list) or not resources:
        yield package.wrong("package/shape", "/resources" if "resources" in value else "", why="package-resources", name="resources")
        return
    seen: set[str] = set()
    for number, declared in enumerate(resources):
        pointer = f"/resources/{number}"
        if not isinstance(declared, Mapping):
            yield package.wrong("package/shape", pointer, why="package-resource", name=str(number + 1))
            continue
        name = declared.get("name")
        if not isinstance(name, str) or not name:
            yield package.wrong("package/shape", pointer, why="package-name", name=str(number + 1))
        elif name in seen:
            yield package.wrong("package/shape", f"{pointer}/name", why="package-name-twice", name=name)
        else:
            seen.add(name)


def _read_resource(package: _Package, number: int, declared: Any) -> Found:
    pointer = f"/resources/{number}"
    if not isinstance(declared, Mapping):
        return Found()
    shown = str(declared.get("name") or declared.get("title") or f"#{number + 1}")
    if "$ref" in declared:
        return Found(findings=(package.wrong("package/reference", pointer, why="schema-ref", name=str(declared["$ref"])),))
    paths = declared.get("path")
    path = paths[0] if isinstance(paths, list) and len(paths) == 1 else paths
    if isinstance(path, list) and path:
        return _read_parts(package, pointer, shown, path)
    if not isinstance(path, str) or not path:
        if "data" in declared:
            return Found(skipped=(Skipped(shown, "inline-data"),))
        return Found(findings=(package.wrong("package/shape", pointer, why="package-path", name=shown),))
    if is_remote(path):
        return Found(skipped=(Skipped(shown, "remote", {"name": path}),))
    return _read_table(package, pointer, declared, path)


def _read_parts(package: _Package, pointer: str, shown: str, paths: list[Any]) -> Found:
    """A resource in several files: not read as a table, but its files must be there."""
    found = Found(skipped=(Skipped(shown, "multipart", {"count": len(paths)}),))
    for part, path in enumerate(paths):
        if isinstance(path, str) and not is_remote(path):
            located = locate(package.folder, package.reference(path, f"{pointer}/path/{part}"))
            found = found.plus(Found(findings=located.findings, files=frozenset((located.file,))))
    return found


def _read_table(package: _Package, pointer: str, declared: Mapping[str, Any], path: str) -> Found:
    located = locate(package.folder, package.reference(path, f"{pointer}/path"))
    if located.path is None:
        return Found(findings=located.findings, files=frozenset((located.file,)))
    dialect, of_dialect = _object(package, f"{pointer}/dialect", declared.get("dialect"))
    schema, file, findings = _schema(package, pointer, declared)
    format = format_of(located.file, declared.get("format"))
    resource = Resource(
        id=str(declared.get("name") or located.file),
        path=located.path,
        file=located.file,
        format=format,
        sheet=_sheet(dialect, format),
        encoding=declared["encoding"] if isinstance(declared.get("encoding"), str) else None,
        dialect=_dialect(dialect, format),
        schema=schema,
        pointer=pointer,
        declared=declared,
    )
    unused = _UNUSED if format in DATABASES else (*_UNUSED, "table")
    skipped = tuple(Skipped(resource.file, "dialect-key", {"key": key}) for key in unused if key in dialect)
    if resource.sheet not in (None, 1) and format in TEXTS:
        skipped += (Skipped(resource.file, "part-unused", {"part": str(resource.sheet)}),)
    skipped += tuple(misspelt.of_resource(resource.file, declared, dialect))
    files = of_dialect.files | {name for name in (located.file, file) if name}
    return Found((resource,), (*located.findings, *of_dialect.findings, *findings), skipped, files)


def _schema(package: _Package, pointer: str, declared: Mapping[str, Any]) -> tuple[Any, str, tuple[Finding, ...]]:
    given = declared.get("schema")
    if given is None:
        return None, "", ()
    reference = package.reference(given if isinstance(given, str) else "", f"{pointer}/schema")
    schema, file, findings = read_schema(package.folder, given, reference)
    versions = (declared.get("$schema"), package.document.value.get("$schema"))
    if isinstance(schema, Mapping) and "$schema" not in schema and any(_V2 in str(version) for version in versions):
        schema = {"$schema": _V2_SCHEMA, **schema}
    return schema, file, findings


def _object(package: _Package, pointer: str, given: object) -> tuple[Mapping[str, Any], Found]:
    """A dialect, inline or in a file of its own; keys of older frictionless (`csv`, `excel`) are lifted."""
    if given is None:
        return {}, Found()
    reference = package.reference(given if isinstance(given, str) else "", pointer)
    value, file, findings = read_schema(package.folder, given, reference)
    if not isinstance(value, Mapping):
        return {}, Found(findings=findings, files=frozenset((file,)))
    lifted = dict(value)
    for name in ("csv", "excel", "ods", "sql"):
        nested = lifted.pop(name, None)
        if isinstance(nested, Mapping):
            lifted.update({"sheetName" if key == "sheet" else key: item for key, item in nested.items()})
    return lifted, Found(findings=findings, files=frozenset((file,)))


def _sheet(dialect: Mapping[str, Any], format: str) -> str | int | None:
    """The sheet of a workbook, the table of a database."""
    if format in DATABASES:
        return _text(dialect, "table")
    name, number = dialect.get("sheetName"), dialect.get("sheetNumber")
    if isinstance(name, str | int) and not isinstance(name, bool):
        return name
    return number if isinstance(number, int) else None


def _dialect(declared: Mapping[str, Any], format: str) -> Dialect:
    """CSV Dialect (v1) and Table Dialect (v2) have the same names for the same things."""
    usual = default_dialect(format)
    if not declared:
        return usual
    rows = declared.get("headerRows")
    headers = header_rows(rows) if rows is not None else usual.header_rows
    quote = declared.get("quoteChar", usual.quote)
    return Dialect(
        delimiter=_text(declared, "delimiter") or usual.delimiter,
        quote=quote if isinstance(quote, str) and quote else None,
        double_quote=declared.get("doubleQuote") is not False,
        escape=_text(declared, "escapeChar"),
        skip_initial_space=declared.get("skipInitialSpace") is True,
        comment=_text(declared, "commentChar") or "",
        header_rows=() if declared.get("header") is False else headers,
        header_join=_text(declared, "headerJoin") or usual.header_join,
        declared=True,
    )


def _text(declared: Mapping[str, Any], key: str) -> str | None:
    value = declared.get(key)
    return value if isinstance(value, str) and value else None


def check_changed(resource: Resource, info: SourceInfo) -> Iterator[Finding | Skipped]:
    """Whether a file still has the size (`bytes`) and digest (`hash`: `algorithm:hex`, without algorithm md5) that its package declares."""
    size, declared = resource.declared.get("bytes"), resource.declared.get("hash")
    where: dict[str, Any] = {"file": resource.file, "resource": resource.id, "pointer": resource.pointer}
    if isinstance(size, str) and size.isascii() and size.isdigit():
        size = int(size)
    if isinstance(size, int) and info.size is not None and size != info.size:
        yield Finding("package/changed", **where, args={"what": "changed-size", "declared": size, "actual": info.size})
    if not isinstance(declared, str) or not declared:
        return
    algorithm, _, digest = declared.rpartition(":")
    actual = _digest(resource.path, algorithm.lower() or "md5", info)
    if actual is None:
        yield Skipped(resource.file, "hash-unknown", {"algorithm": algorithm})
    elif actual != digest.strip().lower():
        yield Finding("package/changed", **where, args={"what": "changed-content", "declared": declared, "actual": actual})


def _digest(path: Path, algorithm: str, info: SourceInfo) -> str | None:
    """The digest in hexadecimal; `None` for an algorithm that is not there. sha256 is known from reading."""
    if algorithm == "sha256" and info.sha256:
        return info.sha256
    if algorithm.replace("-", "") not in ("md5", "sha1", "sha256", "sha512"):
        return None
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm.replace("-", ""), usedforsecurity=False)).hexdigest()
