"""Datasets as the sites take them: CKAN as it comes takes anything, the one with our plugin only what our rules let pass."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from govdata import ckanfields
from govdata.reading.documents.yaml import parse
from govdata.reading.entries.translation import read_entry
from govdata.standards import read_library

ROOT = Path(__file__).parent.parent.parent
DIRECTORY = "7d3c1c5e-0c41-4c07-9d0c-6f1f1d0c9a01"
PARKING = ROOT / "catalog" / "demo" / "right" / "停车场" / "entry.yaml"


def parking(organisation: str, **changes: Any) -> dict[str, Any]:
    """A right dataset under a name of its own."""
    codes = read_library().standard("national").codes
    entry = read_entry(parse(PARKING.read_bytes(), "entry.yaml"), "entry.yaml", codes)[0].canonical
    resource = {**ckanfields.to_resource_fields(entry["resources"][0]), "name": "停车场.csv", "url": "https://example.org/a.csv"}
    state = {"govdata_directory": DIRECTORY, "govdata_code": "307001/000005", "govdata_state": "published", "govdata_digest": "ab" * 32}
    own = {
        "standard": "national",
        "name": f"parking-{uuid.uuid4().hex[:8]}",
        "owner_org": organisation,
        "tags": [{"name": "停车"}],
        "resources": [resource],
    }
    found = {**ckanfields.to_fields(entry), **state, **own, **changes}
    return {key: value for key, value in found.items() if value is not None}


def plain(site: str, organisation: str, resource: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A dataset with one resource for a site by its name; what is given stands in it."""
    if site == "stock":
        return {"owner_org": organisation, "resources": [resource], **fields}
    found = parking(organisation)
    stateless = {key: value for key, value in found.items() if not key.startswith("govdata_")}
    return {**stateless, "resources": [{**found["resources"][0], **resource}], **fields}
