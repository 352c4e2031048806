"""The contexts, the schema and the vocabulary say the same, and both validators can read the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from govdata import content
from govdata.codes import read_list
from govdata.errors import ContentError
from govdata.graph.labels import labels_of, render_context
from govdata.graph.reference import expand_by_pyld
from govdata.reading.documents.yaml import parse
from govdata.reading.entries.jsonld import REMAINDER
from govdata.reading.entries.keys import LANGUAGES, OBJECT, Scope, entry_scope, read_scope, walk
from govdata.reading.entries.translation import read_entry

SCHEMA = content.load("schemas/entry.schema.json")
CONTEXTS = {language: content.load(f"schemas/contexts/{language}.jsonld")["@context"] for language in LANGUAGES}
VOCABULARY = content.load("schemas/vocabulary.yaml")
TERMS = dict(walk(entry_scope()))
OWN = VOCABULARY["namespace"]


def scopes(scope: Scope, path: str = "") -> Iterator[tuple[str, Scope]]:
    yield path, scope
    for term in scope.terms.values():
        if term.scope is not None:
            yield from scopes(term.scope, f"{path}/{term.key}")


SCOPES = dict(scopes(entry_scope()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_those_of_the_code_lists(language: str) -> None:
    assert content.read_text(f"schemas/contexts/{language}.jsonld") == render_context(language), "run scripts/contexts"


@pytest.mark.parametrize("path", SCOPES)
def test_every_key_has_both_languages(path: str) -> None:
    for term in SCOPES[path].terms.values():
        assert set(term.names) == set(LANGUAGES), term.key
        assert all(name.isascii() for name in term.names["en"])
        assert not any(name.isascii() for name in term.names["zh-CN"])


@pytest.mark.parametrize("path", SCOPES)
def test_a_key_means_one_thing_in_a_scope(path: str) -> None:
    scope = SCOPES[path]
    assert len({term.iri for term in scope.terms.values()}) == len(scope.terms)
    assert len(scope.keys) == sum(len(names) for term in scope.terms.values() for names in term.names.values())
    assert scope.node


def shapes(shape: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    while "$ref" in shape:
        shape = SCHEMA["$defs"][shape["$ref"].rpartition("/")[2]]
    if shape.get("type") == "array":
        yield from shapes(shape["items"], path)
    elif "properties" in shape:
        yield path, shape
        for key, inner in shape["properties"].items():
            yield from shapes(inner, f"{path}/{key}")


def test_schema_and_contexts_have_the_same_properties() -> None:
    flat = {"publisherCode", "publisherAddress", "publisherDepartment"}
    assert {path: set(shape["properties"]) for path, shape in shapes(SCHEMA)} == {
        path: set(scope.terms) - flat for path, scope in SCOPES.items()
    }


def pairs(zh: dict[str, Any], en: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    by_iri = {definition["@id"]: definition for key, definition in en.items() if not key.startswith("@")}
    for key, definition in zh.items():
        if not key.startswith("@"):
            other = by_iri[definition["@id"]]
            yield key, definition, other
            inner, inner_other = definition.get("@context", {}), other.get("@context", {})
            if all(isinstance(value, dict) for value in inner.values()):
                yield from pairs(inner, inner_other)
            else:
                assert inner == inner_other, key


def test_the_two_contexts_differ_in_keys_only() -> None:
    found = list(pairs(CONTEXTS["zh-CN"], CONTEXTS["en"]))
    assert len(found) > 170
    for key, first, second in found:
        assert {k: v for k, v in first.items() if k != "@context"} == {k: v for k, v in second.items() if k != "@context"}, key


def own_terms() -> set[str]:
    text = "".join(content.read_text(f"schemas/{name}") for name in ("contexts/zh-CN.jsonld", "contexts/en.jsonld", "entry.schema.json"))
    text += REMAINDER
    return set(re.findall(re.escape(OWN) + "([A-Za-z]+)", text))


def test_every_own_term_is_in_the_vocabulary() -> None:
    assert own_terms() == set(VOCABULARY["terms"])


@pytest.mark.parametrize("name", VOCABULARY["terms"])
def test_a_term_has_label_comment_and_source(name: str) -> None:
    term = VOCABULARY["terms"][name]
    assert term["kind"] in ("property", "class")
    assert set(term["label"]) == set(term["comment"]) == {"zh", "en"}
    assert all(text.strip() for text in (*term["label"].values(), *term["comment"].values()))
    assert VOCABULARY["sources"][term["source"]]["state"] in ("sourced", "secondary", "unverified", "own")


def keywords(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from keywords(item)
    elif isinstance(value, list):
        for item in value:
            yield from keywords(item)


def test_the_schema_keeps_to_the_subset_on_which_validators_agree() -> None:
    for key, value in keywords({k: v for k, v in SCHEMA.items() if k != "properties"}):
        assert key != "multipleOf"
        if key == "pattern" and isinstance(value, str):
            assert not re.search(r"\\[dDwWsSpPbB]", value)
        assert not (key == "format" and isinstance(value, str))


def test_both_validators_take_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert jsonschema_rs.validator_for(SCHEMA).is_valid({})


@pytest.mark.parametrize("path", [path for path, term in TERMS.items() if term.codes])
def test_every_coded_property_has_a_shipped_list(path: tuple[str, ...]) -> None:
    term = TERMS[path]
    assert content.load(f"schemas/codes/{term.codes}/list.yaml")["id"] == term.codes
    assert term.labels
    assert all(iri.startswith(f"urn:govdata:codes:{term.codes}:") for iri in term.labels.values())


def test_labels_that_cannot_be_terms_stay_out() -> None:
    codes = [{"code": "a", "zh": "甲/乙", "en": "A: B", "also": ["@a", "丙"]}, {"code": "b", "zh": "乙"}]
    found = labels_of(read_list({"id": "x", "title": {}, "codes": codes}, None))
    assert {name: iri.rpartition(":")[2] for name, iri in found.items()} == {"a": "a", "丙": "a", "b": "b", "乙": "b"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_a_context_expands(language: str) -> None:
    """pyld takes each context whole, scoped contexts included."""

    def sample(scope: Scope) -> dict[str, Any]:
        return {
            term.names[language][-1]: [sample(term.scope)] if term.kind == OBJECT and term.scope else {"@value": "x"}
            for term in scope.terms.values()
        }

    (node,) = expand_by_pyld({"@context": f"govdata:{language}", **sample(entry_scope())})
    assert set(node) == {term.iri for term in entry_scope().terms.values()}


def test_a_key_without_english_is_refused() -> None:
    with pytest.raises(ContentError, match="context-unpaired"):
        read_scope({"zh-CN": {"甲": {"@id": "urn:a"}}, "en": {}}, {"properties": {}})


PAGE = Path(__file__).parents[2] / "docs" / "entry.md"


def test_the_page_lists_every_key() -> None:
    """The tables of docs/entry.md: under each heading the keys of that scope, in both languages."""
    listed: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = {}
    for block in PAGE.read_text(encoding="utf-8").split("\n### ")[1:]:
        heading, *lines = block.splitlines()
        rows = [line.split("|")[1:3] for line in lines if line.startswith("| ") and "中文键" not in line]
        listed[heading.partition("`")[2].rstrip("`")] = {
            tuple(en.strip(" `").split("`, `")): tuple(zh.strip().split("、")) for zh, en in rows
        }
    wanted = {path.strip("/") or "entry": scope for path, scope in SCOPES.items() if not path.startswith("/fields")}
    assert listed == {path: {term.names["en"]: term.names["zh-CN"] for term in scope.terms.values()} for path, scope in wanted.items()}


def test_the_page_s_entry_is_read_without_a_finding() -> None:
    (text,) = re.findall("```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    folder = content.root() / "schemas" / "codes"
    lists = {term.codes: read_list(content.load(f"schemas/codes/{term.codes}/list.yaml"), folder) for term in TERMS.values() if term.codes}
    entry, findings = read_entry(parse(text, "entry.yaml"), "entry.yaml", lists)
    assert not findings
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(entry.canonical)
