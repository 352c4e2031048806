"""The gate: verdicts over the cases of `tests/gate`, its table, signed exceptions, and that nothing goes round it."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from govdata import content, gate
from govdata.errors import SettingsError
from govdata.gate import Decision, Means, decide, idle_exceptions, name_of, refuse_unknown_names
from govdata.settings import Settings
from govdata.standards import read_library
from govdata.targets import SignedException, SiteTarget
from govdata.validation import examine
from govdata.values import Dataset, DatasetReport, Skipped
from govdata.zones import FILE, read_table, zones

ROOT = Path(__file__).parents[2]
CASES = content.load_file(ROOT / "tests/gate/cases.yaml")
TODAY = date(2026, 11, 1)
LETTERS = {"whole": "w", "entry": "e", "refused": "r"}
LIBRARY = read_library()
HOLE = re.compile(r"\{[a-z_]+(?::[a-z]+)?\}")


def numbers(kind: str) -> list[str]:
    """Values of a column: personal numbers that no living person can hold."""
    report = (content.root() / "validators/personal/open.yaml").read_text(encoding="utf-8")
    citizens = [line.strip() for line in report.splitlines() if line.strip().startswith("110101")][:25]
    mobiles = [f"138001380{number:02d}" for number in range(25)]
    texts = [f"来电人{number}已登记" for number in citizens[:8]]
    some = [*citizens[:10], *(f"无{number}" for number in range(40))]
    return {"citizen-number": citizens, "mobile": mobiles, "text": texts, "some": some}[kind]


def lay_out(case: Mapping[str, Any], folder: Path) -> Path:
    """A folder with the entry and the file of a case."""
    fields = case.get("fields", [] if "header" in case else [{"名称": "名称"}])
    header = case.get("header") or ",".join(field["名称"] for field in fields)
    values = numbers(case["values"]) if "values" in case else []
    resource = {"文件": "a.csv", **({"信息项": fields} if fields else {})}
    entry = {"信息资源名称": "例", "信息资源代码": "307001/000001", **case["entry"], "资源": [resource]}
    folder.mkdir(exist_ok=True)
    (folder / "entry.yaml").write_text(dump(entry), encoding="utf-8")
    (folder / "a.csv").write_text("\n".join([header, *values]) + "\n", encoding="utf-8")
    return folder


def dump(entry: Mapping[str, Any]) -> str:
    import yaml

    return str(yaml.safe_dump(plain(entry), allow_unicode=True))


def plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def checked(case: Mapping[str, Any], folder: Path, **options: Any) -> tuple[Dataset, DatasetReport]:
    _, ((dataset, report),) = examine(lay_out(case, folder), Settings(standard="core", today=TODAY, **options))
    return dataset, report


def decision(pair: tuple[Dataset, DatasetReport], zone: str, *exceptions: SignedException, today: date = TODAY) -> Decision:
    return decide(*pair, zone, Means(LIBRARY.standard("core"), today, exceptions=exceptions))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_cases(case: Mapping[str, Any], tmp_path: Path) -> None:
    pair = checked(case, tmp_path)
    assert "".join(LETTERS[decision(pair, zone).verdict] for zone in ("intranet", "dedicated", "extranet", "internet")) == case["verdicts"]
    public = decision(pair, "internet")
    assert [f"{reason.rule} {reason.field}".strip() for reason in public.reasons] == case.get("stops", [])
    assert [f"{reason.rule} {reason.field}".strip() for reason in public.notes] == case.get("notes", [])


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_reasons_are_whole_sentences_with_a_source(language: str, tmp_path: Path) -> None:
    for number, case in enumerate(CASES):
        pair = checked(case, tmp_path / str(number))
        for zone in zones():
            found = decide(*pair, zone, Means(LIBRARY.standard("core"), TODAY, language))
            for reason in (*found.reasons, *found.notes):
                assert reason.source.document
                assert reason.help
                assert reason.field in reason.message
                assert not HOLE.search(reason.message + reason.help), reason.message
                assert reason.args["zone"] == zone


@pytest.mark.parametrize("limit", [1, None])
def test_what_a_report_does_not_show_counts(limit: int | None, tmp_path: Path) -> None:
    case = {**CASES[0], "fields": [{"名称": f"列{n}", "类型": "I"} for n in range(3)] + [{"名称": "证件", "类型": "C"}]}
    lay_out(case, tmp_path)
    rows = [f"x,y,z,{number}" for number in numbers("citizen-number")]
    (tmp_path / "a.csv").write_text("\n".join(["列0,列1,列2,证件", *rows]) + "\n", encoding="utf-8")
    _, (pair,) = examine(tmp_path, Settings(standard="core", today=TODAY, limit=limit))
    assert [(reason.rule, reason.field) for reason in decision(pair, "internet").reasons] == [("gate/personal-number", "证件")]


def test_every_engine_finds_the_same(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.get("values") == "some")
    found = [checked(case, tmp_path, engine=engine)[1].resources[0] for engine in ("reference", "plain", "columns")]
    assert [dict(report.strewn) for report in found] == [{"证件": {"citizen-number": 10}}] * 3


def test_what_was_kept_of_a_check_still_tells(tmp_path: Path) -> None:
    lay_out(next(case for case in CASES if case.get("values") == "citizen-number"), tmp_path)
    values = numbers("citizen-number") * 700
    (tmp_path / "a.csv").write_text("\n".join(["编号", *values]) + "\n", encoding="utf-8")
    for _ in range(2):
        _, (pair,) = examine(tmp_path, Settings(standard="core", today=TODAY))
        assert pair[1].resources[0].kinds == {"编号": "citizen-number"}
        assert decision(pair, "internet").verdict == "refused"


def test_data_that_could_not_be_checked_is_not_public(tmp_path: Path) -> None:
    dataset, report = checked(CASES[0], tmp_path)
    unread = dataclasses.replace(report.resources[0], rows=None)
    without = dataclasses.replace(report, resources=(unread,), skipped=(Skipped("a.csv", "engine-missing"),))
    assert [reason.rule for reason in decision((dataset, without), "internet").reasons] == ["gate/not-checked"]
    assert decision((dataset, without), "extranet").verdict == "whole"
    forgotten = dataclasses.replace(report, resources=())
    (note,) = decision((dataset, forgotten), "internet").notes
    assert note.rule == "gate/not-looked-into"
    assert note.message.startswith("文件中没有可以检查的表格，")


def test_a_report_of_another_dataset_decides_nothing(tmp_path: Path) -> None:
    dataset, report = checked(CASES[0], tmp_path)
    with pytest.raises(ValueError, match="none of"):
        decision((dataset, dataclasses.replace(report, path="another")), "internet")
    with pytest.raises(ValueError, match="no network"):
        decision((dataset, report), "moon")


def test_nothing_can_be_handed_in() -> None:
    assert list(inspect.signature(decide).parameters) == ["dataset", "report", "zone", "means"]
    assert {field.name for field in dataclasses.fields(Means)} == {"standard", "today", "language", "exceptions"}


def signed(**changed: Any) -> SignedException:
    made = SignedException(
        "gate/personal-field", "307001/000001", "internet", "依法公示", "科长", TODAY, TODAY + timedelta(30), "法定代表人"
    )
    return dataclasses.replace(made, **changed)


PERSONAL = next(case for case in CASES if "keeps the data out" in case["about"])
MISSES = [
    {"rule": "gate/personal-number"},
    {"dataset": "307001/000002"},
    {"zone": "extranet"},
    {"field": ""},
    {"field": "企业"},
    {"until": TODAY - timedelta(1)},
    {"date": TODAY + timedelta(1)},
]


def test_a_signed_exception_lets_pass_and_is_shown(tmp_path: Path) -> None:
    found = decision(checked(PERSONAL, tmp_path), "internet", signed())
    assert (found.verdict, found.reasons) == ("whole", ())
    (granted,) = found.exceptions
    assert (granted.exception.by, granted.reason.rule, granted.reason.field) == ("科长", "gate/personal-field", "法定代表人")


@pytest.mark.parametrize("day", [0, 30])
def test_it_holds_from_its_first_to_its_last_day(day: int, tmp_path: Path) -> None:
    assert decision(checked(PERSONAL, tmp_path), "internet", signed(), today=TODAY + timedelta(day)).verdict == "whole"


@pytest.mark.parametrize("changed", MISSES, ids=str)
def test_one_that_does_not_fit_does_nothing(changed: dict[str, Any], tmp_path: Path) -> None:
    found = decision(checked(PERSONAL, tmp_path), "internet", signed(**changed))
    assert (found.verdict, found.exceptions) == ("refused", ())


def test_lifting_a_condition_lets_the_data_be_judged(tmp_path: Path) -> None:
    case = next(case for case in CASES if "for its data stays" in case["about"])
    found = decision(checked(case, tmp_path), "internet", signed(rule="gate/open-on-conditions", field=""))
    assert (found.verdict, [reason.rule for reason in found.reasons]) == ("refused", ["gate/personal-field"])


@pytest.mark.parametrize("sign", ["gate/secret", "gate/level"])
def test_what_is_final_admits_no_exception(sign: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.get("stops") == [sign])
    found = decision(checked(case, tmp_path), "internet", signed(rule=sign, field=""))
    assert (found.verdict, found.exceptions) == ("refused", ())


IDLE = [
    ({"rule": "gate/secret", "field": ""}, "final"),
    ({"until": TODAY - timedelta(1), "date": TODAY - timedelta(9)}, "expired"),
    ({"date": TODAY + timedelta(1)}, "early"),
    ({"field": "企业"}, "no-reason"),
    ({"dataset": "307001/000009"}, "no-dataset"),
]


@pytest.mark.parametrize(("changed", "why"), IDLE, ids=[why for _, why in IDLE])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_an_exception_without_effect_is_told(changed: dict[str, Any], why: str, language: str, tmp_path: Path) -> None:
    record = signed(**changed)
    dataset, report = checked(PERSONAL, tmp_path)
    settings = Settings(exceptions=(record, signed(), signed(zone="extranet")), language=language)
    decided = [(name_of(dataset), decision((dataset, report), "internet", *settings.exceptions))]
    (idle,) = idle_exceptions(settings, "internet", decided, TODAY, whole=True)
    assert (idle.exception, idle.why) == (record, why)
    assert record.dataset in idle.message
    assert "科长" in idle.message
    told = idle_exceptions(settings, "internet", decided, TODAY, whole=False)
    assert len(told) == (why != "no-dataset")


@pytest.mark.parametrize(
    ("settings", "sign"),
    [
        (Settings(targets=(SiteTarget("open", Path("x"), "moon"),)), "targets.site.open.zone"),
        (Settings(exceptions=(signed(), signed(zone="moon"))), "exceptions[2].zone"),
        (Settings(exceptions=(signed(rule="gate/nothing"),)), "exceptions[1].rule"),
        (Settings(exceptions=(signed(rule="personal/open"),)), "exceptions[1].rule"),
    ],
)
def test_names_that_nobody_knows_are_refused(settings: Settings, sign: str) -> None:
    with pytest.raises(SettingsError) as caught:
        refuse_unknown_names(settings)
    assert caught.value.arguments["key"] == sign


def test_the_table_has_its_shape() -> None:
    declared = content.load(FILE)
    jsonschema.Draft202012Validator(content.load("schemas/zones.schema.json")).validate(declared)
    assert {row["source"] for row in declared["rows"]} == set(declared["sources"])
    assert {row["fact"] for row in declared["rows"]} == set(declared["facts"])
    schema = content.load("schemas/zones.schema.json")["$defs"]["row"]
    assert set(zones()) <= set(schema["required"])


def test_the_table_names_rules_and_codes_that_exist() -> None:
    table = read_table()
    assert table.rules == {rule for rule in LIBRARY.rules if rule.startswith("gate/")}
    for name, fact in table.facts.items():
        if fact.codes:
            assert table.named[name] - {"unstated", "unknown"} <= set(LIBRARY.lists[fact.codes].codes), name
    kinds = {name.removeprefix("id/") for name in LIBRARY.rules if name.startswith("id/")}
    assert table.named["number"] - {gate.OTHER} <= kinds


def test_the_page_shows_the_table() -> None:
    page = (ROOT / "docs/publishing.md").read_text(encoding="utf-8")
    assert [rule for rule in sorted(read_table().rules) if f"`{rule}`" not in page and rule != "gate/sensitivity"] == []
    stars = {line.split("`")[1] for line in page.splitlines() if line.startswith("|") and "✱" in line}
    assert stars == read_table().final


def test_no_network_is_laxer_than_one_that_is_more_closed() -> None:
    """From the public network inwards nothing gets stricter, but for the dedicated and the extranet, which stand side by side."""
    order = ("whole", "note", "entry", "refused")
    for row in read_table().rows:
        ranks = {zone: order.index(verdict) for zone, verdict in row.verdicts.items()}
        if row.rule != "gate/sharing-unstated":
            assert ranks["intranet"] <= min(ranks["dedicated"], ranks["extranet"]) <= ranks["internet"], row
