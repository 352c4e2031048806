"""An entry as a Data Package (v2), and back. What the specification has no word for stands under `govdata`, pointer by pointer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govdata.conversion.remainder import difference, restore
from govdata.conversion.schemas import fields_of
from govdata.expressions import expression
from govdata.graph.descriptions import Notice
from govdata.graph.values import shown
from govdata.reading.paths import is_remote
from govdata.reading.resources.fields import build_schema

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
KEY = "govdata"
"""The key of a package under which everything stands that Data Package has no word for."""
_BORROWED = (
    *("sharing", "opening", "secret", "securityLevel", "sensitivity", "zone", "personal", "personalReason"),
    *("publisher", "contact", "correction"),
)
"""Keys of an entry that a package may have (`reading.resources.datapackage`): who may have its data, who provides it, where to turn to."""
_SAME = ("title", "description", "version", "keywords")
_DIALECT = (
    ("delimiter", "delimiter"), ("quote", "quoteChar"), ("headerRows", "headerRows"), ("commentChar", "commentChar"),
    ("skipInitialSpace", "skipInitialSpace"),
)  # fmt: skip
_RESOURCE = (("title", "title"), ("description", "description"), ("format", "format"), ("encoding", "encoding"))
_PUBLISHER = (("name", "title"),)
_CONTACT = (("person", "title"), ("email", "email"), ("organisation", "organization"))
"""Key of an entry → key of a contributor."""
_NOT_NAME = expression(r"[^-a-z0-9._/]+")
_LICENCE = expression(r"[-a-zA-Z0-9._]+")
_DAY = expression(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T[0-9:.]+(?:Z|[-+][0-9:]+)?")
_READ = frozenset(("$schema", "profile", "name", "id", "homepage", "licenses", "contributors", "sources", "created", "resources", KEY))


def to_package(canonical: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical entry as the content of `datapackage.json`."""
    found: dict[str, Any] = {"$schema": PROFILE}
    identifier = canonical.get("identifier")
    if isinstance(identifier, str) and identifier:
        found |= {"name": _name(identifier), "id": identifier}
    found |= {key: canonical[key] for key in _SAME if _is_plain(canonical.get(key), key == "keywords")}
    found |= _people(canonical)
    pages = canonical.get("landingPage")
    if isinstance(pages, list) and pages and isinstance(pages[0], str):
        found["homepage"] = pages[0]
    licence = canonical.get("licence")
    if isinstance(licence, str) and (is_remote(licence) or _LICENCE.fullmatch(licence)):
        found["licenses"] = [{"path" if is_remote(licence) else "name": licence}]
    if isinstance(canonical.get("source"), str):
        found["sources"] = [{"title": canonical["source"]}]
    found |= {key: canonical[key] for key in _BORROWED if key in canonical}
    declared = canonical.get("resources")
    resources = [item for item in declared if isinstance(item, Mapping)] if isinstance(declared, list) else []
    found["resources"] = list(_to_resources(resources))
    rest = difference(_entry(found)[0], dict(canonical))
    return {**found, KEY: rest} if rest else found


def _is_plain(value: Any, many: bool) -> bool:
    return bool(value) and (isinstance(value, list) and all(isinstance(item, str) for item in value) if many else isinstance(value, str))


def _name(text: str) -> str:
    """A name as the specification wants it: small letters, digits, `-._/`; what is left of a Chinese one may be little."""
    return _NOT_NAME.sub("-", text.lower()).strip("-") or "dataset"


def _people(canonical: Mapping[str, Any]) -> dict[str, Any]:
    people = []
    publisher, contact = canonical.get("publisher"), canonical.get("contact")
    if isinstance(publisher, Mapping) and isinstance(publisher.get("name"), str):
        people.append({"title": publisher["name"], "roles": ["publisher"]})
    if isinstance(contact, Mapping):
        person = {theirs: contact[ours] for ours, theirs in _CONTACT if isinstance(contact.get(ours), str)}
        if person:
            people.append({**person, "roles": ["contactPoint"]})
    return {"contributors": people} if people else {}


def _to_resources(resources: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for number, resource in enumerate(resources):
        file = resource.get("file")
        base = _name(str(resource.get("title") or file or f"resource-{number + 1}"))
        name = next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(resources) + 2))) if name not in seen)
        seen.add(name)
        found: dict[str, Any] = {"name": name}
        if isinstance(file, str) and file:
            found["path"] = file
        else:
            found["data"] = []
        found |= {theirs: resource[ours] for ours, theirs in _RESOURCE if isinstance(resource.get(ours), str)}
        dialect = _to_dialect(resource)
        schema = resource.get("schema") if isinstance(resource.get("schema"), str | Mapping) else build_schema(resource)
        yield {**found, **({"dialect": dialect} if dialect else {}), **({"schema": schema, "type": "table"} if schema else {})}


def _to_dialect(resource: Mapping[str, Any]) -> dict[str, Any]:
    declared = resource.get("dialect")
    found = {theirs: declared[ours] for ours, theirs in _DIALECT if ours in declared} if isinstance(declared, Mapping) else {}
    if isinstance(resource.get("sheet"), str):
        found["sheetName"] = resource["sheet"]
    if isinstance(resource.get("table"), str):
        found["table"] = resource["table"]
    return found


def from_package(package: Mapping[str, Any]) -> tuple[dict[str, Any], list[Notice]]:
    """A package as an entry in English keys, to be read by `read_entry`, and what an entry cannot hold."""
    found, lost = _entry(package)
    patch = package.get(KEY)
    unfit: list[str] = []
    if isinstance(patch, Mapping):
        found, unfit = restore(found, {str(key): value for key, value in patch.items()})
    name = str(package.get("id") or package.get("name") or "")
    notices = [Notice("property", name, pointer, shown(str(value))) for pointer, value in lost]
    return found, [*notices, *(Notice("unfit", name, f"/{KEY} {pointer}") for pointer in unfit)]


def _entry(package: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """The entry of a package without its own key, and (pointer, value) of what has no place in it."""
    lost: list[tuple[str, Any]] = []
    found: dict[str, Any] = {key: package[key] for key in (*_SAME, *_BORROWED) if key in package}
    identifier = package.get("id") or package.get("name")
    if isinstance(identifier, str):
        found["identifier"] = identifier
    if isinstance(package.get("homepage"), str):
        found["landingPage"] = [package["homepage"]]
    _read_licence(package, found, lost)
    _read_people(package, found, lost)
    _read_sources(package, found, lost)
    created = package.get("created")
    if isinstance(created, str):
        match = _DAY.fullmatch(created)
        found["issued"] = match[1] if match else created
    if "resources" in package:
        read = [_resource(item, pointer, lost) for pointer, item in _listed(package, "resources", lost)]
        found |= {"resources": read} if read else {}
    lost += [(f"/{key}", value) for key, value in package.items() if key not in _READ and key not in found]
    return found, lost


def _listed(package: Mapping[str, Any], key: str, lost: list[tuple[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    value = package.get(key)
    if value is not None and not isinstance(value, list):
        lost.append((f"/{key}", value))
    for number, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, Mapping):
            yield f"/{key}/{number}", item
        else:
            lost.append((f"/{key}/{number}", item))


def _read_licence(package: Mapping[str, Any], found: dict[str, Any], lost: list[tuple[str, Any]]) -> None:
    for pointer, licence in _listed(package, "licenses", lost):
        told = next((licence[key] for key in ("path", "name", "title") if isinstance(licence.get(key), str)), None)
        if told is not None and "licence" not in found:
            found["licence"] = told
            lost += [(f"{pointer}/{key}", value) for key, value in licence.items() if value != told]
        else:
            lost.append((pointer, dict(licence)))


def _read_sources(package: Mapping[str, Any], found: dict[str, Any], lost: list[tuple[str, Any]]) -> None:
    told = []
    for pointer, source in _listed(package, "sources", lost):
        parts = [source[key] for key in ("title", "path") if isinstance(source.get(key), str)]
        told.append(" ".join(parts))
        lost += [(f"{pointer}/{key}", value) for key, value in source.items() if key not in ("title", "path")]
    if any(told):
        found["source"] = "；".join(filter(None, told))


def _read_people(package: Mapping[str, Any], found: dict[str, Any], lost: list[tuple[str, Any]]) -> None:
    for pointer, person in _listed(package, "contributors", lost):
        roles = person.get("roles", [person["role"]] if "role" in person else [])
        roles = roles if isinstance(roles, str | list) else []
        read = {"roles", "role"}
        parts = _PUBLISHER if "publisher" in roles else _CONTACT if "contactPoint" in roles or "email" in person else ()
        told = {ours: person[theirs] for ours, theirs in parts if isinstance(person.get(theirs), str)}
        key = "publisher" if parts is _PUBLISHER else "contact"
        if told and (found.setdefault(key, told) == told or _says(found[key], told)):
            read |= {theirs for _, theirs in parts}
        lost += [(f"{pointer}/{key}", value) for key, value in person.items() if key not in read]


def _says(known: Any, told: Mapping[str, Any]) -> bool:
    """Whether an object says all that is told: as the package's own `publisher` does of its contributor."""
    return isinstance(known, Mapping) and all(known.get(key) == value for key, value in told.items())


def _resource(declared: Mapping[str, Any], pointer: str, lost: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {ours: declared[theirs] for ours, theirs in _RESOURCE if theirs in declared}
    used = {"name", "path", "dialect", "schema", "type", "profile", "$schema", *(theirs for _, theirs in _RESOURCE)}
    path = declared.get("path")
    paths = path if isinstance(path, list) else [path]
    if isinstance(paths[0] if paths else None, str):
        found["file"] = paths[0]
    lost += [(f"{pointer}/path/{number}", part) for number, part in enumerate(paths) if number]
    if declared.get("data") == []:
        used.add("data")
    dialect = declared.get("dialect")
    if isinstance(dialect, Mapping):
        _read_dialect(dialect, found, f"{pointer}/dialect", lost)
    elif dialect is not None:
        lost.append((f"{pointer}/dialect", dialect))
    schema = declared.get("schema")
    told = fields_of(schema) if isinstance(schema, Mapping) else None
    found |= told if told is not None else {"schema": schema} if isinstance(schema, str | Mapping) else {}
    lost += [(f"{pointer}/{key}", value) for key, value in declared.items() if key not in used]
    return found


def _read_dialect(dialect: Mapping[str, Any], found: dict[str, Any], pointer: str, lost: list[tuple[str, Any]]) -> None:
    read = {ours: dialect[theirs] for ours, theirs in _DIALECT if theirs in dialect}
    used = {theirs for _, theirs in _DIALECT} | {"$schema"}
    for ours, theirs in (("sheet", "sheetName"), ("table", "table")):
        if isinstance(dialect.get(theirs), str):
            found[ours] = dialect[theirs]
            used.add(theirs)
    if read:
        found["dialect"] = read
    # What is as it usually is says nothing.
    usual = {"doubleQuote": True, "header": True, "headerJoin": " ", "lineTerminator": "\r\n", "nullSequence": ""}
    lost += [(f"{pointer}/{key}", value) for key, value in dialect.items() if key not in used and usual.get(key, pointer) != value]
