"""Rules over entries, their schemas and the standards: every file is well formed and every example does what it says."""

from __future__ import annotations

import dataclasses
import fnmatch
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from govdata import content
from govdata.checks import named
from govdata.codes import read_list
from govdata.engines.shapes import compile_shape
from govdata.predicates.identifiers import compile_types
from govdata.rules import read_rule
from govdata.settings import _LIMITS, _READERS

GROUPS = ("guide-2017", "gbt-21063-3", "sharing-law", "quality", "directory", "personal", "reporting", "shanghai")
"""The folders of `validators/` that this file answers for."""

MANDATORY = {
    f"entry/{name}"
    for name in (
        "title-required", "identifier-required", "category-required", "publisher-required", "publisher-code-required",
        "description-required", "format-required", "sharing-type-required", "sharing-method-required", "open-required",
        "update-cycle-required", "issued-required",
    )
}  # fmt: skip
"""The mandatory ones of the 13 elements: errors although the obligation is from memory."""

CHECK_DIGIT = {"entry/publisher-code"}
"""Confirmed by a second implementation."""

TODAY = date(2026, 1, 31)
ROOT = content.root()
FILES = [path.relative_to(ROOT).as_posix() for group in GROUPS for path in sorted((ROOT / "validators" / group).glob("*.yaml"))]
RULES = {name: content.load(name) for name in FILES}
ENTRY_RULES = [name for name, rule in RULES.items() if rule["applies_to"] == "entry"]
STANDARDS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "schemas/standards").glob("*/standard.yaml"))
SCHEMAS = ("rule", "standard", "settings")


def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(content.load(f"schemas/{name}.schema.json"))


def _all_rules() -> Mapping[str, Mapping[str, Any]]:
    files = sorted((ROOT / "validators").glob("*/*.yaml"))
    return {path.relative_to(ROOT).as_posix(): content.load(path.relative_to(ROOT).as_posix()) for path in files}


@pytest.fixture(scope="module")
def context() -> named.Context:
    lists = {path.parent.name: read_list(content.load_file(path), path.parent) for path in (ROOT / "schemas/codes").glob("*/list.yaml")}
    declared = {rule["id"]: rule for rule in _all_rules().values() if rule["id"] == "id/uscc"}
    types = compile_types(declared, {name: found.codes for name, found in lists.items()}, TODAY)
    return named.Context(TODAY, lambda kind, text: types[kind].check(text), lists)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(content.load(f"schemas/{name}.schema.json"))


def test_schemas_share_their_definitions() -> None:
    """A rule and a standard tell texts and sources alike; each schema stands alone, so that editors can use it."""
    rule, standard = (content.load(f"schemas/{name}.schema.json")["$defs"] for name in ("rule", "standard"))
    assert {name: rule[name] for name in ("text", "source")} == {name: standard[name] for name in ("text", "source")}


@pytest.mark.parametrize("name", FILES)
def test_rule_has_its_shape(name: str) -> None:
    assert [error.message for error in _validator("rule").iter_errors(RULES[name])] == []
    assert read_rule(RULES[name], name).source.document


def test_ids_are_unique() -> None:
    ids = [rule["id"] for rule in _all_rules().values()]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", FILES)
def test_source_is_honest(name: str) -> None:
    rule = RULES[name]
    source = rule["source"]
    if source["document"] == "govdata":
        assert source["state"] == "own"
        assert source["note"]
    if source["state"] in ("unverified", "secondary"):
        assert source["note"], "the doubt is not told"
        assert not source.get("clause"), "a clause that nobody has read"
    if source["state"] == "unverified" and rule["severity"] == "error":
        assert rule["id"] in MANDATORY | CHECK_DIGIT


def test_mandatory_elements_are_errors() -> None:
    severities = {rule["id"]: rule["severity"] for rule in RULES.values()}
    assert {severities.get(name) for name in MANDATORY | CHECK_DIGIT} == {"error"}


@pytest.mark.parametrize("name", FILES)
def test_texts_are_for_people(name: str) -> None:
    rule = RULES[name]
    for key in ("title", "message", "help"):
        chinese, english = rule[key]["zh"], rule[key]["en"]
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        assert not re.search(r"[\u4e00-\u9fff][,;:?!][\u4e00-\u9fff]", chinese), "half-width punctuation between characters"
        assert english[0] == english[0].upper()
    assert set(re.findall(r"{(\w+)[}:]", rule["message"]["zh"])) == set(re.findall(r"{(\w+)[}:]", rule["message"]["en"]))
    assert rule["message"]["zh"].endswith("。")


def _accepts(rule: Mapping[str, Any], entry: Mapping[str, Any], context: named.Context) -> bool:
    if "schema" in rule["check"]:
        return Draft202012Validator(rule["check"]["schema"]).is_valid(entry)
    function = named.FUNCTIONS[rule["check"]["named"]]
    findings = list(function(entry, context, **rule["check"].get("with", {})))
    assert all(finding.rule == "" and finding.pointer.startswith("/") for finding in findings)
    wanted = set(re.findall(r"{(\w+)[}:]", rule["message"]["zh"]))
    assert all(wanted <= set(finding.args) for finding in findings), "the message asks for what the check does not give"
    return not findings


@pytest.mark.parametrize("name", ENTRY_RULES)
def test_examples_do_what_they_say(name: str, context: named.Context) -> None:
    rule = RULES[name]
    assert [entry for entry in rule["examples"]["pass"] if not _accepts(rule, entry, context)] == []
    assert [entry for entry in rule["examples"]["fail"] if _accepts(rule, entry, context)] == []


@pytest.mark.parametrize("name", ENTRY_RULES)
def test_examples_are_entries(name: str) -> None:
    """The keys of the examples are those of the canonical entry: a rule over a misspelt key would never fire."""
    known = content.load("schemas/entry.schema.json")["properties"]
    for entry in RULES[name]["examples"]["pass"] + RULES[name]["examples"]["fail"]:
        assert set(entry) <= set(known)


def _property(pointer: str) -> Mapping[str, Any]:
    """The entry schema's property at a canonical pointer; KeyError where there is none."""
    schema = content.load("schemas/entry.schema.json")
    found = schema
    for step in pointer.split("/")[1:]:
        found = found["properties"][step]
        if "$ref" in found:
            found = schema["$defs"][found["$ref"].rpartition("/")[2]]
    return found


@pytest.mark.parametrize("name", ENTRY_RULES)
def test_pointers_lead_somewhere(name: str) -> None:
    check = RULES[name]["check"].get("with", {})
    pointers = [RULES[name].get("at", "/title"), *check.get("pointers", ())]
    pointers += [check[key] for key in ("pointer", "other", "own", "first", "second") if key in check]
    pointers += [item["pointer"] for key in ("when", "unless") for item in check.get(key, ())]
    assert all(_property(pointer) for pointer in pointers)


@pytest.mark.parametrize("name", [name for name in ENTRY_RULES if "schema" in RULES[name]["check"]])
def test_both_validators_agree(name: str) -> None:
    """The compiled validator and the reference give the same verdict at the same places on every example."""
    fast, reference = (compile_shape(RULES[name]["check"]["schema"], fast=fast) for fast in (True, False))
    for entry in RULES[name]["examples"]["pass"] + RULES[name]["examples"]["fail"]:
        assert fast.is_valid(entry) == reference.is_valid(entry)
        assert {error.pointer for error in fast.errors(entry)} == {error.pointer for error in reference.errors(entry)}


def _keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            yield key, value
            yield from _keywords(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _keywords(value)


@pytest.mark.parametrize("name", [name for name in ENTRY_RULES if "schema" in RULES[name]["check"]])
def test_schema_checks_keep_to_the_subset(name: str) -> None:
    """What two validators could read differently is not used: `format`, classes such as backslash d, fractional `multipleOf`."""
    for key, value in _keywords(RULES[name]["check"]["schema"]):
        assert key not in ("format", "multipleOf", "$dynamicRef", "unevaluatedProperties")
        if key == "pattern" and isinstance(value, str):
            assert not re.search(r"\\[dDwWsSpPbB]", value)
            re.compile(value)


def test_schema_values_are_codes_that_exist() -> None:
    """Codes that rules compare with exist in their lists."""
    lists = {"type": ("sharing-type", "opening-type", "format-class"), "securityLevel": ("security-level",), "zone": ("zone",)}
    lists |= {"updateCycle": ("update-cycle",), "class": ("format-class",)}
    codes = {
        name: {str(item["code"]) for item in content.load(f"schemas/codes/{name}/list.yaml")["codes"]}
        for each in lists.values()
        for name in each
    }
    for rule in RULES.values():
        for key, value in _keywords(rule["check"].get("schema", {})):
            wanted = value.get("enum", [value["const"]] if "const" in value else []) if isinstance(value, Mapping) else []
            if key in lists:
                assert {str(item) for item in wanted} <= set().union(*(codes[name] for name in lists[key])), rule["id"]


def test_named_functions_take_what_rules_give() -> None:
    used = {rule["check"]["named"] for rule in _all_rules().values() if "named" in rule["check"]}
    assert used == set(named.FUNCTIONS), "a function that no rule names, or a rule without its function"
    for rule in RULES.values():
        if "named" in rule["check"]:
            inspect.signature(named.FUNCTIONS[rule["check"]["named"]]).bind({}, None, **rule["check"].get("with", {}))


@pytest.mark.parametrize("strange", [{}, {"resources": "x"}, {"fields": [None, 1], "resources": [1, {"fields": [{"name": 3}]}]}])
def test_named_functions_bear_strange_entries(strange: Mapping[str, Any], context: named.Context) -> None:
    """A value of an unexpected kind is the shape's business and stops nothing."""
    keys = content.load("schemas/entry.schema.json")["properties"]
    for entry in (strange, *({key: value} for key in keys for value in (None, "", 1, True, [], [[]], {"": 1}))):
        for rule in RULES.values():
            if "named" in rule["check"]:
                list(named.FUNCTIONS[rule["check"]["named"]](entry, context, **rule["check"].get("with", {})))


def test_dates_are_read_from_text_and_dates(context: named.Context) -> None:
    entry = {"issued": date(2026, 2, 1), "modified": "2026-13-01", "resources": [{"modified": "2026-02-01T00:00:00+08:00"}]}
    found = list(named.dates_not_future(entry, context, ["/issued", "/modified"]))
    assert [finding.pointer for finding in found] == ["/issued", "/resources/0/modified"]
    later = dataclasses.replace(context, today=date(2026, 2, 1))
    assert not list(named.dates_not_future(entry, later, ["/issued"]))


def test_a_milder_failure_brings_its_severity(context: named.Context) -> None:
    """The embedded organisation code of a few early credit codes fails: a warning, as the identifier's rule says."""
    found = list(named.semantic_at({"publisher": {"code": "91110000999999914A"}}, context, "/publisher/code", "uscc"))
    assert all(finding.args["reason"] for finding in found)
    types = {finding.args["reason"]: finding.args.get("severity") for finding in found}
    assert types.get("embedded-check", "warning") == "warning"


@pytest.mark.parametrize("name", STANDARDS)
def test_standard_has_its_shape(name: str) -> None:
    declared = content.load(name)
    assert [error.message for error in _validator("standard").iter_errors(declared)] == []
    assert declared["id"] == Path(name).parent.name
    if "overlay" in declared:
        overlay = content.load(f"{Path(name).parent.as_posix()}/{declared['overlay']}")
        Draft202012Validator.check_schema(overlay)


@pytest.mark.parametrize("name", STANDARDS)
def test_standard_refers_to_rules_that_exist(name: str) -> None:
    declared = content.load(name)
    ids = {rule["id"] for rule in _all_rules().values()}
    ours = {each.partition("/")[0] for each in ids}
    asked = [*declared.get("rules", ()), *declared.get("severities", {})]
    asked += [rule for item in declared.get("indicators", {}).values() for rule in item["rules"]]
    missing = [pattern for pattern in asked if not fnmatch.filter(ids, pattern) and pattern.partition("/")[0] in ours]
    assert missing == []


def test_standards_form_a_tree() -> None:
    layers = {declared["id"]: declared for declared in map(content.load, STANDARDS)}
    assert {name for name, declared in layers.items() if "extends" not in declared} == {"core"}
    assert all(declared["extends"] in layers for declared in layers.values() if "extends" in declared)
    assert layers["shanghai"]["extends"] == layers["gbt-21063-3"]["extends"] == layers["national-reporting"]["extends"] == "national"


def test_added_codes_are_mapped() -> None:
    for name in STANDARDS:
        for list_id, additions in content.load(name).get("codes", {}).items():
            found = content.load(f"schemas/codes/{list_id}/list.yaml")
            known = {str(item["code"]) for item in found["codes"]}
            for item in additions:
                assert item["code"] in known or (found["status"] == "extensible" and item["broader"] in known)


def test_settings_schema_names_every_key() -> None:
    schema = content.load("schemas/settings.schema.json")
    assert set(schema["properties"]) == set(_READERS)
    assert set(schema["properties"]["limits"]["properties"]) == set(_LIMITS)
    assert json.dumps(schema)


def test_docs_show_a_rule_and_a_layer_that_are_accepted(context: named.Context) -> None:
    """What `docs/rules.md` shows has the shape that the schemas ask for, and its examples hold."""
    text = (Path(__file__).parents[2] / "docs/rules.md").read_text(encoding="utf-8")
    rule, layer = (content.parse(block, "docs/rules.md") for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL))
    assert [error.message for error in _validator("rule").iter_errors(rule)] == []
    assert [error.message for error in _validator("standard").iter_errors(layer)] == []
    assert all(_accepts(rule, entry, context) for entry in rule["examples"]["pass"])
    assert not any(_accepts(rule, entry, context) for entry in rule["examples"]["fail"])
