"""The local page in a real browser: files, form, keyboard, screen reader, another site, two tabs. Fails where a tool is missing."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from govdata.ui.sessions import Limits
from tests.browsers import find_browser, with_modules
from tests.ui.server import ENTRY, FILES, TABLE, running

pytestmark = pytest.mark.service

HERE = Path(__file__).parent
LARGE = 200 << 20


@pytest.fixture(scope="module")
def browser() -> str:
    return find_browser()


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script beside its modules, installed as the lock says, outside the source tree."""
    return with_modules(tmp_path_factory.mktemp("browser"), HERE.parent / "targets", HERE / "browser.mjs") / "browser.mjs"


def dataset(folder: Path) -> str:
    """The example's files in a folder."""
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name.partition("/")[2]).write_bytes(data)
    return str(folder)


@pytest.fixture(scope="module")
def found(browser: str, script: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser found."""
    folder = tmp_path_factory.mktemp("data")
    hostile = folder / "100%,a:b <img src=x onerror=alert(1)> \u202e表😀"
    dataset(hostile)
    (hostile / "a\nb.csv").write_text(TABLE, encoding="utf-8")
    (folder / "单表.csv").write_text(TABLE, encoding="utf-8")
    with (folder / "大.csv").open("wb") as file:
        file.truncate(LARGE)
    names = ("停车场", "read", "own", "shared")
    given: dict[str, Any] = {name: dataset(folder / name) for name in names}
    given |= {"folder": given["停车场"], "table": str(folder / "单表.csv"), "hostile": str(hostile), "large": str(folder / "大.csv")}
    for name in ("moving", "garbled"):
        (folder / name).mkdir()
        given[name] = str(folder / name)
    with open(os.fsencode(folder / "garbled") + b"/\xb1\xed.csv", "w", encoding="utf-8") as file:  # GB 18030, as old archives unpack
        file.write(TABLE)
    session = tmp_path_factory.mktemp("session")
    with running(session, Limits(file=100 << 20)) as page:
        origin = f"http://127.0.0.1:{page.port}"
        given |= {"origin": origin, "address": f"{origin}/zh-CN/#token={page.session.token}"}
        given["once"] = f"{origin}/zh-CN/#once={page.session.one_use()}"
        (folder / "case.json").write_text(json.dumps(given), encoding="utf-8")
        command = ["node", str(script), browser, str(folder / "case.json")]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert {name: case["failed"] for name, case in told.items() if isinstance(case, dict) and "failed" in case} == {}
    told["files"] = {name: (Path(given[name]) / "entry.yaml").read_text("utf-8") for name in ("own", "shared", "read")}
    return told


def test_nothing_is_asked_of_anyone_else_and_nothing_complains(found: dict[str, Any]) -> None:
    assert (found["requests"], found["console"]) == ([], [])


def test_no_violation_in_any_state_language_or_scheme(found: dict[str, Any]) -> None:
    case = found["accessibility"]
    assert case["violations"] == []
    assert case["rules"] > 20  # the audit really ran
    assert case["unlabelled"] == 0
    assert max(case["overflow"]) <= 0


def test_folders_and_files_are_dropped_and_chosen(found: dict[str, Any]) -> None:
    case = found["dropping"]
    assert case["folder"][0] == "检查没有通过"
    assert case["folder"][1] == case["chosen"]
    assert case["report"] == "数据检查报告"
    assert case["frame"]  # the report has no scroll bar of its own
    assert "entry.yaml" in case["none"]
    assert case["partly"][0] == "检查通过"
    assert "未检查的内容" in case["partly"][1]


def test_an_entry_is_edited_checked_and_downloaded(found: dict[str, Any]) -> None:
    case = found["editing"]
    assert case["wrong"] > 0
    assert case["led"]["tag"] == "TEXTAREA"
    assert case["before"] != case["after"]
    assert "已恢复" in case["live"]
    assert case["unsaved"]
    assert "注释" in case["notes"]
    assert case["name"] == "entry.yaml"
    lines = (
        ENTRY.replace("更新周期: 每月", "更新周期: 每年").replace("共享属性:", "信息资源摘要: 名称、地址和泊位数\n共享属性:").splitlines()
    )
    assert case["entry"].splitlines() == [*lines[:-2], lines[-1], lines[-2], "      - {名称: 地址}"]
    assert case["report"] > 10_000


def test_the_keyboard_is_enough(found: dict[str, Any]) -> None:
    case = found["keyboard"]
    assert case["skip"]["tag"] == "A"
    assert min(case["steps"]) >= 0
    assert case["refused"][0]["id"] == "path"
    assert "/nothing/here" in case["refused"][1]
    assert case["refused"][2] == "true"
    assert case["landed"]["id"] == case["saved"]["id"] == "result-title"
    assert case["tab"]["id"] == "tab-entry"
    assert case["field"]["tag"] == "TEXTAREA"
    assert case["outline"] == "solid"
    assert "信息资源摘要: 用键盘填写的摘要" in found["files"]["own"]


def test_another_site_gets_and_does_nothing(found: dict[str, Any]) -> None:
    case = found["foreign"]
    assert {name: said for name, said in case["tries"].items() if not said.startswith("refused") and said != "0"} == {}
    assert not case["inside"]
    assert "没有" in case["posted"] or "已拒绝" in case["posted"]


def test_of_two_tabs_none_overwrites_the_other(found: dict[str, Any]) -> None:
    case = found["tabs"]
    assert "entry.yaml" in case["refused"]
    assert case["kept"] == "第二个窗口的名称"  # what was typed is still there
    assert "第一个窗口的名称" in found["files"]["shared"]


def test_the_language_changes_with_everything_kept(found: dict[str, Any]) -> None:
    case = found["languages"]
    assert (case["zh"], case["en"]) == ("数据检查报告", ["The check did not pass", "Data check report", "en"])
    assert case["again"] == "The check did not pass"
    assert "#" not in case["address"]
    assert "#" not in case["hash"]
    assert case["without"]
    assert case["old"]


def test_what_was_only_read_is_unchanged(found: dict[str, Any]) -> None:
    assert found["files"]["read"] == ENTRY


def test_hostile_names_and_large_files(found: dict[str, Any]) -> None:
    case = found["hostile"]
    assert case["state"] == ["检查没有通过", 0]
    assert "100%" in case["report"]
    assert "大.csv" in case["large"][0]
    assert case["large"][1]


def test_files_that_are_gone_are_told_and_a_part_is_never_checked(found: dict[str, Any]) -> None:
    case = found["unlucky"]
    assert [words.partition("读不出来")[0] for words in case["told"]] == ["“二.csv”", "“二.csv”", "“空.csv”"]
    assert case["left"] == [None] * 3
    assert "读不出来" in case["garbled"]
    assert "没有全部读入" in case["reloaded"]
    assert not case["again"]


def test_the_marked_workbook_comes_beside_a_form_that_is_not_saved(found: dict[str, Any]) -> None:
    assert found["marking"] == {"asked": 0, "name": "停车场.csv.标注.xlsx", "typed": "没有保存"}


def test_back_does_not_lead_to_the_report_of_an_earlier_check(found: dict[str, Any]) -> None:
    assert found["history"]["after"] == found["history"]["before"]
