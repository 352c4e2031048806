"""A second process for a build that has little to do: a copy of this one (`copies`), which gets ready meanwhile.

Both go through the same tasks, the copy from the first on and this process from the last, until they meet. The first is the copy's, and so
are all that need the summaries, which it has read; whoever sets to another takes a turn, of which there are as many as others. A task that
fails in the copy is done here.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from govdata.classes import replace
from govdata.copies import Copy, copied, hear, is_alone, tell
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
    """This process and its copy."""

    def __init__(self, copy: Copy, turns: tuple[int, int], is_asked: bool) -> None:
        self._copy = copy
        self._turns = os.fdopen(turns[0], "rb", 0), os.fdopen(turns[1], "wb", 0)
        self._is_asked = is_asked
        self._seen: Seen | None = None
        self._hands: Hands | None = None

    def looked(self, folders: Folders, actual: Actual) -> Looked | None:
        """What `spare.look_at` gives. The copy looked already, if it was told to."""
        self._copy.name = folders.site.name
        there = self._copy.answer() if self._is_asked else None
        self._is_asked = False
        looked: Looked | None = there[0] if there is not None else look_at(folders, actual)
        self._seen = _seen(actual, looked)
        return looked

    def begin(self, means: Means) -> None:
        """Tell what both know of the build."""
        self._copy.name = means.folders.site.name
        if self._is_asked:
            self._copy.answer()  # as long as nobody takes it the copy hears nothing
            self._is_asked = False
        self._hands = Hands(means, self._seen)
        self._copy.ask(means)

    def begun(self, tasks: Iterable[Task]) -> Iterator[Any]:
        """What comes of tasks, in their order. The copy sets to work at once, this process when the first is asked for.

        Those that need summaries come before the others.
        """
        given = list(tasks)
        own = max(1, sum(map(_needs_summaries, given)))
        if given:
            self._turns[1].write(bytes(len(given) - own))
            self._copy.ask((own, given))
        return self._results(given)

    def stop(self) -> None:
        """End the copy, whatever it does."""
        self._copy.stop()
        for file in self._turns:
            with contextlib.suppress(OSError):
                file.close()
        if self._hands is not None:
            self._hands.close()

    def _results(self, given: list[Task]) -> Iterator[Any]:
        here: list[Any] = []
        while _is_turn(self._turns[0].fileno()):
            here.append(self._do(given[-1 - len(here)]))
        left = given[: len(given) - len(here)]
        there = self._copy.answer() if given else []
        yield from there if there is not None else map(self._do, left)
        yield from reversed(here)

    def _do(self, task: Task) -> Any:
        name, *given = task
        return getattr(self._hands, name)(*given)


class Pairing:
    """A copy of this process that may be made, once. `is_wanted`: it may."""

    def __init__(self, is_wanted: bool) -> None:
        self.is_wanted = is_wanted
        self.pair: Pair | None = None
        """`None` where there is none: the system makes none, or this process has threads, which do not live on in a copy."""

    def begin(self, portal: Callable[[], Portal], old: Old | None = None) -> None:
        """Make the copy, if there is none: it gets ready for a site with this portal, and reads what it may of the old one."""
        if self.is_wanted and is_alone():
            self.pair = _copied(portal, old)
        self.is_wanted = False

    def close(self) -> None:
        """End the copy."""
        if self.pair is not None:
            self.pair.stop()


def _copied(portal: Callable[[], Portal], old: Old | None) -> Pair | None:
    turns, here = os.pipe(), os.getpid()
    os.set_blocking(turns[0], False)
    copy = copied(lambda asked, answers: _serve(asked, answers, turns[0], here, _get_ready(portal, old, answers)))
    if copy is None:
        for end in turns:
            os.close(end)
        return None
    return Pair(copy, turns, old is not None)


def _get_ready(portal: Callable[[], Portal], old: Old | None, answers: BinaryIO) -> tuple[Read, Seen | None]:
    """Do what can be done before anything is asked, and gives the summaries of the old site, and what was seen of it."""
    gc.disable()  # it makes the files of a site once
    looked = look_at(*old) if old is not None else None
    given, read = portal(), Read()
    for ready in dict.fromkeys(task.ready for part in PARTS for task in part.site if task.ready is not None):
        ready(given)
    if old is not None:
        deque(summaries(old[0].site / DATASETS, read), maxlen=0)
        # Last, since it waits until this is asked for.
        tell([looked], answers)
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
    means: Means = hear(asked)
    read, seen = ready
    hands = Hands(replace(means, whole=replace(means.whole, known=read)), seen)
    while True:
        found: list[Any] = []
        own, tasks = hear(asked)
        for name, *given in tasks:
            if len(found) >= own and not _is_turn(turns):
                break
            found.append(getattr(hands, name)(*given))
            if os.getppid() != other:
                return
        tell(found, answers)


def _is_turn(turns: int) -> bool:
    """Take a turn, if there is one left."""
    try:
        return bool(os.read(turns, 1))
    except BlockingIOError:
        return False
