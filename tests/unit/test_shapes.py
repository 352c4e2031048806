"""The compiled validator and the reference say the same: place, keyword, what the keyword asks, the value there."""

from __future__ import annotations

import functools
import importlib.util
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.checks.entry import ENTRY_SCHEMA
from govdata.engines.shapes import Shape, compile_shape
from govdata.standards import read_library

MADE = Path(__file__).parents[2] / "benchmarks" / "entries_made.py"
BAD = 1200


def _schemas() -> dict[str, Mapping[str, Any]]:
    """Everything that is laid over entries: the shape, the overlays of all standards, the rules that are schemas."""
    library = read_library()
    found = {"entry": content.load(ENTRY_SCHEMA)}
    for name in library.layers:
        standard = library.standard(name)
        found |= {f"overlay of {layer}": schema for layer, schema in standard.overlays}
        found |= {rule.id: rule.check["schema"] for rule in standard.rules.values() if "schema" in rule.check}
    return found


SCHEMAS = _schemas()


@functools.cache
def _bad() -> list[dict[str, Any]]:
    spec = importlib.util.spec_from_file_location("entries_made", MADE)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    chance = random.Random(11)
    return [made.mutated(entry, chance) for entry in made.entries(BAD, seed=5)]


def _said(shape: Shape, document: Any) -> set[tuple[str, str, str, str]]:
    return {(error.pointer, error.keyword, repr(error.expected), repr(error.value)) for error in shape.errors(document)}


@pytest.mark.parametrize("name", SCHEMAS)
def test_compiled_and_reference_agree(name: str) -> None:
    fast, reference = compile_shape(SCHEMAS[name]), compile_shape(SCHEMAS[name], fast=False)
    # The reference is slow: a rule sees a part of them, all rules together all.
    chosen = _bad() if name == "entry" or name.startswith("overlay") else random.Random(name).sample(_bad(), 150)
    for document in [*chosen, {}]:
        assert _said(fast, document) == _said(reference, document), document
        assert fast.is_valid(document) == reference.is_valid(document)


def test_corpus_is_bad() -> None:
    shape = compile_shape(SCHEMAS["entry"])
    keywords = {error.keyword for document in _bad() for error in shape.errors(document)}
    assert sum(not shape.is_valid(document) for document in _bad()) > BAD / 2
    assert keywords >= {"type", "minLength", "maxLength", "additionalProperties"}


def test_reference_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    shape = compile_shape(SCHEMAS["entry"])
    assert "jsonschema_rs" not in repr(shape.is_valid)
    assert [error.keyword for error in shape.errors({"title": 5})] == ["type"]
