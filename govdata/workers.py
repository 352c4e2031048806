"""Datasets checked by several processes: each gives the same outcomes as the one that asks, in the order in which it asks."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from govdata.checks.context import CheckContext
from govdata.classes import dataclass, field
from govdata.errors import EngineError
from govdata.outcomes import Outcome, check_all, size_of
from govdata.settings import Settings
from govdata.standards import Library, read_library
from govdata.values import Dataset

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

WORTH = 4 << 20
"""Bytes of data from which it pays to start processes."""

Waiting = Callable[[], list[Outcome]]
"""Gives the outcomes of one dataset, when they are there."""


def jobs_of(settings: Settings) -> int:
    """How many processes may work at once: as told, else as many as there are processors."""
    return settings.jobs or os.cpu_count() or 1


def pays(datasets: list[Dataset]) -> bool:
    """Whether there is enough data, in at least two datasets, for several processes."""
    sizes = [sum(size_of(resource) for resource in dataset.resources) for dataset in datasets if dataset.resources]
    return len(sizes) > 1 and sum(sizes) >= WORTH


@dataclass(slots=True)
class Workers:
    """A number of processes at work."""

    pool: ProcessPoolExecutor
    names: list[str] = field(default_factory=list)

    def submit(self, dataset: Dataset, standard: str) -> Waiting:
        """Have a dataset checked."""
        from concurrent.futures.process import BrokenProcessPool

        future = self.pool.submit(_work, dataset, standard)

        def wait() -> list[Outcome]:
            try:
                return future.result()
            except BrokenProcessPool as error:
                raise EngineError("worker-died", dataset=dataset.location) from error

        return wait

    def stop(self) -> None:
        """End all processes at once."""
        import multiprocessing

        for process in multiprocessing.active_children():
            process.terminate()
        self.pool.shutdown(wait=False, cancel_futures=True)


def start(settings: Settings, known: Mapping[str, Dataset]) -> Workers:
    """Start processes that know the settings and the datasets of the directory by their codes."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Not forked: threads of Polars do not live on in a fork.
    context = multiprocessing.get_context("spawn")
    alone = settings.with_jobs(1)
    return Workers(ProcessPoolExecutor(jobs_of(settings), context, _begin, (alone, dict(known))))


@dataclass(slots=True)
class _Work:
    """What one process remembers from dataset to dataset."""

    settings: Settings
    library: Library
    known: Mapping[str, Dataset]
    keys: dict[object, object] = field(default_factory=dict)


_WORK: list[_Work] = []


def _begin(settings: Settings, known: Mapping[str, Dataset]) -> None:
    # The one who asks tells when to end; a key pressed at the terminal reaches every process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _WORK[:] = [_Work(settings, read_library(settings.content), known)]


def _work(dataset: Dataset, standard: str) -> list[Outcome]:
    (work,) = _WORK
    context = CheckContext(
        work.settings,
        work.library.standard(standard),
        find_dataset=lambda code: work.known.get(code) if code else dataset,
        key_cache=work.keys,
    )
    return check_all(dataset, context)
