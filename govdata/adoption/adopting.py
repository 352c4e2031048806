"""A baseline in use during a run: each dataset is held against what is known of it, and what still holds is kept for the next time."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from govdata.adoption.baseline import Baseline, Group, Key, Known, read_baseline, write_baseline, written
from govdata.adoption.judging import Marked, Verdict, is_acceptable, judge
from govdata.classes import dataclass, field
from govdata.errors import SettingsError
from govdata.reading.paths import visible
from govdata.rules import Rule
from govdata.settings import LISTED, Settings
from govdata.values import Dataset, Severity


def reference_of(root: Path | None, named: Path) -> Path:
    """The folder from which places of datasets are told: that of `govdata.toml`, else what was named."""
    start = root or (named if named.is_dir() else named.parent)
    return Path(os.path.realpath(start))


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
    seen: set[tuple[str, str]] = field(default_factory=set)
    """Datasets of the old one that were found again, by its code and place."""
    tally: Counter[str] = field(default_factory=Counter)

    def known(self, code: str, place: str) -> Known | None:
        """What the old baseline knows of a dataset."""
        return None if self.old is None else self.old.find(code, place)

    def judge(
        self, dataset: tuple[str, str], findings: Sequence[Marked], amounts: Mapping[Key, Mapping[Severity, int]], doubtful: Set[tuple[str, str]]
    ) -> Verdict:
        """Which findings of a dataset (code, place) were there before."""
        known = self.known(*dataset)
        verdict = judge(findings, amounts, doubtful, None if self.old is None else (known.groups.get if known else lambda key: None))
        self.kept.setdefault(dataset, {}).update(verdict.groups)
        if known is not None:
            self.seen.add((known.id, known.path))
        return verdict

    def keep(self, dataset: tuple[str, str], files: Set[str] | None) -> None:
        """Keep what is known of files that could not be read to their end this time; `None`: of the whole dataset."""
        known = self.known(*dataset)
        if known is None:
            return
        for key, group in known.groups.items():
            if files is None or key[1] in files:
                # Fingerprints hold for the name that they were made with.
                same = known.name == (dataset[0] or dataset[1])
                self.kept.setdefault(dataset if same else (known.id, known.path), {}).setdefault(key, group)

    def close(self, standards: Sequence[Mapping[str, str]], whole: bool) -> dict[str, Any]:
        """Write the baseline where that was asked for, and give the numbers of the run.

        `whole`: everything was checked, so that a dataset that was not met is gone. What was not checked stays as it was known.
        """
        datasets = [Known(code, place, groups) for (code, place), groups in self.kept.items()]
        unmet = [item for item in (self.old.datasets if self.old else ()) if (item.id, item.path) not in self.seen]
        before = sum(_count(item) for item in self.old.datasets) if self.old else 0
        if not whole:
            datasets += unmet
        now = sum(map(_count, datasets))
        told = {"file": self.file.as_posix(), "accepted": now, "datasets": sum(bool(item.groups) for item in datasets)}
        told["resolved"] = max(before - now, 0)
        if self.write is not None and (self.kept or self.seen):
            write_baseline(self.write, "".join(written(standards, datasets)))
            told["written"] = self.write.as_posix()
            told["begun"] = self.old is None
        return told

    def other_standards(self, used: Mapping[str, Any]) -> list[dict[str, str]]:
        """The standards of this run (id → version, digest) that ask something else than when the baseline was written."""
        changed = []
        for item in self.old.standards if self.old else ():
            standard = used.get(item["id"])
            if standard is not None and standard.digest != item["digest"]:
                changed.append({"id": item["id"], "before": item["version"], "now": standard.version})
        return changed


def _count(known: Known) -> int:
    return sum(group.count for group in known.groups.values())


def open_adoption(settings: Settings, rules: Mapping[str, Rule], reference: Path) -> Adoption | None:
    """The baseline that settings name, ready for a run; `None` where they name none.

    Where one is to be written that is there already, that is the one that counts. Raises as `read_baseline` does.
    """
    write = settings.write_baseline
    exists = write is not None and write.exists()
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
    return one.exists() and os.path.samefile(one, two)


def refuse_records(settings: Settings, rules: Mapping[str, Rule]) -> None:
    """Refuse records of what can never be accepted, and of rules that nobody has; `SettingsError` with the key."""
    import difflib

    file = str((settings.root or Path()) / "govdata.toml")
    for number, record in enumerate(settings.accept, 1):
        rule = rules.get(record.rule)
        if rule is None:
            close = difflib.get_close_matches(record.rule, rules, n=3) or ["govdata explain"]
            raise SettingsError("settings-value", file=file, key=f"accept[{number}].rule", value=record.rule, allowed=close)
        if not is_acceptable(rule):
            raise SettingsError("accept-never", file=file, key=f"accept[{number}].rule", rule=record.rule)
