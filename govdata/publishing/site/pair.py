"""A second process for a build that has little to do: a copy of this one, which the system makes in a moment, and gets ready meanwhile.

Both go through the same tasks, the copy from the first on and this process from the last, until they meet. The first is the copy's, and so
are all that need the summaries, which it has read; whoever sets to another takes a turn, of which there are as many as others. A task that
fails in the copy is done here, so that its error is the one that it would be without a copy; a copy that the system ends is an error, as
with other processes.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from govdata.classes import replace
from govdata.errors import EngineError
from govdata.publishing.site.assembly import PARTS
from govdata.publishing.site.hands import Hands, Means, Seen
from govdata.publishing.site.output import Folders
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.spare import Looked, look_at
from govdata.publishing.site.state import DATASETS, Actual, Read, summaries

Old = tuple[Folders, Actual]
"""Where a site is that has a spare, and what it says of itself."""

Task = tuple[Any, ...]
"""The name of a method of `Hands`, and what it is given."""


class Pair:
    """This process and its copy, `copy` by the system's number."""

    def __init__(self, copy: int, pipes: tuple[int, int], turns: tuple[int, int], is_asked: bool) -> None:
        self._copy = copy
        self._name = ""
        self._asked: BinaryIO = os.fdopen(pipes[0], "wb")
        self._answers: BinaryIO = os.fdopen(pipes[1], "rb")
        self._turns = os.fdopen(turns[0], "rb", 0), os.fdopen(turns[1], "wb", 0)
        self._is_asked = is_asked
        self._seen: Seen | None = None
        self._hands: Hands | None = None

    def looked(self, folders: Folders, actual: Actual) -> Looked | None:
        """What `spare.look_at` gives. The copy looked already, if it was told to."""
        self._name = folders.site.name
        there = self._answer() if self._is_asked else None
        self._is_asked = False
        looked: Looked | None = there[0] if there is not None else look_at(folders, actual)
        self._seen = _seen(actual, looked)
        return looked

    def begin(self, means: Means) -> None:
        """Tell what both know of the build."""
        self._name = means.folders.site.name
        if self._is_asked:
            self._answer()  # as long as nobody takes it the copy hears nothing
            self._is_asked = False
        self._hands = Hands(means, self._seen)
        self._ask(means)

    def begun(self, tasks: Iterable[Task]) -> Iterator[Any]:
        """What comes of tasks, in their order. The copy sets to work at once, this process when the first is asked for.

        Those that need summaries come before the others.
        """
        given = list(tasks)
        own = max(1, sum(map(_needs_summaries, given)))
        if given:
            self._turns[1].write(bytes(len(given) - own))
            self._ask((own, given))
        return self._results(given)

    def stop(self) -> None:
        """End the copy, whatever it does."""
        if self._copy:
            os.kill(self._copy, signal.SIGKILL)
            os.waitpid(self._copy, 0)
            self._copy = 0
        for file in (self._asked, self._answers, *self._turns):
            with contextlib.suppress(OSError):
                file.close()
        if self._hands is not None:
            self._hands.close()

    def _ask(self, what: object) -> None:
        with contextlib.suppress(BrokenPipeError):  # it is told when the answer is missed
            _tell(what, self._asked)

    def _results(self, given: list[Task]) -> Iterator[Any]:
        here: list[Any] = []
        while _is_turn(self._turns[0].fileno()):
            here.append(self._do(given[-1 - len(here)]))
        left = given[: len(given) - len(here)]
        there = self._answer() if given else []
        yield from there if there is not None else map(self._do, left)
        yield from reversed(here)

    def _do(self, task: Task) -> Any:
        name, *given = task
        return getattr(self._hands, name)(*given)

    def _answer(self) -> list[Any] | None:
        """What came of the copy's tasks; `None` where it failed, now or before."""
        if not self._copy:
            return None
        try:
            found: list[Any] = pickle.load(self._answers)
        except (EOFError, pickle.UnpicklingError) as error:
            _, status = os.waitpid(self._copy, 0)
            self._copy = 0
            if os.WIFSIGNALED(status):
                raise EngineError("worker-died", dataset=self._name) from error
            return None
        return found


class Pairing:
    """A copy of this process that may be made, once. `is_wanted`: it may."""

    def __init__(self, is_wanted: bool) -> None:
        self.is_wanted = is_wanted
        self.pair: Pair | None = None
        """`None` where there is none: the system makes none, or this process has threads, which do not live on in a copy."""

    def begin(self, portal: Callable[[], Portal], old: Old | None = None) -> None:
        """Make the copy, if there is none: it gets ready for a site with this portal, and reads what it may of the old one."""
        if self.is_wanted and _is_alone():
            self.pair = _copied(portal, old)
        self.is_wanted = False

    def close(self) -> None:
        """End the copy."""
        if self.pair is not None:
            self.pair.stop()


def _is_alone() -> bool:
    """Whether this is a process of one thread, those of libraries counted too; a system that does not tell is not trusted."""
    try:
        return hasattr(os, "fork") and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _copied(portal: Callable[[], Portal], old: Old | None) -> Pair | None:
    asked, answers, turns = os.pipe(), os.pipe(), os.pipe()
    os.set_blocking(turns[0], False)
    here = os.getpid()
    try:
        copy = os.fork()
    except OSError:
        for end in (*asked, *answers, *turns):
            os.close(end)
        return None
    if not copy:
        try:
            os.close(asked[1])
            os.close(answers[0])
            with open(asked[0], "rb") as told, open(answers[1], "wb") as file:
                _serve(told, file, turns[0], here, _get_ready(portal, old, file))
        finally:
            # Nothing that this process holds is the copy's to put away, and no error of it is its to tell.
            os._exit(1)
    os.close(asked[0])
    os.close(answers[1])
    return Pair(copy, (asked[1], answers[0]), turns, old is not None)


def _get_ready(portal: Callable[[], Portal], old: Old | None, answers: BinaryIO) -> tuple[Read, Seen | None]:
    """Do what can be done before anything is asked, and gives the summaries of the old site, and what was seen of it."""
    # The one who asks tells when to end; a key pressed at the terminal reaches every process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # it makes the files of a site once
    looked = look_at(*old) if old is not None else None
    given, read = portal(), Read()
    for ready in dict.fromkeys(task.ready for part in PARTS for task in part.site if task.ready is not None):
        ready(given)
    if old is not None:
        deque(summaries(old[0].site / DATASETS, read), maxlen=0)
        # Last, since it waits until this is asked for.
        _tell([looked], answers)
    return read, _seen(old[1], looked) if old is not None else None


def _seen(actual: Actual, looked: Looked | None) -> Seen | None:
    return (actual, looked.same) if looked is not None else None


def _needs_summaries(task: Task) -> bool:
    name, *given = task
    if name != "whole":
        return False
    part, place = given
    found = PARTS[part].site[place]
    return not (found.early or found.is_light)


def _serve(asked: BinaryIO, answers: BinaryIO, turns: int, other: int, ready: tuple[Read, Seen | None]) -> None:
    """What the copy does, until the process that it is one of ends or ends it. `other`: the number of that; `ready`: of `_get_ready`."""
    means: Means = pickle.load(asked)
    read, seen = ready
    hands = Hands(replace(means, whole=replace(means.whole, known=read)), seen)
    while True:
        found: list[Any] = []
        own, tasks = pickle.load(asked)
        for name, *given in tasks:
            if len(found) >= own and not _is_turn(turns):
                break
            found.append(getattr(hands, name)(*given))
            if os.getppid() != other:
                return
        _tell(found, answers)


def _tell(what: object, file: BinaryIO) -> None:
    pickle.dump(what, file, pickle.HIGHEST_PROTOCOL)
    file.flush()


def _is_turn(turns: int) -> bool:
    """Take a turn, if there is one left."""
    try:
        return bool(os.read(turns, 1))
    except BlockingIOError:
        return False
