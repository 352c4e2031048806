"""The processes that build a site; where there is little to do, this one alone."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from govdata.errors import EngineError
from govdata.publishing.site.hands import Hands, Means, begin, work

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

WORTH = 300
"""Datasets whose files are to be made from which it pays to start processes; of those taken over it takes `LIGHT` times as many."""

LIGHT = 30

WHOLE = 100
"""Datasets of the site for which its files as a whole take as long as those of one."""

AHEAD = 3
"""Tasks that wait for each process, so that it never does and that their results need little memory."""

Task = tuple[Any, ...]
"""The name of a method of `Hands`, and what it is given."""


class Team:
    """Gives what its processes give for tasks, in the tasks' order."""

    def __init__(self, results: Callable[[Iterable[Task]], Iterator[Any]], begun: Callable[[Iterable[Task]], Iterator[Any]]) -> None:
        self.results = results
        self.begun = begun
        """The same for a few tasks, on which the other processes set to work before anything is asked for."""


@contextlib.contextmanager
def open_team(means: Means, jobs: int, datasets: int, taken: int, changed: int) -> Iterator[Team]:
    """As many processes as are asked for, where it pays: for so many datasets, of which some are taken over and some made."""
    if jobs < 2 or changed + taken / LIGHT + datasets / WHOLE < WORTH:
        with contextlib.closing(Hands(means)) as hands:

            def results(tasks: Iterable[Task]) -> Iterator[Any]:
                return (getattr(hands, name)(*given) for name, *given in tasks)

            yield Team(results, results)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Not forked: threads of Polars do not live on in a fork.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), begin, (means,))
    ended = False
    try:
        yield Team(lambda tasks: _results(pool, jobs, tasks), lambda tasks: map(_result, [pool.submit(work, *task) for task in tasks]))
        ended = True
    finally:
        for process in () if ended else multiprocessing.active_children():
            process.terminate()
        pool.shutdown(wait=ended, cancel_futures=True)


def _results(pool: ProcessPoolExecutor, jobs: int, tasks: Iterable[Task]) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    for task in tasks:
        waiting.append(pool.submit(work, *task))
        if len(waiting) >= jobs * AHEAD:
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _result(future: Future[Any]) -> Any:
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool as error:
        raise EngineError("worker-died", dataset="") from error
