"""The entry's schema for editors is not stricter than a check on what is right, and stricter than nothing on what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import govdata
from govdata import content
from govdata.editors import FILE, published, written
from govdata.errors import ContentError
from govdata.messages import has
from govdata.reading.entries.keys import entry_scope, walk
from tests.cli.program import run

DEMO = content.root() / "catalog/demo/right"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content.read_bytes(FILE))
    return found


def wrong(schema: dict[str, Any], entry: Any) -> list[list[Any]]:
    return sorted([list(error.absolute_path) for error in jsonschema.Draft7Validator(schema).iter_errors(entry)], key=str)


def test_it_is_a_schema_of_draft_7(schema: dict[str, Any]) -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema == published()


def test_every_key_is_known_and_explained_in_both_languages(schema: dict[str, Any]) -> None:
    for _, term in walk(entry_scope()):
        names = {*term.names["zh-CN"], *term.names["en"]}
        scope = next(found for found in (schema, *schema["definitions"].values()) if names <= set(found["properties"]))
        for name in names:
            told = scope["properties"][name]["description"]
            assert any("\u4e00" <= sign <= "\u9fff" for sign in told), name
            assert len(told.split("\n\n")) >= 3, f"{name}: {told}"


def test_no_text_of_it_is_left_over() -> None:
    terms = {term.key for _, term in walk(entry_scope())}
    texts = content.load("catalog/messages/editor.yaml")
    assert [key for key in texts if key.partition("-")[0] not in terms | {"schema"}] == []
    assert all(set(told) == {"zh", "en"} for told in texts.values())
    assert has("editor.schema-title")


@pytest.mark.parametrize("path", sorted(DEMO.glob("*/entry.yaml")), ids=lambda path: path.parent.name)
def test_entries_of_the_demo_pass(path: Path) -> None:
    assert wrong(govdata.editor_schema(path=DEMO), content.load_file(path)) == []


@pytest.mark.parametrize(
    ("entry", "places"),
    [
        ({"更新周期": "每月", "updateCycle": "monthly"}, []),
        ({"更新周期": "经常"}, [["更新周期"]]),
        ({"updateCicle": "monthly"}, [[]]),
        ({"fields": [{"name": "a", "type": "C"}, {"name": "b", "type": "integer"}, {"name": "c", "type": "Q"}]}, [["fields"]]),
        ({"resources": [{"file": "a.csv", "fields": [{"代码表": "sex", "semantic": "whatever"}]}]}, []),
        ({"发布日期": "20260105"}, [["发布日期"]]),
    ],
)
def test_what_is_wrong_is_found(schema: dict[str, Any], entry: Any, places: list[list[Any]]) -> None:
    assert wrong(schema, entry) == places


def test_own_codes_are_offered_where_they_are_in_force(schema: dict[str, Any]) -> None:
    own = govdata.editor_schema(path=DEMO)
    assert wrong(own, {"更新周期": "年更"}) == []
    assert wrong(schema, {"更新周期": "年更"}) == [["更新周期"]]
    assert "云间" in json.dumps(own, ensure_ascii=False) or "yunjian" in json.dumps(own)
    with pytest.raises(ContentError):
        govdata.editor_schema("nobody")


def test_the_command_writes_utf_8_whatever_the_console_is(tmp_path: Path, schema: dict[str, Any]) -> None:
    for encoding in ("cp936", "ascii", "utf-8"):
        done = run("schema", cwd=tmp_path, env={"PYTHONIOENCODING": encoding})
        assert done.returncode == 0
        assert done.stdout.decode("utf-8") == written(schema)
    done = run("schema", "--output", "条目.schema.json", "--lang", "en", cwd=tmp_path)
    assert (tmp_path / "条目.schema.json").read_text(encoding="utf-8") == written(schema)
    assert done.stderr.decode() == "Written to 条目.schema.json\n"
    assert run("schema", "--output", "no/such/folder.json", cwd=tmp_path).returncode == 3
    assert run("schema", "--standard", "nobody", cwd=tmp_path).returncode == 2
