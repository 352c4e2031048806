"""Publishing to a real CKAN: with our plugin and form, and to one as it comes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.targets.browsing import logged_in
from tests.targets.conftest import Refused, stack
from tests.targets.publishing import PROVIDER, Directory

pytestmark = pytest.mark.service


@pytest.fixture
def directory(tmp_path: Path, site: Any) -> Iterator[Directory]:
    """Two datasets, not published yet."""
    made = Directory(tmp_path / "dir", site)
    made.write(1)
    made.write(2)
    yield made
    made.clear()


def moments(directory: Directory, *numbers: int) -> list[str]:
    """When datasets were last modified."""
    return [directory.show(number)["metadata_modified"] for number in numbers]


def test_ten_runs_give_one_state_and_only_the_first_writes(directory: Directory) -> None:
    assert directory.actions() == {"000001": "create", "000002": "create"}
    directory.publish()
    first = [directory.show(number) for number in (1, 2)]
    steps = directory.steps()
    assert (first[0]["title"], first[0]["private"], first[0]["state"]) == ("停车场1", False, "active")
    assert [tag["name"] for tag in first[0]["tags"]] == ["停车", "泊位"]
    assert directory.rows(1) == 3
    assert directory.actions() == {"000001": "keep", "000002": "keep"}
    for _ in range(9):
        directory.publish()
    assert [directory.show(number) for number in (1, 2)] == first
    assert directory.steps() == steps
    assert directory.plan()["counts"] == {"keep": 2}


def test_what_changed_is_told_field_by_field_and_written_once(directory: Directory) -> None:
    directory.publish()
    ids = [resource["id"] for resource in directory.show(1)["resources"]]
    directory.write(1, rows=5, title="停车场和车库")
    (change,) = [change for change in directory.plan()["changes"] if change["action"] == "update"]
    told = {item["field"]: (item["old"], item["new"]) for item in change["differences"]}
    assert told["title"] == ("停车场1", "停车场和车库")
    assert [(load["file"], load["table"]) for load in change["loads"]] == [(True, True)]
    before = moments(directory, 2)
    directory.publish()
    assert (directory.show(1)["title"], directory.rows(1)) == ("停车场和车库", 5)
    assert moments(directory, 2) == before
    assert directory.plan()["counts"] == {"keep": 2}
    if directory.plan()["target"]["way"] == "plugin":
        assert [resource["id"] for resource in directory.show(1)["resources"]] == ids
    else:
        with pytest.raises(Refused):
            directory.site.call("datastore_search", {"resource_id": ids[0]}, anonymous=True)


def test_what_our_form_will_not_take_is_foreseen_by_the_plan(directory: Directory) -> None:
    """A data package may say who provides it, and still lack what the form requires of an entry."""
    place = directory.path / "package"
    place.mkdir()
    (place / "lines.csv").write_text("line,name\n1,First\n", encoding="utf-8")
    fields = [{"name": name, "type": "string"} for name in ("line", "name")]
    resource = {"name": "lines", "path": "lines.csv", "format": "csv", "schema": {"fields": fields}}
    publisher = {"name": "云间区建设和管理委员会", "code": PROVIDER}
    told = {"name": f"lines-{directory.mark}", "title": "公交线路", "publisher": publisher, "resources": [resource]}
    told |= {"sharing": {"type": "unconditional"}, "opening": {"open": True, "type": "open"}, "securityLevel": "general"}
    (place / "datapackage.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    (change,) = [change for change in directory.plan()["changes"] if change["path"] == "package"]
    if not directory.plan()["target"]["form"]:
        assert change["action"] == "create"
        directory.publish()
        assert directory.site.call("package_show", {"id": change["name"]})["title"] == "公交线路"
        return
    assert change["action"] == "refused"
    assert "Update cycle" in next(reason["message"] for reason in change["reasons"] if reason["rule"] == "publish/form-field-missing")
    directory.publish(code=1)
    assert directory.plan()["counts"] == {"keep": 2, "refused": 1}


def test_a_dataset_of_somebody_else_is_a_conflict(directory: Directory, tmp_path: Path) -> None:
    other = Directory(tmp_path / "other", directory.site, mark=directory.mark)
    other.write(1, title="别人的")
    try:
        other.publish()
        theirs = other.show(1)
        assert directory.actions() == {"000001": "conflict", "000002": "create"}
        printed = directory.publish(code=3)
        assert other.id in printed
        assert other.show(1) == theirs
        assert directory.actions() == {"000001": "conflict", "000002": "keep"}
        (change,) = [change for change in directory.plan("--take-over")["changes"] if change["action"] == "update"]
        assert {"field": "title", "old": "别人的", "new": "停车场1"} in change["differences"]
        directory.publish("--take-over")
        assert (directory.show(1)["id"], directory.show(1)["title"]) == (theirs["id"], "停车场1")
        assert directory.plan()["counts"] == {"keep": 2}
        assert other.actions() == {"000001": "conflict"}
    finally:
        other.clear()


def test_gone_is_withdrawn_then_deleted_only_when_asked_and_comes_back(directory: Directory) -> None:
    directory.publish()
    (resource,) = directory.show(1)["resources"]
    identity = directory.show(1)["id"]
    directory.remove(1)
    assert directory.actions("--only", directory.code(2)) == {"000002": "keep"}
    assert directory.actions() == {"000002": "keep", "000001": "withdraw"}
    directory.publish()
    withdrawn = directory.show(1)
    assert (withdrawn["private"], withdrawn["resources"]) == (True, [])
    for ask in ({"resource_id": resource["id"]},):
        with pytest.raises(Refused):
            directory.site.call("datastore_search", ask, anonymous=True)
    assert directory.site.page(resource["url"].removeprefix(directory.site.url))[0] in (403, 404)
    assert directory.actions() == {"000002": "keep", "000001": "keep"}
    directory.publish()
    assert directory.show(1)["state"] == "active"
    directory.publish("--max-delete", "1")
    assert directory.show(1)["state"] == "deleted"
    assert directory.plan()["counts"] == {"keep": 1}
    directory.write(1, rows=4)
    assert directory.actions()["000001"] == "restore"
    directory.publish()
    back = directory.show(1)
    assert (back["id"], back["state"], back["private"]) == (identity, "active", False)
    assert directory.rows(1) == 4
    assert directory.plan()["counts"] == {"keep": 2}


def test_more_deletes_than_allowed_are_none(directory: Directory) -> None:
    directory.publish()
    directory.write(3)
    for number in (1, 2):
        directory.remove(number)
    directory.publish()
    directory.publish("--max-delete", "1", code=3)
    assert [directory.show(number)["state"] for number in (1, 2)] == ["active", "active"]
    directory.publish("--max-delete", "2")
    assert [directory.show(number)["state"] for number in (1, 2)] == ["deleted", "deleted"]


def test_stricter_sharing_takes_the_data_away_first(directory: Directory) -> None:
    directory.publish()
    (resource,) = directory.show(1)["resources"]
    directory.write(1, sharing="有条件共享")
    assert directory.actions()["000001"] == "update"
    kinds = len(list(directory.journal()))
    printed = directory.publish()
    after = [record["kind"] for record in list(directory.journal())[kinds:] if record["event"] == "begin"]
    assert after.index("remove-table") < after.index("clear") < after.index("revise")
    assert directory.show(1)["resources"] == []
    assert not directory.show(1)["private"]
    with pytest.raises(Refused):
        directory.site.call("datastore_search", {"resource_id": resource["id"]}, anonymous=True)
    assert directory.site.page(resource["url"].removeprefix(directory.site.url))[0] in (403, 404)
    assert directory.plan()["counts"] == {"keep": 2}, printed
    directory.write(1, sharing="不予共享")
    assert directory.actions()["000001"] == "withdraw"
    directory.publish(code=1)
    assert directory.show(1)["private"]
    assert directory.actions()["000001"] == "refused"


def test_renames_of_file_title_and_code_keep_the_dataset(directory: Directory) -> None:
    directory.publish()
    before = directory.show(1)
    place = directory.write(1, title="新的名称", file="parking.csv")
    (place / "停车场.csv").unlink()
    directory.publish()
    renamed = directory.show(1)
    assert (renamed["id"], renamed["title"]) == (before["id"], "新的名称")
    assert [item["id"] for item in renamed["resources"]] == [item["id"] for item in before["resources"]]
    assert renamed["resources"][0]["govdata_key"] == "parking.csv"
    directory.write(1, title="新的名称", file="parking.csv", code=directory.code(9))
    assert directory.actions() == {"000009": "update", "000002": "keep"}
    directory.publish()
    moved = directory.site.call("package_show", {"id": before["id"]})
    assert (moved["name"], moved["state"]) == (directory.name(9), "active")
    assert directory.plan()["counts"] == {"keep": 2}


def test_one_with_errors_stays_as_it_was(directory: Directory) -> None:
    directory.publish()
    before = moments(directory, 1)
    place = directory.write(1, rows=9, title="有错的")
    with (place / "停车场.csv").open("a", encoding="utf-8") as file:
        file.write("000010,,很多\n")
    assert directory.actions()["000001"] == "held"
    directory.publish(code=1)
    assert moments(directory, 1) == before
    assert directory.rows(1) == 3


def test_a_saved_plan_is_applied_once_and_refused_when_something_moved(directory: Directory, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    report = tmp_path / "plan.md"
    done = directory.run("--plan", str(plan), "--plan", str(report), "--exit-code")
    assert done.returncode == 5, done.stderr
    assert not list((directory.path / ".govdata").rglob("*.jsonl"))
    assert directory.code(1) in report.read_text(encoding="utf-8")
    directory.publish("--apply", str(plan))
    directory.publish("--apply", str(plan))
    assert directory.plan()["counts"] == {"keep": 2}
    directory.write(1, title="改过的")
    directory.run("--plan", str(plan))
    directory.write(1, title="又改了")
    assert "1" in directory.publish("--apply", str(plan), code=3)
    directory.write(1, title="改过的")
    directory.site.call("package_patch", {"id": directory.name(1), "notes": "有人在网站上改的"})
    directory.publish("--apply", str(plan), code=3)
    assert directory.show(1)["title"] == "停车场1"
    told = json.loads(plan.read_text(encoding="utf-8"))
    told["changes"][0]["title"] = "骗人的"
    plan.write_text(json.dumps(told), encoding="utf-8")
    directory.publish("--apply", str(plan), code=3)


def test_a_hand_edit_is_drift_that_the_plan_shows(directory: Directory) -> None:
    directory.publish()
    directory.site.call("package_patch", {"id": directory.name(1), "title": "手工改的"})
    done = directory.run("--check")
    assert done.returncode == 5
    assert "手工改的" in done.stdout
    directory.publish()
    assert directory.show(1)["title"] == "停车场1"
    assert directory.plan()["counts"] == {"keep": 2}


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_saved_as_it_is_changes_nothing(sites: Mapping[str, Any], tmp_path: Path, scripts: bool) -> None:
    """With JavaScript or without; a browser ends lines by `\\r\\n`."""
    directory = Directory(tmp_path / "dir", sites["govdata"])
    entry = directory.write(1) / "entry.yaml"
    told = entry.read_text(encoding="utf-8").replace("电话: 021-00001004}", "电话: 021-00001004, 邮箱: open@example.org}")
    told = told.replace("信息资源摘要: 停车场1的名称和泊位数", 'landingPage: https://example.org/x\n信息资源摘要: "甲\\n\\n乙"')
    entry.write_text(told, encoding="utf-8")
    try:
        directory.publish()
        before = directory.show(1)
        with logged_in(directory.site, scripts) as browser:
            browser.save(f"/dataset/edit/{directory.name(1)}", "publisher_code")
            resource = before["resources"][0]["id"]
            browser.save(f"/dataset/{directory.name(1)}/resource/{resource}/edit", "govdata_sha256", ("save", "go-metadata"))
        after = directory.show(1)
        assert after["metadata_modified"] > before["metadata_modified"]
        kept = ("author", "license_id", "url", "maintainer_email", "publisher_code", "tags", "govdata_digest")
        assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
        assert directory.plan()["counts"] == {"keep": 1}
    finally:
        directory.clear()


@pytest.mark.parametrize("file", [True, False])
def test_a_file_that_somebody_replaced_is_put_back(directory: Directory, file: bool) -> None:
    """By another, or by a link: our mark of ours stays with it."""
    directory.publish()
    resource = directory.show(1)["resources"][0]
    if file:
        whole = {"id": resource["id"]}
        headers = {"Authorization": directory.site.token}
        url = f"{directory.site.url}/api/3/action/resource_patch"
        files = {"upload": ("theirs.csv", b"theirs\n")}
        assert httpx.post(url, data=whole, files=files, headers=headers, timeout=60, trust_env=False).status_code == 200
    else:
        directory.site.call("resource_patch", {"id": resource["id"], "url": "https://example.org/theirs.csv", "clear_upload": True})
    assert directory.actions() == {"000001": "update", "000002": "keep"}
    directory.publish()
    url = directory.show(1)["resources"][0]["url"]
    ours = (directory.path / "d1" / "停车场.csv").read_text(encoding="utf-8")
    assert directory.site.page(url.removeprefix(directory.site.url)) == (200, ours)
    assert directory.plan()["counts"] == {"keep": 2}


def test_a_dataset_deleted_on_the_site_comes_back(directory: Directory) -> None:
    directory.publish()
    directory.site.call("package_delete", {"id": directory.name(1)})
    assert directory.actions()["000001"] == "restore"
    directory.publish()
    assert directory.show(1)["state"] == "active"
    assert directory.plan()["counts"] == {"keep": 2}


def test_two_publishers_at_once_give_one_state(directory: Directory, tmp_path: Path) -> None:
    other = Directory(tmp_path / "copy", directory.site, directory.id, mark=directory.mark)
    for number in (1, 2):
        other.write(number)
    running = [one.start("--yes") for one in (directory, other)]
    with ThreadPoolExecutor(2) as pool:  # what they say is read while they run: a full pipe would hold both for ever
        list(pool.map(lambda process: process.communicate(timeout=300), running))
    codes = [process.returncode for process in running]
    assert set(codes) <= {0, 3, 4}, codes
    directory.publish()
    assert directory.plan()["counts"] == {"keep": 2}
    assert other.plan()["counts"] == {"keep": 2}
    assert len(directory.found()) == 2
    assert [directory.rows(number) for number in (1, 2)] == [3, 3]


def test_a_run_waits_for_nobody(directory: Directory) -> None:
    from govdata.publishing.journal import open_journal

    with open_journal(directory.path, "ckan:test"):
        done = directory.run("--yes")
    assert done.returncode == 3
    assert "Another run" in done.stderr


@pytest.mark.parametrize("scene", ["create", "update", "withdraw"])
def test_killed_after_each_step_it_goes_on(tmp_path: Path, site: Any, scene: str) -> None:
    directory = Directory(tmp_path / "dir", site)
    directory.write(1)
    directory.write(2, sharing="有条件共享")
    try:
        if scene != "create":
            directory.publish()
        finished = False
        for after in range(1, 60):
            if scene == "create":
                directory.clear()
            elif scene == "update":
                directory.write(1, rows=3 + after, title=f"停车场 {after}")
            else:
                directory.write(1)
                directory.publish()
                directory.remove(1)
            process = directory.start("--yes", "--jobs", "1", kill_after=after)
            told = process.communicate(timeout=300)[1]
            assert process.returncode in (-9, 0), f"{after}: {told}"
            printed = directory.publish()
            expected = {"keep": 2}
            assert directory.plan()["counts"] == expected, f"{after}: {printed}"
            if scene == "withdraw":
                assert directory.show(1)["private"]
            else:
                assert directory.rows(1) == (3 if scene == "create" else 3 + after), after
            if process.returncode == 0:
                finished = True
                break
        assert finished
        assert_no_litter(directory)
    finally:
        directory.clear()


def assert_no_litter(directory: Directory) -> None:
    """No shadow is left of any run, and nothing of the directory is on the site twice."""
    holding = f"govdata-shadows-{directory.organisation}"
    try:
        shadows = directory.site.call("package_show", {"id": holding})["resources"]
    except Refused:
        shadows = []
    runs = {record["run"] for record in directory.journal()}
    assert [item for item in shadows if item.get("govdata_run") in runs] == []
    names = [package["name"] for package in directory.found()]
    assert len(names) == len(set(names))


def test_the_demo_publishes_with_one_command(tmp_path: Path, site: Any) -> None:
    directory = Directory(tmp_path / "dir", site)
    toml = (directory.path / "govdata.toml").read_text(encoding="utf-8")
    subprocess.run(["cp", "-r", "catalog/demo/right/.", str(directory.path)], check=True)
    demo = (directory.path / "govdata.toml").read_text(encoding="utf-8")
    kept = "\n".join(line for line in demo.splitlines() if not line.startswith("directory"))
    first, _, rest = toml.partition("\n")
    (directory.path / "govdata.toml").write_text(f"{first}\n{kept}\n{rest}", encoding="utf-8")
    try:
        directory.publish(code=1)
        # Our form asks for an update cycle and a date, of which the package of the buses tells nothing.
        wanted = {"stock": {"keep": 10, "refused": 1}, "govdata": {"keep": 9, "refused": 2}}
        assert directory.plan()["counts"] == wanted[site.name]
    finally:
        directory.clear()


def test_an_editor_of_the_organisation_may_publish(directory: Directory, tmp_path: Path) -> None:
    """A token that may neither choose ids nor make organisations."""
    directory.publish()
    site, name = directory.site, f"editor-{directory.mark}"
    site.call("user_create", {"name": name, "email": f"{name}@example.org", "password": directory.id})
    site.call("organization_member_create", {"id": directory.organisation, "username": name, "role": "editor"})
    token = site.call("api_token_create", {"user": name, "name": "test"})["token"]
    own = Directory(tmp_path / "own", site, token=token)
    own.write(1)
    try:
        own.publish()
        assert (own.plan()["counts"], own.rows(1)) == ({"keep": 1}, 3)
        own.write(1, rows=5)
        own.write(2)
        own.publish()
        assert (own.plan()["counts"], own.rows(1)) == ({"keep": 2}, 5)
        own.remove(1)
        own.publish()
        assert own.show(2)["private"] is False
        assert site.call("package_show", {"id": own.name(1)})["private"] is True
    finally:
        own.clear()
        site.call("user_delete", {"id": name})


def test_a_token_that_was_revoked_plans_nothing(directory: Directory) -> None:
    directory.publish()
    directory.token = "revoked"
    done = directory.run("--check")
    assert (done.returncode, done.stdout) == (3, "")
    assert "does not know the token in GOVDATA_TOKEN_TEST" in done.stderr
    directory.token = ""


def test_a_file_that_is_declared_twice_is_two_resources_with_a_table_each(directory: Directory) -> None:
    entry = directory.path / "d1" / "entry.yaml"
    head, resources, declared = entry.read_text(encoding="utf-8").partition("资源:\n")
    entry.write_text(head + resources + declared + declared.replace("类型: C, 长度: 6", "类型: I"), encoding="utf-8")
    directory.publish()
    found = [directory.site.call("datastore_search", {"resource_id": item["id"], "limit": 1}) for item in directory.show(1)["resources"]]
    assert [table["records"][0]["id"] for table in found] == ["000001", 1]
    assert directory.actions() == {"000001": "keep", "000002": "keep"}


def test_our_plugin_without_our_form_takes_lists_as_texts(sites: Mapping[str, Any], tmp_path: Path) -> None:
    directory = Directory(tmp_path / "dir", sites["govdata"])
    entry = directory.write(1) / "entry.yaml"
    entry.write_text(entry.read_text(encoding="utf-8") + "语种: '[中文'\n", encoding="utf-8")
    stack("restart", "govdata", "--plugins", "govdata=datastore dcat govdata")
    try:
        directory.publish()
        assert directory.actions() == {"000001": "keep"}
    finally:
        directory.clear()
        stack("restart", "govdata", "--plugins", "govdata=datastore scheming_datasets dcat govdata")
