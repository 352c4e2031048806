"""A baseline in use during a run: each dataset is held against what is known of it, and what still holds is kept for the next time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from govdata.adoption.baseline import Baseline, Group, Key, Known, read_baseline, write_baseline, written
from govdata.adoption.judging import Marked, Verdict, is_acceptable, judge
from govdata.classes import dataclass, field
from govdata.errors import SettingsError
from govdata.reading.paths import visible
from govdata.rules import Rule
from govdata.settings import LISTED, Settings
from govdata.standards import Standard
from govdata.values import Dataset, Finding, Severity

SHOWN = 3
"""Datasets that an error names."""


def reference_of(root: Path | None, named: Path) -> Path:
    """The folder from which places of datasets are told: that of `govdata.toml`, else what was named."""
    return Path(os.path.realpath(root or folder_of(named)))


def folder_of(named: Path) -> Path:
    """What was named, if it is a folder, else the folder that it is in."""
    return named if os.path.isdir(named) else named.parent


def place_of(dataset: Dataset, reference: Path) -> str:
    """Where a dataset is, whatever was named: its folder, of a lone table or a record its file (and line)."""
    folder = os.path.realpath(dataset.path)
    try:
        found = os.path.relpath(folder, reference).replace(os.sep, "/")
    except ValueError:
        # On another drive.
        found = folder.replace(os.sep, "/")
    found = visible(found)
    if dataset.kind not in ("table", "record"):
        return found
    return dataset.location if found == "." else f"{found}/{dataset.location}"


@dataclass(slots=True)
class Adoption:
    """What is known from before, and what of it was found again."""

    reference: Path
    file: Path
    """The baseline, as it was named."""
    write: Path | None
    old: Baseline | None
    """`None`: there is none yet, and everything that can be is taken into it."""
    limits: tuple[int | None, int | None] = (None, None)
    """Findings that are shown of a dataset, and of one kind: more are kept and compared."""
    kept: dict[tuple[str, str], dict[Key, Group]] = field(default_factory=dict)
    """(code, place) → what the next baseline knows of the dataset."""
    seen: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Code and place of a dataset in the old one → those that it has now."""
    present: set[str] = field(default_factory=set)
    """Codes of datasets that are there now."""
    met: int = 0
    """Datasets that were judged."""

    def known(self, code: str, place: str) -> Known | None:
        """What the old baseline knows of a dataset."""
        return None if self.old is None else self.old.find(code, place, self.present)

    def judge(
        self,
        dataset: tuple[str, str],
        findings: Sequence[Marked],
        amounts: Mapping[Key, Mapping[Severity, int]],
        doubtful: Set[tuple[str, str]],
    ) -> Verdict:
        """Which findings of a dataset (code, place) were there before."""
        known = self.known(*dataset)
        verdict = judge(findings, amounts, doubtful, None if self.old is None else (known.groups.get if known else lambda key: None))
        self.kept.setdefault(dataset, {}).update(verdict.groups)
        self.met += 1
        if known is not None:
            self.seen[known.id, known.path] = dataset
        return verdict

    def keep(self, dataset: tuple[str, str], is_unread: Callable[[str], bool]) -> None:
        """Keep what is known of files that could not be read to their end this time."""
        known = self.known(*dataset)
        if known is not None:
            self._keep(known, dataset, lambda key: is_unread(key[1]))

    def _keep(self, known: Known, dataset: tuple[str, str], stays: Callable[[Key], bool]) -> None:
        # Fingerprints hold for the name that they were made with.
        owner = dataset if known.name == (dataset[0] or dataset[1]) else (known.id, known.path)
        for key, group in known.groups.items():
            if stays(key):
                self.kept.setdefault(owner, {}).setdefault(key, group)

    def covers(self, path: Path) -> bool:
        """Whether a named folder holds everything that the baseline is about."""
        return os.path.isdir(path) and self.reference.is_relative_to(os.path.realpath(path))

    def close(self, used: Mapping[str, Standard], whole: bool, named: Sequence[Path]) -> dict[str, Any]:
        """Write the baseline where that was asked for, and give the numbers of the run.

        `whole`: everything was checked, so that a dataset in what was `named` that was not met is gone. What was not checked stays as it
        was known. `SettingsError` where nothing that the baseline holds was met and it would be emptied: it is of another directory.
        """
        old = self.old.datasets if self.old else ()
        across = {rule.id for standard in used.values() for rule in standard.rules.values() if rule.applies_to == "directory"}
        gone, folders = [], [os.path.realpath(path) for path in named if os.path.isdir(path)] if whole else []
        for known in old:
            owner = self.seen.get((known.id, known.path))
            if owner is None and any(self._place(known).is_relative_to(folder) for folder in folders):
                gone.append(known)
            elif owner is None:
                self._keep(known, (known.id, known.path), lambda key: True)
            elif not whole:
                self._keep(known, owner, lambda key: key[0] in across)
        if gone and self.write is not None and self.met and not self.seen:
            there = sorted({known.path for known in gone})
            raise SettingsError("baseline-elsewhere", file=str(self.file), folder=str(self.reference), known=_some(there))
        datasets = [Known(code, place, groups) for (code, place), groups in self.kept.items()]
        before, now = sum(map(_count, old)), sum(map(_count, datasets))
        told = {"file": self.file.as_posix(), "count": now, "datasets": sum(bool(known.groups) for known in datasets)}
        told["resolved"] = max(before - now, 0) if self.seen else 0
        if self.write is not None and (self.met or self.old is None):
            standards = {standard.id: _told(standard) for standard in used.values()}
            before_them = {item["id"]: item for item in self.old.standards} if self.old else {}
            # Of what was checked only in part it is not known that it holds under another version.
            write_baseline(self.write, "".join(written((before_them | standards if whole else standards | before_them).values(), datasets)))
            told |= {"written": self.write.as_posix(), "begun": self.old is None}
        return told

    def _place(self, known: Known) -> Path:
        """Where a dataset of the old baseline was."""
        return Path(os.path.normpath(self.reference / known.path))

    def differences(self, used: Mapping[str, Standard]) -> Iterator[Finding]:
        """A note for each standard that asks something else than when the baseline was written."""
        for item in self.old.standards if self.old else ():
            standard = used.get(item["id"])
            if standard is not None and standard.digest != item["digest"]:
                told = {"standard": standard.layers[-1].title, "before": item["version"], "now": standard.version}
                yield Finding("accept/other-standard", file=visible(self.file.name), value=item["id"], args=told)


def _told(standard: Standard) -> dict[str, str]:
    return {"id": standard.id, "version": standard.version, "digest": standard.digest}


def _some(names: Sequence[str]) -> list[str]:
    """The first of some names, and a sign that there are more."""
    return [*names[:SHOWN], *["…"] * (len(names) > SHOWN)]


def _count(known: Known) -> int:
    return sum(group.count for group in known.groups.values())


def open_adoption(settings: Settings, rules: Mapping[str, Rule], reference: Path) -> Adoption | None:
    """The baseline that settings name, ready for a run; `None` where they name none.

    Where one is to be written that is there already, that is the one that counts. Raises as `read_baseline` does.
    """
    write = settings.write_baseline
    exists = write is not None and os.path.exists(write)
    file = write if exists else settings.baseline or write
    if file is None:
        return None
    if exists and settings.baseline is not None and not _is_same(settings.baseline, file):
        raise SettingsError("baseline-two", file=str(settings.baseline), written=str(write))
    limits = settings.limit, None if settings.limit is None else min(LISTED, settings.limit)
    if not exists and settings.baseline is None:
        return Adoption(reference, file, write, None, limits)
    old = read_baseline(file)
    for known in old.datasets:
        for rule, *_ in known.groups:
            if (rule in rules and not is_acceptable(rules[rule])) or rule.startswith(("gate/", "personal/", "accept/")):
                raise SettingsError("baseline-never", file=str(file), rule=rule, dataset=known.name)
    return Adoption(reference, file, write, old, limits)


def _is_same(one: Path, two: Path) -> bool:
    return os.path.exists(one) and os.path.samefile(one, two)
