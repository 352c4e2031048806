"""The graph of a dataset and of the catalog: three forms of one graph, read by two libraries that are not ours, as DCAT-AP wants it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from lxml import etree
from pyld import jsonld

from govdata.classes import replace
from govdata.graph import jsonld as short_names
from govdata.graph import rdfxml, turtle
from govdata.graph.names import PREFIXES, is_iri
from govdata.graph.writing import write
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.exports.catalogs import PAGE, catalog_files, graph_files
from govdata.publishing.site.exports.naming import iri_of_dataset
from govdata.publishing.site.records import Record
from tests.site.exports import samples

FORMATS = {"jsonld": pyoxigraph.RdfFormat.JSON_LD, "ttl": pyoxigraph.RdfFormat.TURTLE, "rdf": pyoxigraph.RdfFormat.RDF_XML}
ROOT = "https://served.example/there/"
"""Where a site is read from that does not know where it is served."""
DCAT, DCT = PREFIXES["dcat"], PREFIXES["dct"]


def graph(path: str, data: bytes) -> pyoxigraph.Dataset:
    """What pyoxigraph reads in a file of the site."""
    found = pyoxigraph.Dataset(pyoxigraph.parse(data, format=FORMATS[path.rpartition(".")[2]], base_iri=ROOT + path))
    found.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return found


def by_pyld(path: str, data: bytes) -> pyoxigraph.Dataset:
    """What pyld reads in a JSON-LD file of the site."""
    quads = jsonld.to_rdf(json.loads(data), {"format": "application/n-quads", "base": ROOT + path, "processingMode": "json-ld-1.1"})
    found = pyoxigraph.Dataset(pyoxigraph.parse(quads.encode(), format=pyoxigraph.RdfFormat.N_QUADS))
    found.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return found


def files(records: Iterable[Record], portal: Any) -> dict[str, bytes]:
    """All graphs of a site, put together."""
    found: dict[str, bytes] = {}
    kept = list(records)
    for record in kept:
        found |= dict(graph_files(record, portal))
    parts: dict[str, list[bytes]] = {}
    for path, piece in catalog_files(samples.summaries(*kept), portal, found.__getitem__):
        parts.setdefault(path, []).append(piece)
    return found | {path: b"".join(pieces) for path, pieces in parts.items()}


def values(found: pyoxigraph.Dataset, subject: str, predicate: str) -> set[str]:
    quads = found.quads_for_subject(pyoxigraph.NamedNode(subject))
    return {quad.object.value for quad in quads if quad.predicate.value == predicate}


@pytest.mark.parametrize("url", [samples.URL, ""])
@pytest.mark.parametrize("record", samples.RECORDS, ids=["parking", "bare", "hostile"])
def test_all_forms_are_one_graph(record: Record, url: str) -> None:
    made = dict(graph_files(record, samples.portal(url)))
    graphs = [graph(path, data) for path, data in made.items()]
    (document,) = [(path, data) for path, data in made.items() if path.endswith(".jsonld")]
    assert len(graphs[0]) > 8
    assert graphs[1] == graphs[0]
    assert graphs[2] == graphs[0]
    assert by_pyld(*document) == graphs[0]


@pytest.mark.parametrize("url", [samples.URL, ""])
def test_the_catalog_is_the_graph_of_its_datasets(url: str) -> None:
    portal = samples.portal(url)
    made = files(samples.RECORDS, portal)
    whole = [graph(path, made[path]) for path in ("catalog.jsonld", "catalog.ttl", "catalog.rdf")]
    assert whole[1] == whole[0] == whole[2]
    assert by_pyld("catalog.jsonld", made["catalog.jsonld"]) == whole[0]
    iri = {quad.subject.value for quad in whole[0] if quad.predicate.value == f"{DCAT}dataset"}
    assert values(whole[0], iri.pop(), f"{DCAT}dataset") == {iri_of_dataset(portal, record.code) for record in samples.RECORDS}
    as_json = made["catalog/page-1.jsonld"].replace(b"page-1.jsonld", b"page-1.ttl")
    assert graph("catalog/page-1.ttl", made["catalog/page-1.ttl"]) == graph("catalog/page-1.jsonld", as_json)
    own = graph("catalog.ttl", b"".join(made[f"{dataset_folder(record.code)}/dcat.ttl"] for record in samples.RECORDS))
    ours = {quad.predicate.value for quad in own} - {quad.predicate.value for quad in whole[0]}
    assert f"{PREFIXES['govdata']}category" in ours
    assert all(
        name.startswith(
            (PREFIXES["govdata"], PREFIXES["csvw"], f"{PREFIXES['foaf']}page", PREFIXES["vcard"], PREFIXES["rdf"], PREFIXES["rdfs"])
        )
        for name in ours
    )


def test_pages_of_the_catalog_lead_on() -> None:
    portal, records = samples.portal(), samples.many(PAGE + 1)
    made = files(records, portal)
    first, last = (graph(f"catalog/page-{n}.ttl", made[f"catalog/page-{n}.ttl"]) for n in (1, 2))
    at = f"{samples.URL}/catalog/page-"
    assert values(first, f"{at}1.ttl", f"{PREFIXES['hydra']}next") == {f"{at}2.ttl"} == values(last, f"{at}1.ttl", "x") | {f"{at}2.ttl"}
    assert not values(last, f"{at}2.ttl", f"{PREFIXES['hydra']}next")
    assert values(last, f"{at}2.ttl", f"{PREFIXES['hydra']}previous") == {f"{at}1.ttl"}
    told = [{quad.object.value for quad in page if quad.predicate.value == f"{DCAT}dataset"} for page in (first, last)]
    assert [len(page) for page in told] == [PAGE, 1]
    assert told[0] | told[1] == {iri_of_dataset(portal, record.code) for record in records}


def test_what_was_withdrawn_is_in_no_graph() -> None:
    gone = replace(samples.PARKING, state="withdrawn")
    assert not dict(graph_files(gone, samples.portal()))
    assert iri_of_dataset(samples.portal(), gone.code).encode() not in files([gone, samples.BARE], samples.portal())["catalog.ttl"]


def test_dcat_says_what_the_record_says() -> None:
    portal = samples.portal()
    found = graph("dcat.ttl", dict(graph_files(samples.PARKING, portal))[f"{dataset_folder(samples.PARKING.code)}/dcat.ttl"])
    iri = iri_of_dataset(portal, samples.PARKING.code)
    assert iri == f"{samples.URL}/{dataset_folder('307001/000012')}/index.html#dataset"
    authority = "http://publications.europa.eu/resource/authority"
    assert values(found, iri, f"{DCT}title") == {"公共停车场"}
    assert values(found, iri, f"{DCAT}theme") == {"urn:govdata:codes:theme:public-finance", f"{authority}/data-theme/ECON"}
    assert values(found, iri, f"{DCAT}keyword") == {"停车", "交通", "自定主题"}
    assert values(found, iri, f"{DCT}accrualPeriodicity") == {f"{authority}/frequency/MONTHLY"}
    assert values(found, iri, f"{DCT}accessRights") == {f"{authority}/access-right/PUBLIC"}
    assert values(found, iri, f"{DCT}language") == {f"{authority}/language/ZHO"}
    assert values(found, iri, f"{PREFIXES['owl']}sameAs") == {"urn:govdata:dataset:307001%2F000012"}
    parts = sorted(values(found, iri, f"{DCAT}distribution"))
    assert [part.partition("#")[2] for part in parts] == ["resource-1", "resource-1-csv", "resource-1-parquet", "resource-2"]
    assert values(found, parts[1], f"{DCAT}downloadURL") == {f"{iri.partition('index.html')[0]}data/%E5%81%9C%E8%BD%A6%E5%9C%BA.csv"}
    assert values(found, parts[1], f"{DCAT}byteSize") == {"130"}
    assert values(found, parts[3], f"{DCAT}accessURL") == {"https://api.example.gov.cn/parking?x=1&y=%3C2%3E"}
    assert len([quad for quad in found if quad.predicate.value == f"{PREFIXES['govdata']}isPrimaryKey"]) == 1


def test_nothing_stands_in_a_form_that_cannot_hold_it() -> None:
    made = dict(graph_files(samples.HOSTILE, samples.portal()))
    for path, data in made.items():
        assert data.decode().isprintable() is False  # there are line ends
        assert not any(ord(c) < 32 and c not in "\n" for c in data.decode()), path
    (xml,) = [data for path, data in made.items() if path.endswith(".rdf")]
    assert b"<b onload" not in xml
    assert etree.fromstring(xml) is not None


def nodes(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from nodes(item)


def test_lists_of_texts_and_of_nodes_are_written() -> None:
    long = [{"@value": f"k{n}"} for n in range(400)]
    govdata = PREFIXES["govdata"]
    node = {
        "@id": "urn:x:a",
        f"{govdata}primaryKey": [{"@list": long}],
        f"{govdata}none": [{"@list": []}],
        f"{govdata}uniqueKey": [{"@list": [{"@list": [{"@value": "a"}, {"@value": "b", "@language": "en"}]}]}],
        f"{govdata}fields": [
            {
                "@list": [
                    {"@type": [f"{govdata}DataItem"], f"{govdata}n": [{"@value": True}, {"@value": 1.5}, {"@value": 7}]},
                    {"@id": "urn:x:b"},
                ]
            }
        ],
        "urn:other:word": [{"@value": {"b": 1, "a": "<"}, "@type": "@json"}],
    }
    written = write(node)
    as_turtle = turtle.head() + written.turtle
    as_xml = rdfxml.head() + written.rdfxml + rdfxml.TAIL
    as_json = json.dumps({"@context": short_names.context(), **json.loads(written.jsonld)})
    graphs = [graph(f"x.{ending}", text.encode()) for ending, text in (("ttl", as_turtle), ("rdf", as_xml), ("jsonld", as_json))]
    assert graphs[0] == graphs[1] == graphs[2]
    assert len(graphs[0]) > 2 * len(long)
    etree.fromstring(as_xml.encode())


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        *[
            (text, True)
            for text in ("http://a.b/c?d#e", "https://u:p@h:80/", "urn:x:y", "tel:+86", "mailto:a@b", "http://例.中国/%E4", "http://h?q")
        ],
        *[(text, False) for text in ("a/b", "http://[::1]/", "http://h:x/", "http://h/ b", "http://h/%zz", "http://h/<", "dct:title", "")],
        ("http://h/#a#b", False),
    ],
)
def test_addresses_that_every_form_can_hold(text: str, fits: bool) -> None:
    assert is_iri(text) is fits
    if fits:
        pyoxigraph.NamedNode(text)


def test_same_record_same_bytes() -> None:
    once, again = (dict(graph_files(record, samples.portal())) for record in (samples.PARKING, replace(samples.PARKING)))
    assert once == again


HERE = Path(__file__).parent
SHAPES = [HERE / "dcat-ap.ttl", *(HERE / "dcat-ap-3.0.1" / name for name in ("shapes.ttl", "range.ttl"))]
"""Our own, and the official ones: what has to be there, and of which class the values are."""


@pytest.mark.parametrize("shapes", SHAPES, ids=lambda path: path.stem)
@pytest.mark.parametrize("record", [samples.PARKING, samples.HOSTILE], ids=["parking", "hostile"])
def test_graphs_conform_to_dcat_ap(record: Record, shapes: Path) -> None:
    assert violations(record, shapes) == []


def violations(record: Record, shapes: Path) -> list[str]:
    """What pyshacl finds wrong in the catalog of one dataset. That a term of the EU's tables is a concept is said by the EU."""
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(data=files([record], samples.portal())["catalog.ttl"], format="turtle")
    concept = rdflib.URIRef(f"{PREFIXES['skos']}Concept")
    for term in list(data.objects(None, rdflib.URIRef(f"{DCAT}theme"))):
        if str(term).startswith("http://publications.europa.eu/"):
            data.add((term, rdflib.RDF.type, concept))
            data.add((term, rdflib.URIRef(f"{PREFIXES['skos']}prefLabel"), rdflib.Literal("x")))
    _, _, text = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(shapes, format="turtle"))
    return [line for line in text.splitlines() if "Message:" in line]


def test_a_dataset_without_description_does_not_conform() -> None:
    assert len(violations(samples.BARE, SHAPES[0])) == 1
