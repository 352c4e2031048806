"""A build by this process and a copy of it: the site is the one that a single process builds, whatever becomes of the copy."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from govdata.publishing.site.output import folders_of, locked
from tests.cli.test_workers_ended import SECONDS, ended, until
from tests.site.directories import ID, contents, generated

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")

COUNT = 12
RUN = """
import errno, os, signal, sys, threading, time
from pathlib import Path
from govdata.errors import GovdataError
from govdata.publishing.site import hands, spare, team
from govdata.publishing.site.preparing import Asked
from govdata.publishing.site.publication import open_publication

folder, jobs, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
team.TWO = spare.WORTH = 2
spare.SHARE = 0.2
here, make = os.getpid(), hands.Hands.whole

def whole(self, part, task):
    if what == "killed" and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "full" or what == "full there" and os.getpid() != here:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")
    if what == "put" and os.getpid() == here:
        (folder / "public" / "datasets" / "mine.txt").write_text("mine", encoding="utf-8")
        for place in (folder / "public" / "datasets").glob("*/*/"):
            (place / "mine.txt").write_text("mine", encoding="utf-8")
    if what == "key" and os.getpid() == here:
        raise KeyboardInterrupt
    if what == "slow":
        os.write(1, b"%d\\n" % os.getpid())  # in one step: two processes write here, and `print` may need two
        time.sleep(0.2)  # so that the copy is at work while the process that it is one of is killed
    return make(self, part, task)

hands.Hands.whole = whole
if what == "threads":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
try:
    asked = Asked(jobs=jobs, max_delete=COUNT)
    with open_publication(f"site:{folder / 'public'}", folder / "entries.jsonl", "en", asked, writes=True) as publication:
        if not publication.plan().is_empty:
            publication.apply()
        print(publication.pairing.pair is not None)
except GovdataError as error:
    print(error.key)
except KeyboardInterrupt:
    print("key")
""".replace("COUNT", str(COUNT))


def changed(lines: list[str], number: int, text: str) -> list[str]:
    """Lines of which one says something else."""
    entry = json.loads(lines[number])
    return [*lines[:number], json.dumps({**entry, "description": text}) + "\n", *lines[number + 1 :]]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a site that has a spare, of which one dataset changed since."""
    folder = tmp_path_factory.mktemp("pair") / "here"
    folder.mkdir()
    (folder / "govdata.toml").write_text(f'directory = "{ID}"\n', encoding="utf-8")
    lines = [json.dumps(entry) + "\n" for entry in generated().entries(COUNT)]
    for some in (lines, changed(lines, 3, "一")):
        assert begun(folder, some, 1) == "False"
    assert folders_of(folder / "public").spare.exists()
    put(folder, changed(lines, 5, "二"))
    return folder


@pytest.fixture
def made(once: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return copied(once, tmp_path / "here")


def copied(folder: Path, to: Path) -> Path:
    """A copy in which links are links."""
    subprocess.run(["cp", "-a", str(folder), str(to)], check=True)
    return to


def put(folder: Path, lines: list[str]) -> None:
    (folder / "entries.jsonl").write_text("".join(lines), encoding="utf-8")


def lines_of(folder: Path) -> list[str]:
    return (folder / "entries.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)


def begun(folder: Path, lines: list[str], jobs: int, what: str = "") -> str:
    """Publish these lines in a process of its own: whether there was a copy, or what was told instead."""
    put(folder, lines)
    run = subprocess.run(
        [sys.executable, "-c", RUN, str(folder), str(jobs), what], check=True, capture_output=True, text=True, timeout=SECONDS
    )
    assert not run.stderr, run.stderr
    return run.stdout.strip()


def test_two_processes_build_what_one_does(made: Path, tmp_path: Path) -> None:
    other = copied(made, tmp_path / "other")
    first = lines_of(made)
    added = json.dumps({**json.loads(first[2]), "identifier": "307001/999999", "title": "新的"}) + "\n"
    steps = {"changed": first, "the same": first, "added": [*first, added], "removed": first[1:], "back": first}
    for step, lines in steps.items():
        # Where there is no spare, or nothing changed, there need be no copy.
        assert begun(made, lines, 2) == "True" or step not in ("changed", "added"), step
        assert begun(other, lines, 1) == "False", step
        assert contents(made / "public") == contents(other / "public"), step
        assert left(made) == left(other), step


def left(folder: Path) -> list[str]:
    """What is there beside the site."""
    return sorted(path.name for path in folder.iterdir())


def test_what_somebody_puts_into_the_site_meanwhile_is_kept(made: Path) -> None:
    places = [made / "public" / "datasets", *(made / "public" / "datasets").glob("*/*/")]
    assert begun(made, lines_of(made), 2, "put") == "True"
    begun(made, changed(lines_of(made), 7, "三"), 2)
    assert len(places) == COUNT + 1
    assert [place for place in places if not (place / "mine.txt").exists()] == []


def test_what_fails_in_the_copy_is_done_here(made: Path, tmp_path: Path) -> None:
    other = copied(made, tmp_path / "other")
    assert begun(made, lines_of(made), 2, "full there") == "True"
    assert begun(other, lines_of(other), 1) == "False"
    assert contents(made / "public") == contents(other / "public")


@pytest.mark.parametrize(("what", "told"), [("full", "folder-unwritable"), ("killed", "worker-died"), ("key", "key")])
def test_a_build_that_fails_leaves_the_old_site(what: str, told: str, made: Path) -> None:
    before = contents(made / "public")
    assert begun(made, lines_of(made), 2, what) == told
    assert contents(made / "public") == before
    # A spare that has become a stage is gone with it.
    assert left(made) == ["entries.jsonl", "govdata.toml", "public"]
    begun(made, lines_of(made), 2)
    assert contents(made / "public") != before


def test_the_copy_ends_with_the_process(made: Path) -> None:
    before = contents(made / "public")
    command = [sys.executable, "-c", RUN, str(made), "2", "slow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        copy = next(number for number in map(int, run.stdout) if number != run.pid)
        run.send_signal(signal.SIGKILL)
        until(lambda: ended(copy))
    assert run.returncode == -signal.SIGKILL
    assert contents(made / "public") == before
    with locked(folders_of(made / "public")):
        pass
    assert begun(made, lines_of(made), 2) in ("True", "False")
    assert contents(made / "public") != before


def test_a_process_of_several_threads_is_not_copied(made: Path) -> None:
    assert begun(made, lines_of(made), 2, "threads") == "False"
