"""RDF of others: a mistake is named with its place, nothing is fetched, nothing grows without bounds."""

from __future__ import annotations

import contextlib
import json
import socket
from pathlib import Path

import pytest

from govdata import convert
from govdata.errors import ReadError
from govdata.graph.parsing import DEEPEST, SUFFIXES, read_graph
from govdata.graph.triples import LITERAL, LONGEST, Node, Small, Triples, items
from govdata.graph.vocabulary import FIRST, REST

pytest.importorskip("pyoxigraph")
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e#"'
BROKEN = {
    "turtle-end": ("ttl", "<urn:a> <urn:b>\n <urn:c> ;\n", 3),
    "turtle-prefix": ("ttl", "<urn:a> <urn:b> <urn:c> .\n<urn:a> x:y 1 .", 2),
    "turtle-gb18030": ("ttl", '<urn:a> <urn:b>\n "停车场" .'.encode("gb18030"), 2),
    "ntriples": ("nt", '<urn:a> <urn:b> "x" .\n<urn:a> x', 2),
    "rdfxml-form": ("rdf", f"<rdf:RDF {RDF}>\n<rdf:Description>\n</e:x></rdf:RDF>", 3),
    "rdfxml-meaning": ("rdf", f'<rdf:RDF {RDF}>\n<rdf:Description rdf:ID="a b"/>\n</rdf:RDF>\n', 2),
    "json": ("jsonld", '{"@id": "urn:a",\n "urn:b": oops}', 2),
    "json-half": ("jsonld", '{"@id": "urn:a", "urn:b": "\\ud800"}', 1),
    "json-context": ("jsonld", '{"@context": {"a": 5}, "@id": "urn:a", "a": "x"}', 1),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_mistake_is_named_with_its_place(case: str, tmp_path: Path) -> None:
    suffix, text, line = BROKEN[case]
    path = tmp_path / f"source.{suffix}"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ReadError, match="graph-encoding" if "gb18030" in case else "graph-syntax") as caught:
        convert(path, output=tmp_path / "made")
    assert caught.value.arguments["path"] == str(path)
    assert int(str(caught.value.arguments["line"])) == line
    assert int(str(caught.value.arguments["column"])) >= 1
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "text", ["[" * 70_000, '{"urn:b": ' * 70_000, '["]", ' * 501 + "]" * 501], ids=["lists", "objects", "signs-in-texts"]
)
def test_what_is_nested_too_deep_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "source.jsonld"
    path.write_text('{"@id": "urn:a",\n "urn:b": ' + text, encoding="utf-8")
    with pytest.raises(ReadError, match="graph-deep") as caught:
        read_graph(path, "jsonld")
    assert (caught.value.arguments["line"], caught.value.arguments["limit"]) == (2, DEEPEST)


def test_brackets_in_texts_are_no_depth(tmp_path: Path) -> None:
    path = tmp_path / "source.jsonld"
    path.write_text(json.dumps({"@id": "urn:a", "urn:b": '[{\\"[' * 1000}), encoding="utf-8")
    with contextlib.closing(read_graph(path, "jsonld")) as graph:
        assert graph.properties("urn:a")["urn:b"] == [Node(LITERAL, '[{\\"[' * 1000)]


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld"])
def test_a_byte_order_mark_is_passed_over(suffix: str, tmp_path: Path) -> None:
    texts = {"rdf": f'<rdf:RDF {RDF}><rdf:Description rdf:about="urn:a" e:b="x"/></rdf:RDF>', "jsonld": '{"@id": "urn:a", "urn:e#b": "x"}'}
    path = tmp_path / f"source.{suffix}"
    path.write_text(texts.get(suffix, '<urn:a> <urn:e#b> "x" .'), encoding="utf-8-sig")
    with contextlib.closing(read_graph(path, SUFFIXES[f".{suffix}"])) as graph:
        assert graph.properties("urn:a") == {"urn:e#b": [Node(LITERAL, "x")]}


ENTITIES = {
    "growing": '<!ENTITY a "aaaaaaaaaa">\n<!ENTITY b "&a;&a;&a;">',
    "outside": '<!ENTITY a "">\n<!ENTITY b SYSTEM "file:///etc/hostname">',
    "parameter": '<!ENTITY x "">\n<!ENTITY % b "x">',
    "long": '<!ENTITY a "">\n<!ENTITY b "' + "x" * 400 + '">',
}


@pytest.mark.parametrize("case", ENTITIES)
def test_entities_that_could_grow_are_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "source.rdf"
    path.write_text(f"<!DOCTYPE rdf:RDF [\n{ENTITIES[case]}\n]>\n<rdf:RDF {RDF}><e:x>&b;</e:x></rdf:RDF>", encoding="utf-8")
    with pytest.raises(ReadError, match="graph-entity") as caught:
        read_graph(path, "rdfxml")
    assert (caught.value.arguments["name"], caught.value.arguments["line"]) == ("b", "3")


CONTEXTS = {
    "text": ('{\n "@context": "https://example.org/dcat.jsonld"}', "https://example.org/dcat.jsonld", 2),
    "list": ('{"@context": [{"a": "urn:a"}, "https://example.org/x"]}', "https://example.org/x", 1),
    "beside-ours": ('{"@context": ["govdata:dcat",\n "https://example.org/x"], "@id": "urn:a"}', "https://example.org/x", 2),
    "inside": ('{"@context": {"a": {"@id": "urn:a",\n "@context": "x.jsonld"}}, "@id": "urn:x", "a": {"b": 1}}', "x.jsonld", 2),
    "import": ('{"@context": {"@version": 1.1, "@import": "https://example.org/x"}, "@id": "urn:a"}', "https://example.org/x", 1),
    "list-of-documents": ('[{"@context": "https://schema.org", "@type": "Dataset"}]', "https://schema.org", 1),
}


@pytest.mark.parametrize("case", CONTEXTS)
def test_no_other_context_is_used(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    text, context, line = CONTEXTS[case]
    path = tmp_path / "source.jsonld"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadError, match="graph-context") as caught:
        read_graph(path, "jsonld")
    assert (caught.value.arguments["context"], caught.value.arguments["line"]) == (context, line)
    assert caught.value.arguments["bundled"] == ["govdata:zh-CN", "govdata:en", "govdata:dcat"]


def test_a_graph_without_datasets_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "source.ttl"
    path.write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    with pytest.raises(ReadError, match="graph-empty"):
        convert(path, "jsonl", tmp_path / "made.jsonl")
    assert not (tmp_path / "made.jsonl").exists()


def test_a_huge_text_is_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "source.ttl"
    dcat, dct = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
    path.write_text(f'<urn:a> a <{dcat}Dataset> ; <{dct}title> "x" ; <{dct}description> "{"y" * (LONGEST + 1)}" .', encoding="utf-8")
    done = convert(path, "jsonl", keys="en")
    assert json.loads(done.text) == {"title": "x", "identifier": "urn:a"}
    assert [(told.notice.kind, told.notice.dataset, told.notice.place) for told in done.notices] == [("long", "urn:a", "dct:description")]


def test_lists_that_are_none() -> None:
    one, two = Node(1, "one"), Node(1, "two")
    nil = Node(0, "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil")
    value = Node(2, "x")
    whole = Small([("_:one", FIRST, value), ("_:one", REST, two), ("_:two", FIRST, value), ("_:two", REST, nil)])
    circle = Small([("_:one", FIRST, value), ("_:one", REST, two), ("_:two", FIRST, value), ("_:two", REST, one)])
    open_end = Small([("_:one", FIRST, value)])
    assert items(whole, one) == [value, value]
    assert items(circle, one) is None
    assert items(open_end, one) is None
    assert items(whole, value) is None
    assert items(whole, nil) == []


@pytest.mark.parametrize(
    ("suffix", "text"), [("nq", "<urn:x> {a} <{d}Dataset> <urn:g> ."), ("trig", "<urn:g> {{ <urn:x> a <{d}Dataset> }}")]
)
def test_named_graphs_are_read_as_one(suffix: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / f"source.{suffix}"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    path.write_text(text.format(a=kind, d="http://www.w3.org/ns/dcat#"), encoding="utf-8")
    assert json.loads(convert(path, "json", keys="en").text) == {"identifier": "urn:x"}


def test_every_question_to_a_large_graph_has_an_index() -> None:
    graph = Triples()
    graph.fill([("urn:a", "urn:p", Node(0, "urn:b"))])
    asked: list[str] = []
    graph.base.set_trace_callback(asked.append)
    assert list(graph.pointing("urn:p", "urn:b")) == ["urn:a"]
    assert list(graph.properties("urn:a")) == ["urn:p"]
    assert list(graph.of_type(["urn:t", "urn:u"])) == []
    graph.base.set_trace_callback(None)
    plans = [" ".join(str(row[3]) for row in graph.base.execute(f"EXPLAIN QUERY PLAN {query}")) for query in asked]
    assert len(plans) == 3
    assert all("USING INDEX" in plan and "SCAN" not in plan for plan in plans), plans
    graph.close()


@pytest.mark.parametrize("end", ["", "} more", ',\n"title": "lost"}', "]"])
def test_what_follows_the_list_of_our_own_json_ld_is_not_lost_in_silence(end: str, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonld"
    source.write_text('{"@context": "govdata:en", "@graph": [{"title": "a"}]' + end, encoding="utf-8")
    with pytest.raises(ReadError, match="graph-beside.*line=2.*title" if "title" in end else "graph-syntax"):
        convert(source, "jsonl")
    source.write_text('{"@context": "govdata:en", "@graph": [{"title": "a"}]\n }\n', encoding="utf-8")
    assert convert(source, "jsonl").datasets == 1


@pytest.mark.parametrize(
    "listed", ['{"title": "a"} {"title": "b"}', '{"title": "a"},, {"title": "b"}', ',{"title": "a"}', '{"title": "a"},']
)
def test_commas_of_our_own_json_ld_are_neither_missing_nor_doubled(listed: str, tmp_path: Path) -> None:
    """It was read as if it were right, and is no JSON."""
    source = tmp_path / "a.jsonld"
    source.write_text(f'{{"@context": "govdata:en", "@graph": [{listed}\n]}}', encoding="utf-8")
    with pytest.raises(ReadError, match="graph-syntax"):
        convert(source, "jsonl")


def test_the_context_of_our_own_json_ld_may_stand_in_a_list(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonld"
    source.write_text('{"@context": ["govdata:en"], "title": "a"}', encoding="utf-8")
    assert json.loads(convert(source, "json", keys="en").text) == {"title": "a"}
    source.write_text('{"@context": ["govdata:en"], "@graph": [{"title": "a"}, {"title": "b"}]}', encoding="utf-8")
    assert convert(source, "jsonl").datasets == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("text", ['{"@context": "govdata:dcat", "@graph": []}', '{"@context": "govdata:en", "@graph": [{"title": "a"}]}'])
def test_json_ld_in_utf_16_is_named_as_such(text: str, encoding: str, tmp_path: Path) -> None:
    """It was taken for an entry without a title, and the path was to be checked."""
    source = tmp_path / "a.jsonld"
    source.write_bytes(text.encode(encoding))
    with pytest.raises(ReadError, match="graph-encoding"):
        convert(source, "jsonl")


def test_what_our_own_json_ld_says_besides_is_told(tmp_path: Path) -> None:
    """Languages of texts, addresses and kinds of parts: an entry has no place for them, and nothing said so."""
    source = tmp_path / "a.jsonld"
    told = {
        "@context": "govdata:en", "@type": ["dcat:Dataset", "urn:other"], "title": {"@value": "a", "@language": "fr"},
        "keywords": [{"@value": "x", "@language": "fr"}, {"@value": "y", "@language": "fr"}],
        "publisher": {"@id": "http://a.example/", "@type": "foaf:Person", "name": "b"},
    }  # fmt: skip
    source.write_text(json.dumps(told), encoding="utf-8")
    done = convert(source, "json", keys="en")
    assert json.loads(done.text) == {"title": "a", "publisher": {"name": "b"}, "keywords": ["x", "y"]}
    assert [(told.notice.place, told.notice.value, told.count) for told in done.notices] == [
        ("/@type", "urn:other", 1), ("/title/@language", "fr", 1), ("/keywords/@language", "fr", 2),
        ("/publisher/@id", "http://a.example/", 1), ("/publisher/@type", "foaf:Person", 1),
    ]  # fmt: skip


def test_series_and_other_addresses_of_a_dataset_are_told(tmp_path: Path) -> None:
    source = tmp_path / "a.ttl"
    said = "<http://www.w3.org/ns/dcat#inSeries> <urn:s>; <http://www.w3.org/2002/07/owl#sameAs> <urn:z>"
    source.write_text(f"<urn:a> a <http://www.w3.org/ns/dcat#Dataset>; {said} .", encoding="utf-8")
    assert [told.notice.place for told in convert(source, "jsonl").notices] == ["dcat:inSeries", "owl:sameAs"]


def test_our_own_json_ld_may_begin_with_its_address(tmp_path: Path) -> None:
    """It has no class either: as an officer wrote it, for `validate`."""
    source = tmp_path / "entry.jsonld"
    source.write_text('{"@id": "urn:govdata:dataset:1", "@context": "govdata:en", "title": "a"}', encoding="utf-8")
    done = convert(source, "json", keys="en")
    assert json.loads(done.text) == {"title": "a"}
    assert [(told.notice.place, told.notice.value) for told in done.notices] == [("@id", "urn:govdata:dataset:1")]


@pytest.mark.parametrize("suffix", ["rdf", "ttl", "nt"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "x-unknown"])
def test_another_encoding_is_named_as_such(encoding: str, suffix: str, tmp_path: Path) -> None:
    """XML that declared GB18030 ended in a trace, the others told of a sequence of bytes."""
    text = f'<?xml version="1.0" encoding="{encoding}"?><rdf:RDF {RDF}><a b="停车场"/></rdf:RDF>'
    path = tmp_path / f"a.{suffix}"
    path.write_bytes((text if suffix == "rdf" else '<urn:a> <urn:b> "停车场" .').encode(encoding.replace("x-unknown", "gb18030")))
    with pytest.raises(ReadError, match="graph-encoding"):
        convert(path, "jsonl")


def test_a_tenth_in_json_ld_has_one_digit(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonld"
    kind = '"@id": "urn:a", "@type": "http://www.w3.org/ns/dcat#Dataset"'
    path.write_text(f'{{{kind}, "http://www.w3.org/ns/dcat#version": 0.1}}', encoding="utf-8")
    assert json.loads(convert(path, "jsonl", keys="en").text) == {"identifier": "urn:a", "version": "0.1"}


def test_what_is_no_entry_among_our_own_json_ld_is_told_with_its_reason(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonld"
    source.write_text('{"@context": "govdata:en", "@graph": [{"title": "a"},\n5,\n[],\n{"title": "b"}]}', encoding="utf-8")
    done = convert(source, "jsonl")
    assert (done.datasets, done.unread) == (2, ("a.jsonld:2", "a.jsonld:3"))
    assert [(name, finding.rule, finding.line) for name, finding in done.findings] == [
        ("a.jsonld:2", "entry/not-mapping", 2), ("a.jsonld:3", "yaml/empty", 3),
    ]  # fmt: skip
