"""Words that the reports for people share: places, files, the clause behind a rule, the standards of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from govdata.formats import tallies
from govdata.formats.characters import shortened, unbroken, visible
from govdata.messages import text
from govdata.reading.databases.kinds import FORMATS as DATABASES
from govdata.reading.documents.yaml import unescape
from govdata.reading.sources import letters
from govdata.values import Acceptance, DatasetReport, Finding, Report, Source

FOLD_FROM = 3
"""So many neighbouring cells become a run."""


def places(findings: Sequence[Finding], language: str) -> tuple[str, ...]:
    """Where the findings are, in their order: `C17–C40（24 处）`, `C52`, `第 8 行`; each place once."""
    unique = tuple({_place_key(finding): finding for finding in findings}.values())
    out: list[str] = []
    start = 0
    while start < len(unique):
        end = start + 1
        while end < len(unique) and _follows(unique[end - 1], unique[end]):
            end += 1
        run = unique[start:end]
        out += [_run(run, language)] if len(run) >= FOLD_FROM else [place(finding, language) for finding in run]
        start = end
    return tuple(name for name in out if name)


def place(finding: Finding, language: str) -> str:
    """One place inside its file: a cell, else a row, else a line and the path in the entry; empty for the file as a whole."""
    if finding.cell:
        return visible(finding.cell)
    if finding.key:
        return text("report.place-key", language, {"key": shortened(finding.key, 60)})
    if finding.row is not None:
        return unbroken(text("report.place-row", language, {"row": str(finding.row)}))
    line = unbroken(text("report.place-line", language, {"line": str(finding.line)})) if finding.line else ""
    path = pointer_path(finding.pointer)
    if line and path:
        return text("report.place-path", language, {"line": line, "path": path})
    return line or path or _column(finding, language)


def _column(finding: Finding, language: str) -> str:
    if finding.column is None:
        return ""
    return unbroken(text("report.place-column", language, {"column": letters(finding.column)}))


def pointer_path(pointer: str) -> str:
    """A JSON pointer for people: `/资源/0/信息项/3/名称` is `资源 1 / 信息项 4 / 名称` (they count from 1)."""
    out: list[str] = []
    for name in map(unescape, pointer.split("/")[1:]):
        if name.isascii() and name.isdigit() and out and len(name) < 9:
            out[-1] += f" {int(name) + 1}"
        else:
            out.append(shortened(name, 60))
    return " / ".join(out)


def _place_key(finding: Finding) -> tuple[object, ...]:
    return finding.sheet, finding.cell, finding.key, finding.row, finding.column, finding.line, finding.pointer


def _follows(one: Finding, two: Finding) -> bool:
    same = (one.file, one.sheet, one.column, bool(one.cell)) == (two.file, two.sheet, two.column, bool(two.cell))
    return same and not (one.key or two.key) and one.row is not None and two.row == one.row + 1


def _run(run: Sequence[Finding], language: str) -> str:
    args = {"first": run[0].cell or str(run[0].row), "last": run[-1].cell or str(run[-1].row), "count": f"{len(run):,}"}
    key = "report.run-cells" if run[0].cell else "report.run-rows"
    return unbroken(text(key, language, {name: visible(value) for name, value in args.items()}))


def layer_name(layer: str, run: Mapping[str, object], language: str) -> str:
    """The title of a layer, where the run knows it (as a standard or among a standard's `layers`), else its id."""
    for standard in _mappings(run.get("standards")):
        for item in (standard, *_mappings(standard.get("layers"))):
            if item.get("id") == layer:
                return _title(item, language)
    return visible(layer)


def _mappings(found: object) -> list[Mapping[str, object]]:
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, Sequence) else []


def file_name(file: str, sheet: str, language: str) -> str:
    """A file, and the sheet of a workbook or the table of a database, as a heading."""
    if not file:
        return text("report.whole-dataset", language)
    shown = visible(file)
    if sheet and file.rpartition(".")[2].lower() in DATABASES:
        return text("report.table", language, {"file": shown, "table": visible(sheet)})
    return text("report.sheet", language, {"file": shown, "sheet": visible(sheet)}) if sheet else shown


def basis_of(source: Source | None, language: str) -> str:
    """Document and clause behind a rule, with the doubt that is on it; rules of govdata itself say so."""
    if source is None:
        return ""
    if source.document == "govdata":
        return text("report.own-rule", language)
    args = {"document": visible(source.document), "clause": visible(source.clause)}
    named = text("report.clause-number", language, args).strip()
    return named + (text(f"report.state-{source.state}", language) if source.state not in {"sourced", "own"} else "")


def standard_names(run: Mapping[str, object], language: str) -> tuple[str, ...]:
    """The standards of a run for people: title (else id) and version."""
    return tuple(f"{_title(item, language)} {visible(str(item.get('version', '')))}".strip() for item in _mappings(run.get("standards")))


def _title(standard: Mapping[str, object], language: str) -> str:
    title = standard.get("title")
    if isinstance(title, Mapping):
        title = title.get("en" if language.startswith("en") else "zh")
    return visible(str(title or standard.get("id", "")))


def with_entries(title: str, dataset: DatasetReport, language: str) -> str:
    """A title; of a file of entries with how many are not listed by themselves."""
    count = tallies.entries_apart(dataset)
    return text("report.title-entries", language, {"title": title, "count": f"{count:,}"}) if count else title


def left_out(dataset: DatasetReport, language: str, rules: Container[str] | None = None) -> tuple[str, ...]:
    """Sentences on rules with more findings than are listed, and one on those that not all was held against. `rules`: these alone."""
    told = [
        text(
            "report.unlisted" if exact else "report.unlisted-least",
            language,
            {"rule": visible(rule), "count": f"{count:,}", "shown": f"{shown:,}"},
        )
        for rule, count, shown, exact in tallies.unlisted(dataset)
        if rules is None or rule in rules
    ]
    undecided = [visible(rule) for rule in tallies.undecided(dataset) if rules is None or rule in rules]
    if undecided:
        told.append(text("report.undecided", language, {"rules": text("report.separator", language).join(undecided)}))
    return tuple(told)


def accepted(dataset: DatasetReport, language: str) -> tuple[str, ...]:
    """What is accepted in a dataset: how many, then a sentence on each reason. Empty where nothing is."""
    count = tallies.accepted_count(dataset)
    if not count:
        return ()
    exact = all(item.exact for item in dataset.accepted_counts.values())
    head = text("adopt.accepted" if exact else "adopt.accepted-least", language, {"count": f"{count:,}"})
    sentences = [_acceptance(item, language) for item in dataset.acceptances]
    if not sentences:
        rules = Counter(finding.rule for finding in dataset.accepted)
        sentences = [text("adopt.by-others", language, {"rule": visible(rule), "count": f"{number:,}"}) for rule, number in rules.items()]
    return (head, *sentences)


def _acceptance(item: Acceptance, language: str) -> str:
    names = ("rule", "field", "reason", "by", "until", "file")
    args = {name: shortened(str(getattr(item, name)), 200) for name in names}
    count = f"{item.count:,}" if item.exact else text("report.at-least", language, {"count": f"{item.count:,}"})
    key = "by-baseline" if item.kind == "baseline" else "by-record-field" if item.field else "by-record"
    return text(f"adopt.{key}", language, {**args, "count": count})


def changed(run: Mapping[str, object], language: str) -> str:
    """Since what only what has changed was checked, and how much that was; empty where everything was."""
    told = run.get("changed")
    if not isinstance(told, Mapping):
        return ""
    args = {"ref": shortened(str(told.get("ref", "")), 100), **{name: f"{told.get(name, 0):,}" for name in ("checked", "total")}}
    return text("adopt.changed" if told.get("checked") else "adopt.unchanged", language, args)


def checked(report: Report, language: str) -> list[str]:
    """`数据集 3 个`, `通过 2 个`, `错误 1 处`: how many datasets, how many by verdict, and how many findings."""
    verdicts = tallies.verdicts(report)
    said = [text("report.summary-datasets", language, {"count": f"{sum(verdicts.values()):,}"})]
    said += [text(f"report.summary-{name}", language, {"count": f"{count:,}"}) for name, count in verdicts.items() if count]
    return said + counts(tallies.totals(report), any(map(tallies.at_least, report.datasets)), language)


def counts(counted: Mapping[str, int], at_least: bool, language: str) -> list[str]:
    """`错误 3 处`, `警告 1 处`: what there is, gravest first, the first marked where numbers are lower bounds."""
    said = {name: f"{count:,}" for name, count in counted.items() if count}
    if at_least and said:
        gravest = next(iter(said))
        said[gravest] = text("report.at-least", language, {"count": said[gravest]})
    return [unbroken(text(f"report.count-{name}", language, {"count": count})) for name, count in said.items()]
