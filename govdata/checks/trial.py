"""A check of a table whose encoding is not proven yet: what it finds is kept, to be told once the proof is through, or forgotten."""

from __future__ import annotations

from collections.abc import Generator

from govdata.classes import replace
from govdata.engines.plan import Tally
from govdata.errors import GovdataError
from govdata.values import Finding, Resource, ResourceReport, Skipped

Result = Finding | Skipped | Tally


class Refuted(Exception):
    """The encoding is another: nothing that is found from now on would be told."""


class Trial:
    """What the check found. What it stumbled over counts only if the proof holds: bytes that are none of the encoding break anything."""

    def __init__(self, check: Generator[Result, None, ResourceReport]) -> None:
        self._items: list[Result] = []
        self._report: ResourceReport | None = None
        self._failure: ValueError | OSError | GovdataError | Refuted | None = None
        try:
            self._report = self._taken(check)
        except (ValueError, OSError, GovdataError, Refuted) as error:
            self._failure = error

    def _taken(self, check: Generator[Result, None, ResourceReport]) -> ResourceReport:
        while True:
            try:
                self._items.append(next(check))
            except StopIteration as end:
                report: ResourceReport = end.value
                return report

    def told(self, later: tuple[Finding, ...], resource: Resource) -> Generator[Result, None, ResourceReport]:
        """What was found, with the findings of the proof where they belong; what was raised is raised now."""
        if self._failure is not None:
            raise self._failure
        for item in self._items:
            if isinstance(item, Finding) and not item.rule:
                yield from (replace(finding, file=resource.file, resource=resource.id) for finding in later)
            else:
                yield item
        assert self._report is not None
        return self._report
