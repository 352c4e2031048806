"""A site made of the spare of the last build: it is what it would be without one, whatever happened to the spare, the site or the build."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import PublishError
from govdata.publishing.site import output, seals, spare, switching
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.output import folders_of
from govdata.publishing.site.state import DATASETS, FILES, MARK
from tests.site.directories import Directory, contents, directory, stamps
from tests.site.test_crashes import killed, own, without_mark

CODES = tuple(f"307001/00000{number}" for number in range(1, 6))
EVERY = 6
"""Of so many steps one, as long as the old site is not touched."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spares of small sites too."""
    monkeypatch.setattr(spare, "WORTH", 2)
    monkeypatch.setattr(spare, "SHARE", 0.2)


@pytest.fixture(params=["just made", "settled"])
def settled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether folders may be sealed at once, not only some time after they changed: then most are not looked into."""
    if request.param == "settled":
        monkeypatch.setattr(seals, "SETTLED", -1.0)
    return bool(request.param == "settled")


@pytest.fixture
def made(tmp_path: Path) -> Directory:
    """A site of five datasets with a spare, in which the first is older."""
    found = directory(tmp_path)
    for number, code in enumerate(CODES):
        found.put(f"d{number}", code, f"停车场{number}")
    found.publish()
    assert not folders_of(found.site).spare.exists(), "built from nothing"
    found.put("d0", CODES[0], "停车场甲")
    found.publish()
    assert folders_of(found.site).spare.is_dir()
    return found


def change(made: Directory) -> None:
    """One changes, one leaves and one is new."""
    made.put("d1", CODES[1], "停车场乙")
    shutil.rmtree(made.path / "d2")
    made.put("d9", "307001/000009", "停车场壬")


def linked_copy(source: Path, target: Path) -> None:
    """Copy a folder with its links as links."""
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def without_spare(made: Directory, folder: Path) -> dict[str, str]:
    """What the site would be now if there were no spare."""
    copy = Directory(made.path, folder / made.site.name)
    shutil.copytree(made.site, copy.site, symlinks=True)
    copy.publish()
    shutil.rmtree(folders_of(copy.site).spare, ignore_errors=True)
    found = without_mark(contents(copy.site))
    shutil.rmtree(folder)
    return found


def public(site: Path) -> dict[str, str]:
    """All but the state, which tells by what way the site came to be."""
    return {path: digest for path, digest in contents(site).items() if not path.startswith((MARK, output.FOLDER))}


def beside(site: Path) -> list[str]:
    return sorted(path.name for path in site.parent.iterdir() if path.name.startswith("."))


def is_used(made: Directory, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Publish; whether a spare was the stage."""
    taken = []
    function = spare.take
    monkeypatch.setattr(spare, "take", lambda *given: taken.append(function(*given)) or taken[-1])
    made.publish()
    monkeypatch.setattr(spare, "take", function)
    return taken[-1] is not None


def test_datasets_that_stay_are_not_touched(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = dataset_folder(CODES[3])
    before = (folders_of(made.site).spare / folder).stat()
    made.put("d1", CODES[1], "停车场乙")
    assert is_used(made, monkeypatch)
    after = (made.site / folder).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert beside(made.site) == [".public.govdata-spare"]
    assert not (made.site / ".gitignore").exists()
    assert (folders_of(made.site).spare / ".gitignore").read_bytes() == b"*\n"
    stamped = [stamps(folder) for folder in (made.site, folders_of(made.site).spare)]
    made.publish()
    assert [stamps(folder) for folder in (made.site, folders_of(made.site).spare)] == stamped, "nothing changed, nothing written"


def test_folders_that_nobody_was_at_are_not_looked_into(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "SETTLED", -1.0)
    looked: list[tuple[str, str]] = []
    function = seals.look
    monkeypatch.setattr(seals, "look", lambda root, known: looked.append((Path(root).name, known.code)) or function(root, known))
    made.put("d1", CODES[1], "停车场乙")
    assert is_used(made, monkeypatch)
    assert {code for _, code in looked} == set(CODES), "those of before had been made just then"
    looked.clear()
    made.put("d1", CODES[1], "停车场丙")
    assert is_used(made, monkeypatch)
    assert {code for _, code in looked} == {CODES[1]}, "the one that changed last time too"
    looked.clear()
    held = folders_of(made.site).spare / dataset_folder(CODES[3])
    (held / "late").mkdir()
    made.put("d1", CODES[1], "停车场丁")
    assert is_used(made, monkeypatch)
    assert {code for _, code in looked} == {CODES[1], CODES[3]}
    (made.site / dataset_folder(CODES[3]) / "late" / "x.txt").write_text("mine", encoding="utf-8")
    made.put("d1", CODES[1], "停车场戊")
    _, outcome = made.publish()
    assert outcome is not None
    assert f"{dataset_folder(CODES[3])}/late/x.txt" in outcome.kept, "a folder that is not known is not sealed"


@pytest.mark.usefixtures("settled")
def test_after_each_of_many_changes_it_is_as_without_a_spare(made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def back() -> None:
        made.put("d2", CODES[2], "停车场2")

    changes = [
        lambda: change(made),
        lambda: made.put("d1", CODES[1], "停车场乙", data="编号,名称,泊位数\n000009,甲,1\n"),
        lambda: made.put("d3", CODES[3], "停车场丁", data="编号,名称,泊位数\n000001,甲,很多\n"),
        back,
        lambda: made.put("d1", CODES[1], "停车场1"),
        lambda: made.put("d3", CODES[3], "停车场丁", data=None),
        lambda: made.put("d4", CODES[4], "停车场戊", more=f'关联资源代码: ["{CODES[0]}"]\n', data=None),
        lambda: made.put("d0", CODES[0], "停车场癸"),
    ]
    for number, step in enumerate(changes):
        step()
        wanted = without_spare(made, tmp_path / "copy")
        # The first takes a dataset away, after which there is no spare.
        assert is_used(made, monkeypatch) == (number != 1), number
        assert without_mark(contents(made.site)) == wanted, number
    history = tmp_path / "history.jsonl"
    history.write_bytes((made.site / "history.jsonl").read_bytes())
    anew = Directory(made.path, tmp_path / "anew" / "public")
    anew.publish(previous=(str(history),))
    assert public(anew.site) == public(made.site), "as from nothing"


@pytest.mark.usefixtures("settled")
def test_what_leaves_the_public_does_not_lie_beside_the_site(made: Directory) -> None:
    aside = folders_of(made.site).spare
    made.put("d3", CODES[3], "停车场丁")
    made.publish()
    assert contents(aside / dataset_folder(CODES[1])) == contents(made.site / dataset_folder(CODES[1]))
    made.put("d1", CODES[1], "停车场乙", data=None)
    made.publish()
    assert aside.is_dir()
    assert not (aside / dataset_folder(CODES[1])).exists(), "data that are no longer offered"
    shutil.rmtree(made.path / "d3")
    made.publish()
    assert beside(made.site) == [], "a dataset that was withdrawn"


def test_only_and_max_delete_use_it(made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(made)
    made.publish(only=("d1",))
    assert made.record(CODES[1]).title == "停车场乙"
    assert not (made.site / dataset_folder("307001/000009")).exists()
    made.publish()
    made.publish(max_delete=1)
    for site in (made.site, folders_of(made.site).spare):
        assert not (site / dataset_folder(CODES[2])).exists()
    made.put("d1", CODES[1], "停车场丙")
    assert is_used(made, monkeypatch)
    assert not (made.site / dataset_folder(CODES[2])).exists()


@pytest.mark.parametrize("exchanged", [True, False])
def test_killed_at_any_step_old_or_new_is_whole(exchanged: bool, made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not exchanged:
        monkeypatch.setattr(switching, "_exchange", lambda one, other: False)
    place = tmp_path / "place"
    place.mkdir()
    for path in (made.site, folders_of(made.site).spare):
        path.rename(place / path.name)
    made = Directory(made.path, place / "public")
    (made.site / "CNAME").write_text("open.example.org\n", encoding="utf-8")
    (made.site / dataset_folder(CODES[4]) / "note.txt").write_text("mine", encoding="utf-8")
    (folders_of(made.site).spare / dataset_folder(CODES[3]) / "late.txt").write_text("mine too", encoding="utf-8")
    change(made)
    mine = {"CNAME", f"{dataset_folder(CODES[4])}/note.txt", f"{dataset_folder(CODES[3])}/late.txt"}
    old = own(without_mark(contents(made.site)), mine)
    linked_copy(place, tmp_path / "before")
    new = own(without_spare(made, tmp_path / "copy"), mine)
    seen, step, found = [], 1, False
    while killed(made, step):
        if folders_of(made.site).intent.exists() and not found:
            found, step = True, max(1, step - EVERY)
        else:
            now = own(without_mark(contents(output.current(folders_of(made.site)))), mine)
            assert now in (old, new), step
            seen.append(now == new)
            made.publish()
            after = without_mark(contents(made.site))
            assert own(after, mine) == new, step
            assert mine <= set(after), step
            assert set(beside(made.site)) <= {".public.govdata-spare"}, step
            step += 1 if found else EVERY
        shutil.rmtree(place)
        linked_copy(tmp_path / "before", place)
    assert (set(seen), found) == ({False, True}, True)
    assert len(seen) > 20


@pytest.mark.usefixtures("settled")
def test_what_is_not_ours_goes_along_and_is_told(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, late = f"{dataset_folder(CODES[4])}/note.txt", f"{dataset_folder(CODES[3])}/late/x.txt"
    (made.site / inside).write_text("mine", encoding="utf-8")
    held = folders_of(made.site).spare / late
    held.parent.mkdir()
    held.write_text("mine too", encoding="utf-8")
    (made.site / ".git").mkdir()
    (made.site / ".git" / "x").write_text("x", encoding="utf-8")
    made.put("d1", CODES[1], "停车场乙")
    _, outcome = made.publish()
    assert outcome is not None
    assert {".git", inside, late} <= set(outcome.kept)
    for title in ("停车场丙", "停车场丁", "停车场戊"):
        assert (made.site / inside).read_text(encoding="utf-8") == "mine"
        assert (made.site / late).read_text(encoding="utf-8") == "mine too"
        assert (made.site / ".git" / "x").is_file()
        assert not [path for path in contents(folders_of(made.site).spare) if path.endswith(("note.txt", "/x", "/x.txt"))]
        made.put("d1", CODES[1], title)
        assert is_used(made, monkeypatch)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("way", ["in place", "replaced"])
def test_an_edit_by_hand_stays_until_the_dataset_changes(way: str, made: Directory) -> None:
    """As where every file is linked anew: it does not come and go from build to build."""
    path = made.site / dataset_folder(CODES[3]) / "index.json"
    edited = path.read_bytes() + b"\n"
    if way == "in place":
        path.write_bytes(edited)
    else:
        half = path.with_name("half")
        half.write_bytes(edited)
        half.replace(path)
    for title in ("停车场丙", "停车场丁", "停车场戊"):
        made.put("d1", CODES[1], title)
        made.publish()
        assert path.read_bytes() == edited
    made.put("d3", CODES[3], "停车场己")
    made.publish()
    assert made.record(CODES[3]).title == "停车场己"
    made.put("d1", CODES[1], "停车场庚")
    made.publish()
    assert made.record(CODES[3]).title == "停车场己"


def test_a_file_that_is_gone_from_the_site_is_told(made: Directory) -> None:
    path = made.site / dataset_folder(CODES[3]) / "index.json"
    path.unlink()
    made.put("d1", CODES[1], "停车场丙")
    with pytest.raises(PublishError) as raised:
        made.publish()
    assert (raised.value.key, raised.value.arguments["path"]) == ("folder-unwritable", str(path))


def damage(way: str, folder: Path) -> None:
    """Do something to a spare."""
    index = folder / dataset_folder(CODES[3]) / "index.json"
    mark, seal = folder / MARK, folder / spare.SEAL
    told = json.loads(mark.read_bytes())
    if way == "no mark":
        mark.unlink()
    elif way in told:
        mark.write_text(json.dumps(told | {way: 99 if way == "site" else "other"}), encoding="utf-8")
    elif way in (DATASETS, FILES):
        (folder / way).write_bytes((folder / way).read_bytes()[1:])
    elif way == "no seal":
        seal.unlink()
    elif way == "half a seal":
        seal.write_bytes(seal.read_bytes()[:-5])
    elif way == "old seal":
        seal.write_text(json.dumps(json.loads(seal.read_bytes()) | {"build": "other"}), encoding="utf-8")
    elif way == "other codes":
        seal.write_text(seal.read_text(encoding="utf-8").replace(CODES[3], "307001/000099"), encoding="utf-8")
    elif way == "others' files":
        (folder / "note.txt").write_text("mine", encoding="utf-8")
        (index.parent / "note.txt").write_text("mine", encoding="utf-8")
    elif way == "another's line":
        text = (folder / DATASETS).read_text(encoding="utf-8")
        (folder / DATASETS).write_text(text.replace("停车场3", "停车场X"), encoding="utf-8")
    elif way == "replaced":
        index.unlink()
        index.write_text("{}", encoding="utf-8")
    elif way == "file gone":
        index.unlink()
    elif way == "folder gone":
        shutil.rmtree(index.parent)
    elif way == "everything gone":
        shutil.rmtree(folder)
    elif way == "a file":
        shutil.rmtree(folder)
        folder.write_text("x", encoding="utf-8")
    elif way == "a link":
        folder.rename(folder.with_name("elsewhere"))
        folder.symlink_to("elsewhere")
    elif way == "page replaced":
        (folder / "robots.txt").unlink()
        (folder / "robots.txt").write_text("x", encoding="utf-8")
    else:
        assert way == "folder for a file"
        index.unlink()
        index.mkdir()
        (index / "x").write_text("x", encoding="utf-8")


TRUSTED = (DATASETS, "another's line", "replaced", "file gone", "folder gone", "page replaced", "folder for a file", "others' files")
"""What does not keep a spare from being used: its own lines of datasets are not asked."""
WAYS = ("no mark", "directory", "target", "look", "site", FILES, "no seal", "half a seal", "old seal", "other codes", *TRUSTED)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("way", [*WAYS, "everything gone", "a file", "a link"])
def test_whatever_befell_the_spare_the_site_is_right(way: str, made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(made)
    wanted = without_spare(made, tmp_path / "copy")
    damage(way, folders_of(made.site).spare)
    used = is_used(made, monkeypatch)
    assert used == (way in TRUSTED)
    found = without_mark(contents(made.site))
    left = {path for path in found if path not in wanted}
    assert {path: digest for path, digest in found.items() if path in wanted} == wanted
    # What nobody knows is somebody's.
    place = dataset_folder(CODES[3])
    mine = {"folder for a file": {f"{place}/index.json.1/x"}, "others' files": {"note.txt", f"{place}/note.txt"}}
    assert left == mine.get(way, set())
    made.put("d1", CODES[1], "停车场丙")
    made.publish()
    made.put("d1", CODES[1], "停车场丁")
    if way == "a link":
        assert (made.site.parent / "elsewhere" / MARK).is_file(), "what it leads to is left alone"
    elif way != "a file":
        assert is_used(made, monkeypatch)


def test_a_site_made_anew_does_not_use_the_old_spare(made: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(made.site)
    assert not is_used(made, monkeypatch)
    assert beside(made.site) == []
    anew = Directory(made.path, tmp_path / "anew" / "public")
    anew.publish()
    assert public(anew.site) == public(made.site)


def test_no_spare_where_most_changes_or_files_are_copies(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spare, "SHARE", 0.9)
    change(made)
    assert not is_used(made, monkeypatch)
    assert beside(made.site) == []
    monkeypatch.setattr(spare, "SHARE", 0.2)

    def refused(old: Any, new: Any) -> None:
        if not os.path.isdir(os.path.dirname(new)):
            raise FileNotFoundError(errno.ENOENT, "", str(new))
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refused)
    made.put("d1", CODES[1], "停车场丙")
    made.publish()
    assert beside(made.site) == []


def test_a_full_disk_leaves_the_site(made: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    change(made)
    before = stamps(made.site)

    def full(*given: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(given[0]))

    monkeypatch.setattr(output, "_opened", full)
    with pytest.raises(PublishError, match="folder-unwritable"):
        made.publish()
    assert stamps(made.site) == before
    assert beside(made.site) == []
    monkeypatch.undo()
    assert made.publish()[1] is not None
