"""A dataset as a Data Package (version 2): its canonical tables where it has any, else its files and links as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from govdata.expressions import expression
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.naming import address, iri_of_dataset
from govdata.publishing.site.exports.tableschemas import canonical_schema
from govdata.publishing.site.exports.texts import json_bytes
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Download, Record, Resource

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_MAIL = expression(r"[^@\s<>]+@[^@\s<>]+")
_WEB = expression(r"https?://[^\s]+")
_LICENCE = expression("[A-Za-z0-9._-]+")
_DATE = expression("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def package_file(record: Record, portal: Portal) -> tuple[str, bytes] | None:
    """`datapackage.json` of a dataset; nothing where there is no resource, as a package has at least one."""
    package = data_package(record, portal)
    return (f"{dataset_folder(record.code)}/datapackage.json", json_bytes(package)) if package["resources"] else None


def has_package(record: Record) -> bool:
    """Whether there is such a file."""
    return any(item.downloads or _WEB.fullmatch(item.url) for item in record.resources)


def data_package(record: Record, portal: Portal) -> dict[str, Any]:
    """The descriptor."""
    package: dict[str, Any] = {
        "$schema": PROFILE, "name": record.id, "id": iri_of_dataset(portal, record.code), "title": record.title,
        "description": record.description, "keywords": list(record.keywords), "version": record.version,
    }  # fmt: skip
    if portal.url:
        package["homepage"] = address(portal, f"{dataset_folder(record.code)}/index.html")
    if _DATE.fullmatch(record.modified or record.issued):
        package["created"] = f"{record.modified or record.issued}T00:00:00Z"
    package["licenses"] = _licences(record.licence or portal.licence)
    package["contributors"] = _contributors(record)
    package = {key: value for key, value in package.items() if value}
    names = _names(record)
    package["resources"] = [described for resource in record.resources if (described := _resource(resource, names))]
    return package


def _licences(licence: str) -> list[dict[str, str]]:
    """The licence where the specification has a place for it: an address, or a name that could be an identifier."""
    if _WEB.fullmatch(licence):
        return [{"path": licence}]
    return [{"name": licence}] if _LICENCE.fullmatch(licence) else []


def _contributors(record: Record) -> list[dict[str, Any]]:
    party: dict[str, Any] = {"title": record.publisher.name or record.publisher.code or record.publisher.id, "roles": ["publisher"]}
    mail = record.contact.get("email", "")
    return [{**party, "email": mail} if _MAIL.fullmatch(mail) else party]


def _resource(resource: Resource, names: Callable[[str], str]) -> dict[str, Any] | None:
    download = next((item for item in resource.downloads if item.kind == "csv"), None)
    if download is not None:
        return _described(resource, download) | {
            "type": "table", "format": "csv", "encoding": "utf-8", "schema": canonical_schema(resource.schema or {}, names),
        }  # fmt: skip
    download = next((item for item in resource.downloads if item.kind == "original"), None)
    if download is not None:
        told = _described(resource, download)
        told |= {"format": resource.format.lower()} if resource.format else {}
        return told | ({"encoding": resource.encoding} if resource.encoding else {})
    if _WEB.fullmatch(resource.url):
        return _named(resource) | {"path": resource.url}
    return None


def _described(resource: Resource, download: Download) -> dict[str, Any]:
    media = download.media_type.partition(";")[0]
    told = {"mediatype": media, "bytes": download.size, "hash": f"sha256:{download.sha256}"}
    return _named(resource) | {"path": download.name} | {key: value for key, value in told.items() if value}


def _named(resource: Resource) -> dict[str, Any]:
    told = {"name": f"resource-{resource.id}", "title": resource.title, "description": resource.description}
    return {key: value for key, value in told.items() if value}


def _names(record: Record) -> Callable[[str], str]:
    """What foreign keys may call a resource → its name in the package; only tables that are in it."""
    known: dict[str, str] = {}
    for resource in record.resources:
        if any(item.kind == "csv" for item in resource.downloads):
            for name in (resource.key, resource.file, resource.sheet, resource.title):
                known.setdefault(name, f"resource-{resource.id}")
    return lambda name: known.get(name, "")
