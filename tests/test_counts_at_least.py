"""What the columns engine counts once its budget is spent: a count that is called exact is the row engine's, any other is never more."""

from __future__ import annotations

import json
import random
import shutil
import uuid
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("polars")

from govdata import settings
from govdata.adoption import adopting
from govdata.engines.columns import settling, spending
from govdata.engines.columns.keeping import Keeping
from govdata.engines.plan import Tally
from govdata.engines.reference import Reference
from govdata.outcomes import gather
from govdata.reading.texts import blocks
from govdata.values import Finding
from tests.test_engines import lay_out, report, rows

TEXT = {"name": "k", "type": "string"}
TIME = {"name": "t", "type": "time"}
"""Of times no key is known by columns: the reference reads each."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets and blocks that a small table goes through."""
    monkeypatch.setattr(spending, "EACH", 3)
    monkeypatch.setattr(settling, "STEP", 2)
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (60,))


def put(folder: Path, tables: dict[str, tuple[dict[str, Any], list[str]]]) -> Path:
    """A data package of some tables: name → schema and lines."""
    folder.mkdir(exist_ok=True)
    resources = []
    for name, (schema, lines) in tables.items():
        header = ",".join(field["name"] for field in schema["fields"])
        (folder / f"{name}.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        resources.append({"name": name, "path": f"{name}.csv", "schema": schema})
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": resources}), encoding="utf-8")
    return folder


def hold(folder: Path, limit: int = 100) -> dict[str, tuple[int, int, bool]]:
    """Rule → the row engine's count, that of the columns engine and whether it calls it exact, once held against each other."""
    (plain,), (columns,) = (report(folder, engine, limit, cache=False)["datasets"] for engine in ("plain", "columns"))
    assert columns["valid"] == plain["valid"]
    told = {}
    for rule in plain["counts"].keys() | columns["counts"].keys():
        right = plain["counts"].get(rule, {"count": 0})["count"]
        count, exact = columns["counts"].get(rule, {"count": 0, "exact": False}).values()
        told[rule] = right, count, exact
        assert count == right if exact else count <= right, told
    return told


@pytest.mark.parametrize("seed", range(12))
def test_counts_of_mixed_mistakes(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(seed)
    monkeypatch.setattr(spending, "EACH", chosen.choice([2, 10, 50]))
    monkeypatch.setattr(spending, "TOGETHER", chosen.choice([5, 30, 200]))
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (chosen.choice([200, 4000, 1 << 20]),))
    hold(lay_out(tmp_path / "p", rows(chosen, 300, chosen.choice([0.05, 0.5, 1.0]))), chosen.choice([1, 10, 1000]))


def test_keys_that_were_not_read_may_stand_twice(tmp_path: Path) -> None:
    schema = {"fields": [TEXT, TIME], "uniqueKeys": [["t"]]}
    lines = ["a,01:02:03"] * 2 + ["a,x"] * 10 + ["b,01:02:03"] * 20
    assert hold(put(tmp_path / "p", {"d": (schema, lines)}))["table/unique-error"] == (21, 1, False)


def test_keys_that_are_known_are_counted_in_full(tmp_path: Path) -> None:
    schema = {"fields": [TEXT, TIME], "uniqueKeys": [["k"]]}
    told = hold(put(tmp_path / "p", {"d": (schema, [f"a{number // 2},x" for number in range(40)])}))
    assert told["table/unique-error"] == (20, 20, True)


def test_blank_rows_of_another_width(tmp_path: Path) -> None:
    schema = {"fields": [TEXT, TIME], "missingValues": ["", "-"]}
    lines = ["a,01:02:03,x"] * 10 + [",,", "-,-,", "-,-,x", ",,x", ",", "", '""', "-", "a", "a,,", "a,01:02:03,x,"] * 3
    for end in ([], ['a,"x"y']):
        told = hold(put(tmp_path / "p", {"d": (schema, [*lines, *end])}))
        assert told["table/blank-row"][1] > 3 * 6


def test_numbers_that_are_equal_are_referred_to(tmp_path: Path) -> None:
    schema = {
        "fields": [{"name": "n", "type": "integer"}, TIME],
        "foreignKeys": [{"fields": ["n"], "reference": {"resource": "o", "fields": ["n"]}}],
    }
    known = ({"fields": [{"name": "n", "type": "number"}]}, ["1.0", "2", "2.5", "NaN", "1e400"])
    folder = put(tmp_path / "p", {"d": (schema, ["1,x", "2,x", "3,01:02:03"] * 10), "o": known})
    assert hold(folder)["table/foreign-key"] == (10, 10, True)


def test_what_refers_to_nothing_and_must_be_read(tmp_path: Path) -> None:
    fields = [{**TEXT, "constraints": {"pattern": "[a-z]"}}, TIME]
    schema = {"fields": fields, "foreignKeys": [{"fields": ["k"], "reference": {"resource": "o", "fields": ["k"]}}]}
    lines = ["z,01:02:03"] * 10 + ["Z,01:02:03"] * 10
    told = hold(put(tmp_path / "p", {"d": (schema, lines), "o": ({"fields": [TEXT]}, ["a"])}))
    assert told["table/foreign-key"][1] >= 14


def test_what_lacks_a_part_and_must_be_read(tmp_path: Path) -> None:
    schema = {"fields": [TEXT, TIME, {"name": "n", "type": "integer", "constraints": {"maximum": 9}}], "primaryKey": ["k", "n"]}
    lines = [",01:02:03,1"] * 10 + [",01:02:03,10"] * 10
    assert hold(put(tmp_path / "p", {"d": (schema, lines)}))["table/primary-key"][1] >= 14


def test_cells_undecided_in_one_file_make_the_counts_of_all_uncertain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "TOGETHER", 3)
    number = {"name": "n", "type": "number", "decimalChar": ";"}
    first = {"fields": [{**TEXT, "constraints": {"required": True}}, number]}
    lines = [*[",1"] * 20, *["a,x"] * 20]
    folder = put(tmp_path / "p", {"d": (first, lines), "o": ({"fields": [number, TEXT]}, ["x,a"])})
    told = hold(folder)
    assert told["table/type-error"] == (21, 1, False)
    assert told["table/constraint-error"] == (20, 20, False)


def test_a_missing_value_that_is_the_label_of_a_code(tmp_path: Path) -> None:
    field = {**TEXT, "codes": "sex", "constraints": {"required": True}}
    schema = {"fields": [field, TIME], "missingValues": ["", "男"]}
    told = hold(put(tmp_path / "p", {"d": (schema, ["男,01:02:03", ",01:02:03"] * 20)}))
    assert told["table/constraint-error"][0] == 20


@pytest.mark.parametrize("end", [[], ['a,"x"y']])
def test_personal_numbers_in_rows_that_stay_undecided(end: list[str], tmp_path: Path) -> None:
    schema = {"fields": [TEXT, {"name": "note", "type": "string"}], "missingValues": ["", "-"]}
    lines = ["a,,x"] * 20 + ["a,13800138000,x", "a,-,13800138000", "-,-,x", "a"] * 30
    folder = put(tmp_path / "p", {"d": (schema, [*lines, *end])})
    (plain,), (columns,) = (report(folder, engine, 100, cache=False)["datasets"] for engine in ("plain", "columns"))
    assert columns["counts"]["personal/found"] == plain["counts"]["personal/found"]
    assert columns["resources"] == plain["resources"]


@pytest.mark.parametrize("unread", ["31.2,121.4,01:02:03", "31.2,121.4,01:02:03,x"])
def test_coordinates_that_were_not_read_may_be_swapped(unread: str, tmp_path: Path) -> None:
    """Of how many rows they are is told with the finding: then at least so many."""
    pair = [{"name": name, "type": "number", "semantic": name, "constraints": {"required": True}} for name in ("longitude", "latitude")]
    lines = ["31.2,121.4,01:02:03", *[",30,01:02:03"] * 20, *["121.4,31.2,01:02:03,x"] * 20, *[unread] * 3]
    told = hold(put(tmp_path / "p", {"d": ({"fields": [*pair, TIME]}, lines)}))
    assert told["id/coordinates-swapped"] == (1, 1, False)


def accept(folder: Path, **more: str) -> None:
    """A record of the folder that accepts constraints that are broken."""
    record = {"rule": "table/constraint-error", "dataset": "*", "reason": "old", "by": "us", "until": "2100-01-01"} | more
    written = [f'directory = "{uuid.UUID(int=1)}"', "[[accept]]", *(f'{key} = "{value}"' for key, value in record.items())]
    (folder / "govdata.toml").write_text("\n".join(written).replace('"2100-01-01"', "2100-01-01"), encoding="utf-8")


def test_accepted_mistakes_spend_nothing(tmp_path: Path) -> None:
    """They do not make a file invalid: what else is wrong must be found."""
    field = {**TEXT, "semantic": "uscc", "constraints": {"maxLength": 18}}
    lines = [f"{'9' * 30},01:02:03"] * 20 + ["91110000I99999904C,01:02:03"]
    put(tmp_path / "p", {"d": ({"fields": [field, TIME]}, lines)})
    accept(tmp_path)
    told = hold(tmp_path)
    assert told["id/uscc"] == (1, 1, True)


@pytest.mark.parametrize("written", [False, True])
def test_mistakes_that_a_baseline_may_hold_spend_nothing(written: bool, tmp_path: Path) -> None:
    field = {**TEXT, "semantic": "uscc", "constraints": {"maxLength": 18}}
    schema, lines = {"fields": [field, TIME]}, [f"{'9' * 30},01:02:03"] * 20
    folder, file = put(tmp_path / "p", {"d": (schema, lines)}), tmp_path / "baseline.json"
    report(folder, "columns", 100, cache=False, write_baseline=file)
    put(folder, {"d": (schema, [*lines, "91110000I99999904C,01:02:03"])})
    told = report(folder, "columns", 100, cache=False, **{"write_baseline" if written else "baseline": file})["datasets"][0]
    assert not told["valid"]
    assert told["counts"] == {"id/uscc": {"count": 1, "exact": True}}


MANY = {"fields": [{**TEXT, "constraints": {"maxLength": 3}}, {"name": "n", "type": "integer", "constraints": {"required": True}}]}


@pytest.mark.parametrize("way", ["baseline", "accept"])
def test_proven_mistakes_that_may_pass_are_counted_in_bulk(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference is asked of those that are explained, and of every text that is not proven to be wrong."""
    lines = ["aaaa,"] * 200
    folder, more = put(tmp_path / "p", {"d": (MANY, lines)}), {}
    if way == "accept":
        accept(tmp_path)
    else:
        more = {"baseline": tmp_path / "baseline.json"}
        report(folder, "columns", 10, cache=False, write_baseline=more["baseline"])
    put(folder, {"d": (MANY, [*lines, "aaa,x"])})
    asked: list[int] = []
    check = Reference.check
    monkeypatch.setattr(Reference, "check", lambda self, row, *args, **named: asked.append(row.number) or check(self, row, *args, **named))
    (told,) = report(folder, "columns", 10, cache=False, **more)["datasets"]
    assert not told["valid"]
    assert told["counts"] == {"table/type-error": {"count": 1, "exact": True}}
    assert told["accepted_counts"] == {"table/constraint-error": {"count": 400, "exact": True}}
    assert len(asked) < 120
    assert asked[-1] == 202


def test_a_record_of_one_field_keeps_no_other_from_the_budget(tmp_path: Path) -> None:
    lines = ["甲甲甲甲,1"] * 20  # not proven: a text with others than ASCII characters
    put(tmp_path / "p", {"d": (MANY, lines)})
    accept(tmp_path, field="n")
    assert not hold(tmp_path)["table/constraint-error"][2]
    accept(tmp_path, field="k")
    (told,) = report(tmp_path, "columns", 3, cache=False)["datasets"]
    assert told["accepted_counts"] == {"table/constraint-error": {"count": 20, "exact": True}}


@pytest.mark.parametrize("end", [[], ['a,"x"y']])
def test_cells_that_rows_lack_are_counted_for_their_field(end: list[str], tmp_path: Path) -> None:
    """A record that accepts those of one field."""
    put(tmp_path / "p", {"d": ({"fields": [TEXT, TIME]}, ["a,01:02:03,x"] * 20 + ["a"] * 10 + end + ["a"] * 10)})
    accept(tmp_path, rule="table/missing-cell", field="t")
    assert "table/missing-cell" not in {rule for rule, told in hold(tmp_path).items() if told[1]}
    (told,) = report(tmp_path, "columns", 3, cache=False)["datasets"]
    assert told["accepted_counts"]["table/missing-cell"]["count"] == 20


def test_a_cause_keeps_a_finding_of_each_field() -> None:
    """Where a record accepted the only one that was kept, its name was known, but nothing of it: the run ended in a trace."""
    plan: Any = SimpleNamespace(limit_each=1, severity=lambda finding: "error", keys=(), foreign_keys=())
    keeping = Keeping(plan)
    places = ((1, "a", "shifted-columns:"), (2, "b", ""), (3, "b", "shifted-columns:"), (4, "b", "shifted-columns:"))
    found = [Finding("table/type-error", row=row, field=field, cause=cause) for row, field, cause in places]
    for finding in found:
        keeping.keep(finding.row or 0, 0, finding)
    assert [item.row for item in keeping.all() if isinstance(item, Finding)] == [1, 2, 3]

    def results() -> Generator[Any, None, Any]:
        yield from found
        return SimpleNamespace()

    context: Any = SimpleNamespace(settings=SimpleNamespace(limit_each=1), severity=lambda finding: "error")
    *kept, counted = gather(results(), context).items
    assert [item.row for item in kept if isinstance(item, Finding)] == [1, 2, 3]
    assert counted == Tally("table/type-error", "error", 1, True, "shifted-columns:", "", "", "b")


@pytest.mark.parametrize("named", [{}, {"field": "k"}])
def test_a_record_of_what_was_left_undecided_is_not_said_to_be_of_no_use(named: dict[str, str], tmp_path: Path) -> None:
    lines = ["甲甲甲甲"] * 20 + ["甲"]
    field = {**TEXT, "constraints": {"maxLength": 3, "pattern": "甲甲+"}}
    put(tmp_path / "p", {"d": ({"fields": [field, TIME]}, [f"{line},x" for line in lines])})
    accept(tmp_path, rule="table/lexical-form", **named)
    told = report(tmp_path, "columns", 3, cache=False)
    assert told["findings"] == []
    assert told["datasets"][0].get("accepted_counts") == (None if named else {"table/lexical-form": {"count": 0, "exact": False}})
    exact = report(tmp_path, "plain", 3, cache=False)
    assert [item["rule"] for item in exact["findings"]] == ["accept/unused"]


@pytest.mark.parametrize("seed", range(6))
def test_mixed_mistakes_against_a_baseline(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = random.Random(seed)
    for module in (settings, adopting):
        monkeypatch.setattr(module, "LISTED", chosen.choice([1, 5, 20]))
    monkeypatch.setattr(spending, "EACH", chosen.choice([1, 5, 20]))
    monkeypatch.setattr(spending, "TOGETHER", chosen.choice([5, 30, 200]))
    monkeypatch.setattr(blocks.read_blocks, "__defaults__", (chosen.choice([200, 4000, 1 << 20]),))
    table, file = rows(chosen, 300, chosen.choice([0.05, 0.5, 1.0])), tmp_path / "baseline.json"
    report(lay_out(tmp_path / "p", table[:200]), "columns", 100, cache=False, write_baseline=file)
    shutil.rmtree(tmp_path / "p")
    folder = lay_out(tmp_path / "p", table)
    (plain,), (columns,) = (report(folder, engine, 100, cache=False, baseline=file)["datasets"] for engine in ("plain", "columns"))
    for key in ("valid", "counts", "accepted_counts", "severities"):
        assert columns[key] == plain[key], key


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_findings_of_a_key_are_explained_in_the_order_of_the_rows(limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "EACH", 1000)
    schema = {"fields": [TEXT, TIME], "primaryKey": ["k"], "uniqueKeys": [["k", "t"], ["t", "k"]]}
    folder = put(tmp_path / "p", {"d": (schema, ["a,01:02:03"] * 4 + [",01:02:03", "a,01:02:03"] * 8)})
    assert report(folder, "columns", limit, cache=False) == report(folder, "plain", limit, cache=False)
