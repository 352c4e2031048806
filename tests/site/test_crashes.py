"""A build that is killed at any of its steps, or cannot write: the site is the old or the new one, whole, and the next run completes it."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import PublishError
from govdata.publishing.site import output, switching
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.documents import load
from govdata.publishing.site.output import folders_of, locked
from tests.site.directories import Directory, actions, contents, directory, stamps

STEPS = ("rename", "replace", "link", "unlink", "mkdir", "rmdir")
"""Functions of `os` before each call of which a child may be killed."""

WIDE = 6
"""Of so many steps one, as long as the old site is not touched."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")


@pytest.fixture
def made(tmp_path: Path) -> Directory:
    """A site of three datasets, of which one has changed since, one is gone and one is new."""
    found = directory(tmp_path)
    for name, code in (("a", "307001/000001"), ("b", "307001/000002"), ("c", "307001/000003")):
        found.put(name, code, f"停车场{name}")
    found.publish()
    (found.site / "CNAME").write_text("open.example.org\n", encoding="utf-8")
    (found.site / ".well-known").mkdir()
    (found.site / ".well-known" / "security.txt").write_text("Contact: x\n", encoding="utf-8")
    found.put("a", "307001/000001", "停车场甲")
    for path in (found.path / "b").iterdir():
        path.unlink()
    found.put("d", "307001/000004", "停车场丁")
    return found


def killed(made: Directory, step: int) -> bool:
    """Publish in a child that is killed at a step; whether it was, before it had ended."""
    child = os.fork()
    if child == 0:
        try:
            count = 0

            def counted(function: Callable[..., Any]) -> Callable[..., Any]:
                def call(*given: Any, **more: Any) -> Any:
                    nonlocal count
                    # Only what is done where the site is: the check has folders of its own.
                    if any(str(made.site.parent) in str(path) and "/directory" not in str(path) for path in given):
                        count += 1
                        if count == step:
                            os.kill(os.getpid(), signal.SIGKILL)
                    return function(*given, **more)

                return call

            for name in STEPS:
                setattr(os, name, counted(getattr(os, name)))
            tempfile.tempdir = os.environ["TMPDIR"]  # that of the run, which is removed with what is left there
            made.publish()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def finished(made: Directory, tmp_path: Path) -> dict[str, str]:
    """What the site is to be in the end: built once in a copy."""
    copy = Directory(made.path, tmp_path / "copy" / "public")
    shutil.copytree(made.site, copy.site)
    copy.publish()
    return without_mark(contents(copy.site))


def without_mark(found: dict[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in found.items() if path != output.FOLDER + ".json"}


@pytest.mark.parametrize("exchanged", [True, False])
def test_killed_at_any_step_old_or_new_is_whole(exchanged: bool, made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not exchanged:
        monkeypatch.setattr(switching, "_exchange", lambda one, other: False)
    old, new = without_mark(contents(made.site)), finished(made, tmp_path)
    shutil.copytree(made.site, tmp_path / "before")
    aside = {path for path in old if path.startswith((".well-known", "CNAME"))}
    sites = {"old": own(old, aside), "new": own(new, aside)}
    seen = set()
    for step in steps(made):
        found = own(without_mark(contents(output.current(folders_of(made.site)))), aside)
        seen.add(next(name for name, site in sites.items() if site == found))
        made.publish()
        assert without_mark(contents(made.site)) == new, step
        assert sorted(path.name for path in made.site.parent.iterdir() if path.name.startswith(".")) == [], step
        shutil.rmtree(made.site)
        shutil.copytree(tmp_path / "before", made.site)
    assert seen == {"old", "new"}


def own(found: dict[str, str], aside: set[str]) -> dict[str, str]:
    return {path: digest for path, digest in found.items() if path not in aside}


def steps(made: Directory) -> Iterator[int]:
    """The steps at which a build was killed: some of those while it is put together, all while it takes the place of the old one."""
    step, found = 1, False
    while killed(made, step):
        if folders_of(made.site).intent.exists() and not found:
            # From the first of these on; the site is put back by whoever asks for the steps.
            found, step = True, step - WIDE
        yield step
        step += 1 if found else WIDE
    assert found
    assert step > 20


def test_killed_inside_a_mount_point_the_next_run_completes(made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = finished(made, tmp_path)
    monkeypatch.setattr(output, "_is_mount", lambda site: True)
    shutil.copytree(made.site, tmp_path / "before")
    for step in steps(made):
        for path in made.site.rglob("datasets/*/*/index.json"):
            load(path)
        made.publish()
        assert without_mark(contents(made.site)) == new, step
        shutil.rmtree(made.site)
        shutil.copytree(tmp_path / "before", made.site)


def test_killed_inside_a_mount_point_and_then_changed_back(made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state still tells of the old content when the file is of the new one already."""
    monkeypatch.setattr(output, "_is_mount", lambda site: True)
    shutil.copytree(made.site, tmp_path / "before")
    for step in steps(made):
        made.put("a", "307001/000001", "停车场a")
        made.put("b", "307001/000002", "停车场b")
        shutil.rmtree(made.path / "d")
        made.publish()
        assert [made.record(code).title for code in ("307001/000001", "307001/000002")] == ["停车场a", "停车场b"], step
        assert {made.record(f"307001/00000{number}").state for number in (1, 2, 3)} == {"published"}, step
        new = made.site / dataset_folder("307001/000004") / "index.json"
        assert not new.exists() or load(new).state == "withdrawn", step
        assert made.publish()[1] is None, step
        shutil.rmtree(made.site)
        shutil.copytree(tmp_path / "before", made.site)
        made.put("a", "307001/000001", "停车场甲")
        made.put("d", "307001/000004", "停车场丁")
        for path in (made.path / "b").iterdir():
            path.unlink()


def test_what_is_not_ours_goes_along_and_is_told(made: Directory) -> None:
    (made.site / ".git" / "objects").mkdir(parents=True)
    (made.site / ".git" / "objects" / "x").write_text("x", encoding="utf-8")
    inside = next(made.site.rglob("index.json")).parent / "note.txt"
    inside.write_text("mine", encoding="utf-8")
    _, outcome = made.publish()
    assert outcome is not None
    assert {"CNAME", ".git", ".well-known"} <= set(outcome.kept)
    assert inside.relative_to(made.site).as_posix() in outcome.kept
    assert (made.site / "CNAME").read_text(encoding="utf-8") == "open.example.org\n"
    assert (made.site / ".git" / "objects" / "x").is_file()
    assert inside.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("way", ["other files", "another directory", "a file", "no state"])
def test_a_folder_that_is_not_ours_is_refused_untouched(way: str, made: Directory, tmp_path: Path) -> None:
    site = Directory(made.path, tmp_path / "theirs")
    if way == "a file":
        site.site.write_text("x", encoding="utf-8")
    elif way == "other files":
        site.site.mkdir()
        (site.site / "index.html").write_text("x", encoding="utf-8")
    else:
        shutil.copytree(made.site, site.site)
        if way == "no state":
            shutil.rmtree(site.site / output.FOLDER)
        else:
            mark = site.site / ".govdata-site.json"
            mark.write_text(mark.read_text(encoding="utf-8").replace("6f0f7c1e", "ffffffff"), encoding="utf-8")
    before = contents(site.site) if site.site.is_dir() else {}
    with pytest.raises(PublishError) as raised:
        site.publish()
    kinds = {"other files": "foreign", "another directory": "of-others", "a file": "not-one", "no state": "damaged"}
    assert raised.value.key == f"folder-{kinds[way]}"
    assert (contents(site.site) if site.site.is_dir() else {}) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_two_builds_at_once(made: Directory) -> None:
    with locked(folders_of(made.site)), pytest.raises(PublishError, match="run-under-way"):
        made.publish()
    assert made.publish()[1] is not None


@pytest.mark.parametrize("what", ["write", "take"])
def test_a_full_disk_leaves_the_old_site(what: str, made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stamps(made.site)
    calls = 0
    function = getattr(output, "_opened" if what == "write" else "take")

    def full(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(given[-1]))
        return function(*given)

    monkeypatch.setattr(output, "_opened" if what == "write" else "take", full)
    with pytest.raises(PublishError) as raised:
        made.publish()
    assert raised.value.key == "folder-unwritable"
    assert stamps(made.site) == before
    monkeypatch.undo()
    assert made.publish()[1] is not None


def failed(made: Directory) -> str:
    """The error of two runs: inside the folder something goes only where a tombstone is deleted."""
    try:
        made.publish(max_delete=9)
        made.publish(max_delete=9)
    except PublishError as error:
        return error.key
    return ""


@pytest.mark.parametrize("mount", [True, False])
def test_what_fails_when_the_new_site_takes_its_place_is_not_told_as_if_nothing_had_happened(
    mount: bool, made: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = os.unlink

    def refused(path: Any, **more: Any) -> None:
        if folders_of(made.site).intent.exists() and str(path).endswith("index.json"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        function(path, **more)

    monkeypatch.setattr(output, "_is_mount", lambda site: mount)
    monkeypatch.setattr(os, "unlink", refused)
    for code in ("307001/000004", "307001/000005"):
        made.put("d", code, "停车场戊")
        assert failed(made) == "folder-half"
    monkeypatch.setattr(os, "unlink", function)
    made.publish(max_delete=9)
    assert made.record("307001/000005").title == "停车场戊"
    assert made.publish()[1] is None
    assert not folders_of(made.site).intent.exists()


def test_of_two_files_the_one_to_be_written_is_told() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "theirs", None, "ours")
    assert output.failure(full, "").arguments["path"] == "ours"


def test_links_are_copies_where_there_are_none(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(old: Any, new: Any) -> None:
        if not os.path.isdir(os.path.dirname(new)):
            raise FileNotFoundError(errno.ENOENT, "", str(new))
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refused)
    plan, outcome = made.publish()
    assert outcome is not None
    assert actions(plan)["307001/000003"] == "keep"
    assert made.record("307001/000003").title == "停车场c"


def test_a_file_in_the_way_is_not_overwritten(made: Directory) -> None:
    made.publish()
    path = made.site / "datasets" / "theirs"
    path.mkdir()
    (path / "x").write_text("x", encoding="utf-8")
    robots = made.site / "robots.txt"
    robots.unlink()
    robots.mkdir()
    (robots / "x").write_text("x", encoding="utf-8")
    made.put("e", "307001/000005", "停车场戊")
    with pytest.raises(PublishError, match="folder-conflict"):
        made.publish()
    assert (robots / "x").is_file()
    shutil.rmtree(robots)
    made.publish()
    assert (path / "x").is_file()
    assert robots.is_file()
