"""Datasets checked by several processes: each gives the same outcomes as the one that asks, in the order in which it asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from govdata.checks.context import CheckContext, Common
from govdata.classes import dataclass, field
from govdata.outcomes import Outcome, check_all, size_of
from govdata.processes import Processes
from govdata.processes import start as start_processes
from govdata.settings import Settings
from govdata.standards import Library, read_library
from govdata.values import Dataset

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


@dataclass(frozen=True, slots=True)
class Workers:
    """A number of processes at work."""

    processes: Processes

    def submit(self, dataset: Dataset, standard: str) -> Waiting:
        """Have a dataset checked."""
        return self.processes.submit(dataset.location, _work, dataset, standard)

    def stop(self) -> None:
        """End all processes at once."""
        self.processes.stop()


def start(settings: Settings, known: Mapping[str, Dataset]) -> Workers:
    """Start processes that know the settings and the datasets of the directory by their codes."""
    return Workers(start_processes(jobs_of(settings), _begin, settings.with_jobs(1), dict(known)))


@dataclass(slots=True)
class _Work:
    """What one process remembers from dataset to dataset."""

    settings: Settings
    library: Library
    known: Mapping[str, Dataset]
    common: Common = field(default_factory=Common)


_WORK: list[_Work] = []


def _begin(settings: Settings, known: Mapping[str, Dataset]) -> None:
    _WORK[:] = [_Work(settings, read_library(settings.content), known)]


def _work(dataset: Dataset, standard: str) -> list[Outcome]:
    (work,) = _WORK
    context = CheckContext(
        work.settings,
        work.library.standard(standard),
        find_dataset=lambda code: work.known.get(code) if code else dataset,
        common=work.common,
    )
    return check_all(dataset, context)
