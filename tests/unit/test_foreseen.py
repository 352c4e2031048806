"""Tables that are looked at while their encoding is still being proven: the report is that of a table that was proven first."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata import validation
from govdata.checks import table, trial
from govdata.formats.json import to_mapping
from govdata.reading.encodings.proof import prove
from govdata.reading.encodings.speed import speed_for
from govdata.reading.texts import foreseen
from tests.cli.test_workers_ended import until

pytest.importorskip("polars")

SCHEMA = {"fields": [{"name": "编号", "type": "integer"}, {"name": "名称", "type": "string", "constraints": {"maxLength": 8}}]}
HEAD = "编号,名称\n" + "".join(f"{number},停车场的地址和收费\n" for number in range(40))
PLAIN_HEAD = "id,name\n" + "".join(f"{number},plain\n" for number in range(40))
LATER: Mapping[str, bytes] = {
    "right": "41,公共停车场\n".encode(),
    "wrong cells": "x,公共停车场\n42,\n43,超过八个汉字的名称啊\n44\n".encode(),
    "no UTF-8": "41,公共停车场\n".encode("gb18030"),
    "a half character": "41,公共停车场".encode()[:-1],
    "a NUL": "41,公共\0停车场\n".encode(),
    "a private-use character": "41,公共\ue000停车场\n".encode(),
    "a lost character": "41,公共\ufffd停车场\n42,锟斤拷\n".encode(),
    "a mark inside": "41,\ufeff停车场\n".encode(),
    "other line ends": "41,停车场\r\n42,停车场\r\n".encode(),
    "an open quote": '41,"停车场\n42,停车场\n'.encode(),
    "Latin letters that may be hanzi": "41,caf\u00e9\n".encode("cp1252"),
}


def reported(folder: Path, **options: Any) -> Any:
    told = to_mapping(validation.validate(folder, language="en", cache=False, **options))
    told["run"].pop("settings")
    return told


def lay_out(folder: Path, content: bytes, **resource: Any) -> None:
    described = {"name": "t", "path": "t.csv", "schema": SCHEMA, **resource}
    (folder / "t.csv").write_bytes(content)
    (folder / "datapackage.json").write_text(json.dumps({"name": "p", "resources": [described]}), encoding="utf-8")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What became of the trials: `told` or `forgotten`."""
    found: list[str] = []
    original = foreseen.foresee_text
    settled = trial.Trial.told

    def foresee(*given: Any) -> Any:
        found.append("forgotten")
        return original(*given)

    def tell(self: trial.Trial, *given: Any) -> Any:
        found[-1] = "told"
        return settled(self, *given)

    monkeypatch.setattr(foreseen, "foresee_text", foresee)
    monkeypatch.setattr(trial.Trial, "told", tell)
    monkeypatch.setattr(foreseen, "HEAD", 200)
    monkeypatch.setattr(table, "LARGE", 0)
    return found


@pytest.mark.parametrize("head", [HEAD, PLAIN_HEAD], ids=["hanzi", "ASCII"])
@pytest.mark.parametrize("name", LATER)
def test_reports_are_the_same(name: str, head: str, tmp_path: Path, told: list[str]) -> None:
    lay_out(tmp_path, head.encode() + LATER[name])
    first = reported(tmp_path, engine="columns", jobs=1)
    assert told == []
    assert reported(tmp_path, engine="columns", jobs=2) == first
    assert told == ["forgotten" if name in ("no UTF-8", "a half character", "Latin letters that may be hanzi") else "told"]


@pytest.mark.parametrize("processors", [2, 8])
def test_the_proof_has_a_thread_that_reads_where_a_processor_is_left(
    processors: int, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, HEAD.encode() + LATER["a lost character"])
    first = reported(tmp_path, engine="columns", jobs=1)
    speeds: list[bool] = []

    def proven(*given: Any) -> Any:
        speeds.extend(speed.ahead for speed in given[3:])
        return prove(*given)

    monkeypatch.setattr(foreseen, "prove", proven)
    monkeypatch.setattr(foreseen, "speed_for", lambda path: speed_for(path, large=0, chunk=100))
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    assert reported(tmp_path, engine="columns", jobs=2) == first
    assert speeds == [processors > 2]
    assert told == ["told"]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8-sig", "utf-16"])
def test_other_encodings_are_foreseen_too(encoding: str, tmp_path: Path, told: list[str]) -> None:
    text = HEAD + "x,停车场\n"
    lay_out(tmp_path, (text if encoding != "big5" else text.translate(str.maketrans("编号称场费车", "編號稱場費車"))).encode(encoding))
    assert reported(tmp_path, engine="columns", jobs=2) == reported(tmp_path, engine="columns", jobs=1)
    assert len(told) == 1


def test_the_digest_of_a_package_is_compared_with_the_whole_file(tmp_path: Path, told: list[str]) -> None:
    lay_out(tmp_path, HEAD.encode(), hash="sha256:" + "0" * 64, bytes=1)
    found = reported(tmp_path, engine="columns", jobs=2)
    assert told == ["told"]
    assert [item["rule"] for item in found["datasets"][0]["findings"]].count("package/changed") == 2
    assert found == reported(tmp_path, engine="columns", jobs=1)


def test_a_trial_ends_when_the_proof_has_failed(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # From a quote inside a cell on `csv.reader` has the rest, which takes long. What is wrong stands behind the first block of 8 MiB.
    more = "".join(f'{number},停"车场的地址和\n' for number in range(300_000)).encode() + LATER["no UTF-8"]
    lay_out(tmp_path, HEAD.encode() + more)
    expected = reported(tmp_path, engine="columns", jobs=1)
    ticks: list[int] = []
    original = table._until

    def patient(is_refuted: Callable[[], bool], tick: Callable[[int], None]) -> Callable[[int], None]:
        def counted(rows: int) -> None:
            ticks.append(rows)
            until(is_refuted)

        return original(is_refuted, counted)

    monkeypatch.setattr(table, "_until", patient)
    assert reported(tmp_path, engine="columns", jobs=2) == expected
    assert told == ["forgotten"]
    assert ticks == [10_000]


def test_what_a_check_raises_is_raised_only_if_the_proof_holds(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from govdata.engines.columns import engine

    def fail(*given: object) -> Any:
        raise ValueError("not foreseen")

    lay_out(tmp_path, HEAD.encode() + LATER["no UTF-8"])
    expected = reported(tmp_path, engine="columns", jobs=1)
    monkeypatch.setattr(engine, "check_blocks", fail)
    assert reported(tmp_path, engine="columns", jobs=2) == expected
    lay_out(tmp_path, HEAD.encode())
    with pytest.raises(ValueError, match="not foreseen"):
        reported(tmp_path, engine="columns", jobs=2)
