"""A site planned and built: what changes is written, what does not is left alone, what is gone leaves a tombstone."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from govdata import content
from govdata.cli.main import run
from govdata.errors import PublishError
from govdata.publishing.plan import dumps, loads
from govdata.publishing.site import facets
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.history import read_history
from govdata.publishing.site.pages import places
from govdata.publishing.site.preparing import Asked
from govdata.publishing.site.publication import open_publication
from govdata.publishing.site.state import MARK
from govdata.reading.paths import DEVICE
from govdata.standards import read_library
from tests.site.directories import SHARED, Directory, actions, contents, directory, stamps

RULES = jsonschema.Draft202012Validator(content.load("schemas/site-dataset.schema.json"))


@pytest.fixture
def made(tmp_path: Path) -> Directory:
    """A directory with three datasets."""
    found = directory(tmp_path)
    found.put("a", "307001/000001", "停车场甲")
    found.put("b", "307001/000002", "停车场乙")
    found.put("c", "307001/000003", "停车场丙", data=None)
    return found


def test_a_site_is_planned_and_built(made: Directory) -> None:
    plan = made.plan()
    assert set(actions(plan).values()) == {"create"}
    assert not made.site.exists(), "a plan writes nothing"
    made.publish()
    assert made.record("307001/000001").title == "停车场甲"
    assert [item.code for item in read_history(made.site)] == ["307001/000001", "307001/000002", "307001/000003"]
    for path in made.site.rglob("index.json"):
        RULES.validate(json.loads(path.read_bytes()))
    assert not [path.name for path in made.site.parent.iterdir() if path.name.startswith(".")], "nothing is left beside it"


def test_folders_that_may_be_meant_as_datasets_are_told(made: Directory) -> None:
    """`validate` told them, publishing passed them over: an entry that was misnamed withdrew its dataset without a word of why."""
    assert not [note for note in made.plan().notes if note.rule == "publish/no-entry"]
    made.publish()
    (made.path / "b" / "entry.yaml").rename(made.path / "b" / "entry-old.yaml")
    plan = made.plan()
    assert actions(plan)["307001/000002"] == "withdraw"
    (note,) = [note for note in plan.notes if note.rule == "publish/no-entry"]
    assert "b/ (in all: 1)" in note.message


def test_nothing_changed_nothing_written(made: Directory) -> None:
    made.publish()
    before = stamps(made.site)
    plan, outcome = made.publish()
    assert (set(actions(plan).values()), outcome, plan.is_empty) == ({"keep"}, None, True)
    assert stamps(made.site) == before


def test_one_changed_the_others_stay(made: Directory) -> None:
    made.publish()
    before = stamps(made.site)
    made.put("b", "307001/000002", "停车场丁")
    plan, _ = made.publish()
    assert actions(plan) == {"307001/000001": "keep", "307001/000002": "update", "307001/000003": "keep"}
    (change,) = plan.writes
    assert ("title", "停车场乙", "停车场丁") in [(item.field, item.old, item.new) for item in change.differences]
    record = made.record("307001/000002")
    assert (record.title, [version.event for version in record.versions]) == ("停车场丁", ["changed", "published"])
    kept = f"{made.site}/{dataset_folder('307001/000001')}/index.json"
    assert stamps(made.site)[kept] == before[kept], "an unchanged file is the same file"


def test_new_data_are_an_event_of_their_own(made: Directory) -> None:
    made.publish()
    made.put("b", "307001/000002", "停车场乙", data="编号,名称,泊位数\n000009,甲,1\n")
    plan, _ = made.publish()
    assert [(load.key, load.file) for change in plan.writes for load in change.loads] == [("数据.csv", True)]
    assert made.record("307001/000002").versions[0].event == "data"


def test_one_with_errors_is_held_back_as_it_was(made: Directory) -> None:
    made.publish()
    made.put("a", "307001/000001", "新的名称", data="编号,名称,泊位数\n000001,甲,很多\n")
    plan, _ = made.publish()
    assert (actions(plan)["307001/000001"], plan.pages) == ("held", 1)
    record = made.record("307001/000001")
    assert (record.state, record.title, record.remarks[-1].rule) == ("held", "停车场甲", "publish/held")
    before = stamps(made.site)
    assert made.publish()[1] is None
    assert stamps(made.site) == before
    made.put("a", "307001/000001", "停车场甲")
    plan, _ = made.publish()
    record = made.record("307001/000001")
    assert (actions(plan)["307001/000001"], plan.pages, record.state, record.remarks) == ("keep", 1, "published", ())
    assert len(record.versions) == 1, "what is published is as it was"


def test_a_new_one_with_errors_is_not_published(made: Directory) -> None:
    made.put("d", "307001/000004", data="编号,名称,泊位数\n000001,甲,很多\n")
    plan, _ = made.publish()
    assert actions(plan)["307001/000004"] == "refused"
    assert not (made.site / dataset_folder("307001/000004")).exists()


@pytest.mark.parametrize("way", ["gone", "gate"])
def test_what_is_gone_or_refused_leaves_a_tombstone(way: str, made: Directory) -> None:
    made.publish()
    if way == "gone":
        for path in (made.path / "a").iterdir():
            path.unlink()
    else:
        made.put("a", "307001/000001", "停车场甲", sharing="不予共享")
    plan, _ = made.publish()
    assert actions(plan)["307001/000001"] == "withdraw"
    record = made.record("307001/000001")
    assert (record.state, record.title, record.resources, record.remarks[0].rule) == ("withdrawn", "停车场甲", (), f"publish/{way}")
    assert [version.event for version in record.versions] == ["withdrawn", "published"]
    assert made.publish()[1] is None
    made.put("a", "307001/000001", "停车场甲")
    plan, _ = made.publish()
    assert actions(plan)["307001/000001"] == "restore"
    record = made.record("307001/000001")
    assert (record.state, [version.event for version in record.versions]) == ("published", ["restored", "withdrawn", "published"])


def test_a_tombstone_goes_only_with_max_delete(made: Directory, tmp_path: Path) -> None:
    made.publish()
    for path in (made.path / "a").iterdir():
        path.unlink()
    made.publish()
    assert actions(made.publish()[0])["307001/000001"] == "keep"
    copy = tmp_path / "older.jsonl"
    copy.write_bytes((made.site / "history.jsonl").read_bytes())
    plan, _ = made.publish(max_delete=1)
    assert actions(plan)["307001/000001"] == "delete"
    assert not (made.site / dataset_folder("307001/000001")).exists()
    assert [event.event for event in read_history(made.site) if event.code == "307001/000001"] == ["published", "withdrawn", "deleted"]
    assert "307001/000001" not in actions(made.publish()[0])
    assert "307001/000001" not in actions(made.publish(previous=(str(copy),))[0]), "nor by a copy of the history that is older"
    assert not (made.site / dataset_folder("307001/000001")).exists()
    other = Directory(made.path, tmp_path / "again")
    plan, _ = other.publish(previous=(str(made.site),))
    assert "307001/000001" not in actions(plan), "it comes back by no build"
    assert (other.site / "history.jsonl").read_bytes() == (made.site / "history.jsonl").read_bytes()
    made.put("a", "307001/000001", "停车场甲")
    assert actions(made.publish()[0])["307001/000001"] == "create"
    assert [version.event for version in made.record("307001/000001").versions] == ["published"]


def test_only_some_leave_the_others_as_they_are(made: Directory) -> None:
    made.publish()
    made.put("a", "307001/000001", "改名甲")
    made.put("b", "307001/000002", "改名乙")
    plan, _ = made.publish(only=("b",))
    assert actions(plan) == {"307001/000002": "update"}
    assert (made.record("307001/000001").title, made.record("307001/000002").title) == ("停车场甲", "改名乙")


def test_a_saved_plan_for_some_is_applied_to_them_alone(made: Directory, capsys: pytest.CaptureFixture[str]) -> None:
    file = made.path.parent / "plan.json"
    command = ["--lang", "en", "publish", f"site:{made.site}", str(made.path)]
    assert run([*command, "--plan", str(file), "--only", "b"]) == 0
    assert run([*command, "--apply", str(file), "--yes"]) == 0
    assert actions(made.plan()) == {"307001/000001": "create", "307001/000002": "keep", "307001/000003": "create"}
    assert run([*command, "--check", "--only", "typo"]) == 3
    assert "typo" in capsys.readouterr().err


def test_what_is_printed_for_programs_is_the_outcome_alone(made: Directory, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["--lang", "en", "publish", f"site:{made.site}", str(made.path), "--yes", "--format"]
    made.put("a", "307001/000001", "停车场<b>甲</b>")
    for counts in ({"done": 3}, {}):
        assert run([*command, "json"]) == 0
        printed = capsys.readouterr()
        assert json.loads(printed.out)["counts"] == counts
        assert "Plan for" in printed.err
    made.put("a", "307001/000001", "停车场<i>甲</i>")
    assert run([*command, "markdown"]) == 0
    printed = capsys.readouterr()
    assert "<i>" not in printed.out
    assert "update" in printed.out


def test_a_saved_plan_is_applied_or_refused(made: Directory) -> None:
    saved = loads(dumps(made.plan()), "plan.json")
    from govdata.publishing.site.preparing import Asked
    from govdata.publishing.site.publication import open_publication

    with open_publication(f"site:{made.site}", made.path, "en", Asked(jobs=1), writes=True) as publication:
        publication.plan()
        publication.refuse_unfit(saved, "plan.json")
        publication.apply()
    made.put("b", "307001/000002", "停车场丁")
    with open_publication(f"site:{made.site}", made.path, "en", Asked(jobs=1), writes=True) as publication:
        publication.plan()
        with pytest.raises(PublishError, match="plan-moved"):
            publication.refuse_unfit(saved, "plan.json")


def test_a_related_title_is_shown_anew(made: Directory) -> None:
    made.put("a", "307001/000001", "停车场甲", more='关联资源代码: ["307001/000002"]\n', data=None)
    made.publish()
    made.put("b", "307001/000002", "停车场丁")
    plan, _ = made.publish()
    assert (actions(plan)["307001/000001"], plan.pages) == ("keep", 1)


def test_the_same_input_gives_the_same_bytes(made: Directory, tmp_path: Path) -> None:
    made.publish()
    other = Directory(made.path, tmp_path / "elsewhere" / "public")
    other.publish()
    one, two = contents(made.site), contents(other.site)
    del one[MARK], two[MARK]  # it names the target
    assert one == two


def test_a_history_gives_tombstones_and_versions(made: Directory, tmp_path: Path) -> None:
    made.publish()
    history = tmp_path / "history.jsonl"
    history.write_bytes((made.site / "history.jsonl").read_bytes())
    for path in (made.path / "a").iterdir():
        path.unlink()
    made.put("b", "307001/000002", "停车场丁")
    other = Directory(made.path, tmp_path / "again")
    plan, _ = other.publish(previous=(str(history),))
    assert actions(plan) == {"307001/000001": "withdraw", "307001/000002": "create", "307001/000003": "create"}
    assert (other.record("307001/000001").state, other.record("307001/000001").title) == ("withdrawn", "停车场甲")
    assert [version.event for version in other.record("307001/000002").versions] == ["changed", "published"]
    assert [version.event for version in other.record("307001/000003").versions] == ["published"]
    assert other.publish(previous=(str(history),))[1] is None


@pytest.mark.parametrize("others", [False, True])
def test_what_a_history_withdrew_stays_a_tombstone_while_it_cannot_be_published(others: bool, made: Directory, tmp_path: Path) -> None:
    made.publish()
    made.put("a", "307001/000001", "停车场甲", sharing="不予共享")
    made.publish()
    if others:
        made.put("a", "307001/000001", "停车场甲", data="编号,名称,泊位数\n000001,甲,很多\n")
    other = Directory(made.path, tmp_path / "again")
    plan, _ = other.publish(previous=(str(made.site / "history.jsonl"),))
    record = other.record("307001/000001")
    assert (actions(plan)["307001/000001"], record.state) == ("held" if others else "refused", "withdrawn")
    assert [version.event for version in record.versions] == ["withdrawn", "published"]
    if not others:
        assert record == made.record("307001/000001")
    assert (other.site / "history.jsonl").read_bytes() == (made.site / "history.jsonl").read_bytes()


def test_what_comes_about_again_on_one_day_of_the_data_is_told_again(made: Directory) -> None:
    wanted: list[str] = []
    for event in ("published", "withdrawn", "restored", "withdrawn", "restored"):
        made.put("a", "307001/000001", "停车场甲", sharing="不予共享" if event == "withdrawn" else SHARED)
        made.publish()
        wanted.append(event)
        assert [version.event for version in made.record("307001/000001").versions] == wanted[::-1]
        made.put("b", "307001/000002", f"停车场{len(wanted)}")
        made.publish()
        assert [item.event for item in read_history(made.site) if item.code == "307001/000001"] == wanted
    # A copy of it tells nothing that it did not.
    made.put("b", "307001/000002", "停车场乙")
    made.publish(previous=(str(made.site), str(made.site / "history.jsonl")))
    assert [item.event for item in read_history(made.site) if item.code == "307001/000001"] == wanted


HALF = r'{"date": "2026-01-05", "event": "withdrawn", "code": "307001/000009", "title": "\ud800"}'


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"date": "gestern", "event": "published", "code": "a"}', '{"event": "published"}', "\xff", HALF]
)
def test_a_damaged_history_is_refused_with_its_line(text: str, made: Directory, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"\n" + text.encode("latin-1") + b"\n")
    with pytest.raises(PublishError) as raised:
        made.publish(previous=(str(path),))
    assert (raised.value.key, raised.value.arguments["line"]) == ("history-form", 2)
    assert not made.site.exists()


def test_where_only_the_entry_is_published_no_file_is_named(made: Directory) -> None:
    keys = """\
  - 文件: 收费.csv
    信息项:
      - {名称: 编号, 类型: C, 外键: {资源: 数据.csv, 信息项: 编号}}
      - {名称: 乙, 类型: C, 外键: {数据集: 307001/000002, 资源: 数据.csv, 信息项: 编号}}
    外键:
      - {信息项: [编号], 引用: {资源: 数据.csv, 信息项: [编号]}}
      - {信息项: [乙], 引用: {数据集: 307001/000002, 资源: 数据.csv, 信息项: [编号]}}
"""
    folder = made.put("a", "307001/000001", "停车场甲", more=keys)
    (folder / "收费.csv").write_text("编号,乙\n000001,000002\n", encoding="utf-8")
    entry = folder / "entry.yaml"
    entry.write_text(entry.read_text(encoding="utf-8").replace("无条件开放", "有条件开放"), encoding="utf-8")
    made.publish()
    place = made.site / dataset_folder("307001/000001") / "index.json"
    assert ".csv" not in place.read_text(encoding="utf-8")
    (_, other) = made.record("307001/000001").resources
    assert [item.references for item in other.items] == ["", "307001/000002"]


def test_each_resource_has_a_key_of_its_own(made: Directory) -> None:
    """A file may be called as the link is, and without files two resources may have one title or none."""
    service = "  - {文件: service, 格式: csv}\nservice: {url: 'https://api.example.org/x', type: API}\n"
    folder = made.put("a", "307001/000001", "停车场甲", more=service)
    (folder / "service").write_text("编号\n000001\n", encoding="utf-8")
    made.publish()
    assert [item.key for item in made.record("307001/000001").resources] == ["数据.csv", "service", "service#2"]
    entry = folder / "entry.yaml"
    entry.write_text(entry.read_text(encoding="utf-8").replace("无条件开放", "有条件开放"), encoding="utf-8")
    made.publish()
    assert [item.key for item in made.record("307001/000001").resources] == ["CSV", "CSV#2", "service"]


def test_two_datasets_of_one_code_are_not_published(made: Directory) -> None:
    made.put("d", "307001/000001", "停车场丁")
    plan, _ = made.publish()
    assert [change.action for change in plan.changes if change.code == "307001/000001"] == ["refused", "refused"]


@pytest.mark.parametrize("name", ["0", "z"])
def test_of_two_datasets_of_one_code_one_that_the_gate_refuses_withdraws_what_is_there(name: str, made: Directory) -> None:
    made.publish()
    made.put(name, "307001/000001", "停车场丁", sharing="不予共享")
    plan, outcome = made.publish()
    assert sorted(change.action for change in plan.changes if change.code == "307001/000001") == ["refused", "withdraw"]
    assert outcome is not None
    assert made.record("307001/000001").state == "withdrawn"
    assert made.publish()[1] is None, "done once"


@pytest.mark.parametrize("code", ["29000/01300008", "甲/乙", "x" * 200, "Abc/1", "../../etc", "con", 'a b?c*|<>:"\\'])
def test_any_code_has_a_folder(code: str, made: Directory) -> None:
    made.put("d", json.dumps(code)[1:-1], "停车场丁")
    made.publish()
    folder = dataset_folder(code)
    inside = (made.site / folder).resolve()
    if actions(made.plan())[code] == "keep":
        assert inside.is_relative_to(made.site.resolve() / "datasets")
        assert made.record(code).code == code


@pytest.mark.parametrize("code", ["con", "NUL", "com1", "aux"])
def test_no_folder_or_page_has_the_name_of_a_device_of_windows(code: str) -> None:
    paths = [dataset_folder(code), places.standard(code), places.code_list(code), *map(places.rule, read_library().rules)]
    assert not [part for path in paths for part in path.split("/") if DEVICE.match(part)]


def test_codes_that_differ_by_case_have_folders_that_differ_otherwise() -> None:
    folders = [dataset_folder(code).lower() for code in ("abc", "ABC", "Abc", "a-bc", "a/bc", "é", "e\u0301")]
    assert len(set(folders)) == len(folders)


def test_formats_whose_small_letters_are_the_same_have_folders_of_their_own() -> None:
    codes = ("KML", "\u212aML", "\u00c5", "\u212b", "\u0398", "\u03f4", "\u0130", "I")
    folders = [facets.folder("formats", code) for code in codes]
    assert len({folder.lower() for folder in folders}) == len(codes)
    assert folders[0] == "formats/kml"


def test_events_are_what_the_standard_library_reads(tmp_path: Path) -> None:
    told = {"date": "2026-01-05", "event": "published", "code": "307001/000001", "title": "停车场"}
    others = [
        told,
        {**told, "code": 10**21},
        {**told, "title": None, "publisher": False},
        {**told, "new": [1]},
    ]
    lines = ["\ufeff" + json.dumps(told), *map(json.dumps, others), json.dumps(told)[:-1] + ', "title": "后"}']
    (tmp_path / "history.jsonl").write_text("\n\n".join(lines), encoding="utf-8")
    found = read_history(tmp_path)
    assert [event.code for event in found] == ["307001/000001"] * 2 + [str(10**21)] + ["307001/000001"] * 3
    assert [event.title for event in found] == ["停车场", "停车场", "停车场", "", "停车场", "后"]
    assert {event.publisher for event in found} == {""}


def test_own_templates_are_looked_over_before_anything_is_built(made: Directory) -> None:
    made.put("a", "307001/000001")
    folder = made.path / "templates"
    folder.mkdir()
    (folder / "tombstone.html").write_text("{{ nothing }}", encoding="utf-8")
    with (made.path / "govdata.toml").open("a", encoding="utf-8") as file:
        file.write(f'[targets.site.own]\npath = {str(made.site)!r}\nzone = "internet"\ntemplates = "templates"\n')
    with pytest.raises(PublishError, match="site-template"), open_publication("site:own", made.path, "en", Asked(), writes=False) as run:
        run.plan()
    assert not made.site.exists()
