"""The processes that build a site; where there is little to do, this one alone."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from govdata.processes import start
from govdata.publishing.site.hands import Hands, Means, begin, work
from govdata.publishing.site.pair import Pair, Task

WORTH = 300
"""Datasets whose files are to be made from which it pays to start processes; of those taken over it takes `LIGHT` times as many."""

LIGHT = 30

WHOLE = 100
"""Datasets of the site for which its files as a whole take as long as those of one."""

TWO = 1000
"""Datasets of the site from which a second process pays where next to nothing changed."""

AHEAD = 3
"""Tasks that wait for each process, so that it never does and that their results need little memory."""


class Team:
    """Gives what its processes give for tasks, in the tasks' order."""

    def __init__(
        self, results: Callable[[Iterable[Task]], Iterator[Any]], begun: Callable[[Iterable[Task]], Iterator[Any]], is_pair: bool = False
    ) -> None:
        self.results = results
        self.begun = begun
        """The same for a few tasks, on which the other processes set to work before anything is asked for."""
        self.is_pair = is_pair
        """There are two processes, of which the other got ready for some tasks."""


def suits_two(jobs: int, datasets: int, taken: int, changed: int) -> bool:
    """Whether this process and a copy of it are to do the work, of so many datasets as with `open_team`."""
    # Two that are there do as well as two that have to be started.
    whole = datasets / WHOLE if jobs > 2 else 0
    return jobs > 1 and datasets >= TWO and changed + taken / LIGHT + whole < WORTH


@contextlib.contextmanager
def open_team(means: Means, jobs: int, counts: tuple[int, int, int], pair: Pair | None) -> Iterator[Team]:
    """As many processes as are asked for, where it pays: for so many datasets, of which some are taken over and some made."""
    datasets, taken, changed = counts
    if pair is not None and suits_two(jobs, *counts):
        pair.begin(means)
        yield Team(pair.begun, pair.begun, is_pair=True)
        return
    if pair is not None:
        pair.stop()
    if jobs < 2 or changed + taken / LIGHT + datasets / WHOLE < WORTH:
        with contextlib.closing(Hands(means)) as hands:

            def results(tasks: Iterable[Task]) -> Iterator[Any]:
                return (getattr(hands, name)(*given) for name, *given in tasks)

            yield Team(results, results)
        return
    processes = start(jobs, begin, means)

    def give(task: Task) -> Callable[[], Any]:
        return processes.submit(means.folders.site.name, work, *task)

    def some(tasks: Iterable[Task]) -> Iterator[Any]:
        waiting: deque[Callable[[], Any]] = deque()
        for task in tasks:
            waiting.append(give(task))
            if len(waiting) >= jobs * AHEAD:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()

    try:
        yield Team(some, lambda tasks: (wait() for wait in [give(task) for task in tasks]))
    finally:
        processes.stop()
