"""Turtle, N-Triples, RDF/XML and JSON-LD of an entry are one graph, and what we write for others is JSON-LD to the reference too."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import govdata
from govdata import content
from govdata.graph.reference import canonical_nquads, expand_by_pyld

oxigraph: Any = pytest.importorskip("pyoxigraph")
DEMO = content.root() / "catalog" / "demo" / "right"
FOLDERS = sorted(path.name for path in DEMO.iterdir() if (path / "entry.yaml").is_file())
READ = {
    "turtle": oxigraph.RdfFormat.TURTLE,
    "ntriples": oxigraph.RdfFormat.N_TRIPLES,
    "rdfxml": oxigraph.RdfFormat.RDF_XML,
    "dcat-turtle": oxigraph.RdfFormat.TURTLE,
    "dcat-rdfxml": oxigraph.RdfFormat.RDF_XML,
    "dcat": oxigraph.RdfFormat.JSON_LD,
}


def lines(quads: str) -> list[str]:
    return sorted(line for line in quads.splitlines() if line)


def canonical(source: Path, form: str) -> list[str]:
    """The graph of a dataset in a form, as canonical N-Quads (RDFC-1.0)."""
    text = govdata.convert(source, form).text
    graph = oxigraph.Dataset(oxigraph.parse(text.encode(), READ[form]))
    graph.canonicalize(oxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    written = io.BytesIO()
    oxigraph.serialize(graph, written, oxigraph.RdfFormat.N_QUADS)
    return lines(written.getvalue().decode())


@pytest.mark.parametrize("name", FOLDERS)
def test_all_forms_are_one_graph(name: str) -> None:
    expected = canonical(DEMO / name, "turtle")
    assert len(expected) > 20
    assert canonical(DEMO / name, "ntriples") == canonical(DEMO / name, "rdfxml") == expected
    document = json.loads(govdata.convert(DEMO / name, "jsonld").text)
    assert lines(canonical_nquads(expand_by_pyld(document))) == expected


def test_json_in_a_graph_stands_as_the_standard_has_it(tmp_path: Path) -> None:
    """RFC 8785, as JSON-LD's algorithms ask for: characters as they are, not as escapes."""
    schema = {"fields": [{"name": "编号", "😀": "\ufeff"}]}
    (tmp_path / "entry.json").write_text(json.dumps({"title": "a", "resources": [{"file": "./a.csv", "schema": schema}]}), encoding="utf-8")
    expected = canonical(tmp_path, "turtle")
    assert canonical(tmp_path, "ntriples") == canonical(tmp_path, "rdfxml") == expected
    document = json.loads(govdata.convert(tmp_path, "jsonld").text)
    assert lines(canonical_nquads(expand_by_pyld(document))) == expected
    assert sum("编号" in line for line in expected) == 1


@pytest.mark.parametrize("name", FOLDERS[:3])
def test_dcat_is_one_graph(name: str) -> None:
    expected = canonical(DEMO / name, "dcat-turtle")
    assert canonical(DEMO / name, "dcat-rdfxml") == canonical(DEMO / name, "dcat") == expected
    document = json.loads(govdata.convert(DEMO / name, "dcat").text)
    assert lines(canonical_nquads(expand_by_pyld(document))) == expected


def test_dcat_says_what_others_ask_for() -> None:
    (node,) = json.loads(govdata.convert(DEMO / "停车场", "dcat").text)["@graph"]
    eu = "http://publications.europa.eu/resource/authority"
    assert node["@type"] == "dcat:Dataset"
    assert node["dct:title"] == {"@value": "云间区公共停车场", "@language": "zh"}
    assert node["dct:accrualPeriodicity"] == {"@id": f"{eu}/frequency/ANNUAL"}
    assert node["dct:accessRights"] == {"@id": f"{eu}/access-right/PUBLIC"}
    assert node["dcat:theme"] == [{"@id": "urn:govdata:codes:theme:construction-environment"}, {"@id": f"{eu}/data-theme/ENVI"}]
    assert node["dct:publisher"]["@type"] == ["foaf:Organization", "foaf:Agent"]
    assert node["dcat:contactPoint"]["vcard:fn"] == node["dcat:contactPoint"]["vcard:organization-name"]
    distribution = node["dcat:distribution"]
    assert distribution["dcat:accessURL"] == distribution["dcat:downloadURL"]
    assert distribution["dcat:mediaType"] == {"@id": "https://www.iana.org/assignments/media-types/text/csv"}
    assert "govdata:remainder" not in node


def test_a_catalog_lists_its_datasets(tmp_path: Path) -> None:
    govdata.convert(DEMO, "dcat", tmp_path / "catalog.jsonld")
    *datasets, catalog = json.loads((tmp_path / "catalog.jsonld").read_text(encoding="utf-8"))["@graph"]
    assert catalog["@type"] == "dcat:Catalog"
    assert [item["@id"] for item in catalog["dcat:dataset"]] == [item["@id"] for item in datasets]
    again = govdata.convert(tmp_path / "catalog.jsonld", "jsonl", keys="en")
    assert again.datasets == len(datasets)
    straight = govdata.convert(DEMO, "jsonl", keys="en")
    assert [json.loads(line) for line in again.text.splitlines()] == [json.loads(line) for line in straight.text.splitlines()]
    assert again.notices == ()
