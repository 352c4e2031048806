"""The report as one HTML file: readable on a phone and on paper, complete without scripts, without a request to anywhere."""

from __future__ import annotations

import functools
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from unicodedata import bidirectional

from govdata import content
from govdata.checks.personal import scrub
from govdata.classes import dataclass
from govdata.formats import groups, tallies, wording
from govdata.formats.characters import shortened, written
from govdata.formats.groups import Group, Item
from govdata.messages import text
from govdata.values import Cause, DatasetReport, Finding, Report

TEMPLATE = "catalog/reports/report.html"
STYLES = "catalog/reports/report.css"
OPEN_ROWS = 10
"""Rows of a group that stand open; the others are folded away behind them."""
PLACES = 60
VALUES = 8
VALUE_LENGTH = 120
MESSAGE_LENGTH = 600


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of findings: places folded, values masked already, what is wrong, what to do if it differs from the group's."""

    places: str
    values: tuple[str, ...]
    more_values: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Block:
    """A group of findings ready to be shown."""

    group: Group
    heading: str
    count: str
    lines: tuple[Line, ...]
    help: str
    basis: str
    layer: str

    @property
    def with_values(self) -> bool:
        """Whether any row has a value to show."""
        return any(line.values for line in self.lines)


def write(report: Report, language: str) -> Iterator[str]:
    """The page in pieces, to be encoded as UTF-8. Data is escaped, and what cannot be seen is written out."""
    styles = content.read_text(STYLES)
    page = _Page(report, language)
    stream = page_template(TEMPLATE).stream(
        page=page,
        report=report,
        lang="en" if language.startswith("en") else "zh-CN",
        styles=styles,
        styles_digest=b64encode(sha256(styles.encode()).digest()).decode(),
        open_rows=OPEN_ROWS,
    )
    stream.enable_buffering(500)
    yield from stream


@functools.cache
def page_template(file: str) -> Any:
    """A page of the content as a template: what is put in is escaped, what is not known is an error."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(content.read_text(file))


@dataclass(frozen=True, slots=True)
class _Page:
    """What the template asks for: the report's parts in the language of the run."""

    report: Report
    language: str

    def say(self, key: str, **args: object) -> str:
        """A text of the report."""
        return text(f"report.{key}", self.language, args)

    def adopt(self, key: str, **args: object) -> str:
        """A text on accepted findings and changes."""
        return text(f"adopt.{key}", self.language, args)

    @property
    def headline(self) -> str:
        """The verdict in a word or two."""
        return self.adopt("unchanged-headline") if self.unchanged else self.say(f"headline-{self.verdict}")

    def show(self, words: object) -> str:
        """Text of the data, made visible."""
        return shortened(str(words), MESSAGE_LENGTH)

    def show_lines(self, words: str) -> str:
        """Advice with its paragraphs, made visible."""
        return "\n".join(self.show(line) for line in words.splitlines())

    def names(self, words: Sequence[str]) -> str:
        """A list of names of the data."""
        return self.say("separator").join(shortened(scrub(word), 100) for word in words)

    def file_name(self, file: str, sheet: str) -> str:
        """A file, and the sheet of a workbook."""
        return wording.file_name(file, sheet, self.language)

    def layer(self, name: str) -> str:
        """The title of a standard."""
        return wording.layer_name(name, self.report.run, self.language)

    def rows(self, dataset: DatasetReport) -> str:
        """The rows of all its tables."""
        return self.number(sum(resource.rows or 0 for resource in dataset.resources))

    def number(self, count: int | None) -> str:
        """A number with separators."""
        return "" if count is None else f"{count:,}"

    def size(self, count: int | None) -> str:
        """Bytes for people."""
        if count is None:
            return ""
        return next(
            f"{count / 1024**power:,.0f} {unit}"
            for power, unit in ((3, "GB"), (2, "MB"), (1, "KB"), (0, "B"))
            if count >= 1024**power or not power
        )

    @property
    def verdict(self) -> str:
        """pass, fail or unchecked."""
        return "fail" if tallies.stricter(self.report) else tallies.verdict(self.report)

    @property
    def advice(self) -> str:
        """What to do next, in a sentence."""
        if self.unchanged:
            return self.changed
        counted = tallies.totals(self.report)
        if stricter := tallies.stricter(self.report):
            return self.say(f"advice-{stricter}")
        if self.verdict == "fail" and not any(dataset.causes for dataset in self.report.datasets):
            return self.say("advice-fail-plain")
        if self.verdict == "pass" and (counted["warning"] or counted["note"]):
            return self.say("advice-pass-warnings")
        return self.say("advice-pass-partly" if self.verdict == "pass" and self.skipped_count else f"advice-{self.verdict}")

    @property
    def totals(self) -> Mapping[str, int]:
        """Findings by severity."""
        return tallies.totals(self.report)

    @property
    def at_least(self) -> bool:
        """Whether the number of findings is a lower bound."""
        return any(tallies.at_least(dataset) for dataset in self.report.datasets)

    @property
    def verdicts(self) -> Mapping[tallies.Verdict, int]:
        """Datasets by verdict."""
        return tallies.verdicts(self.report)

    @property
    def skipped_count(self) -> int:
        """Parts that were not checked."""
        return tallies.skipped_count(self.report)

    @property
    def standards(self) -> tuple[str, ...]:
        """Titles and versions."""
        return wording.standard_names(self.report.run, self.language)

    @property
    def changed(self) -> str:
        """Since what only what has changed was checked; empty where everything was."""
        return wording.changed(self.report.run, self.language)

    @property
    def unchanged(self) -> bool:
        """Whether nothing was checked because nothing has changed."""
        return tallies.is_unchanged(self.report)

    @property
    def accepted_total(self) -> int:
        """Accepted findings of all datasets."""
        return tallies.accepted_total(self.report)

    def accepted(self, dataset: DatasetReport) -> tuple[str, ...]:
        """What is accepted in a dataset, in sentences."""
        return wording.accepted(dataset, self.language)

    @property
    def telling(self) -> tuple[tuple[int, DatasetReport], ...]:
        """Datasets with something to tell, numbered from 1."""
        return tuple(enumerate((dataset for dataset in self.report.datasets if not tallies.is_clean(dataset)), 1))

    @property
    def clean(self) -> tuple[DatasetReport, ...]:
        """Datasets without problems."""
        return tallies.clean(self.report)

    def dataset_title(self, dataset: DatasetReport) -> str:
        """Title, else identifier, else folder; of a file of entries how many it stands for."""
        return wording.with_entries(shortened(dataset.title or dataset.id or dataset.path, 300), dataset, self.language)

    def dataset_verdict(self, dataset: DatasetReport) -> str:
        """pass, fail or unchecked."""
        return tallies.dataset_verdict(dataset)

    def severities(self, dataset: DatasetReport) -> Mapping[str, int]:
        """Findings by severity, those not shown included."""
        return tallies.severities(dataset)

    def counted(self, dataset: DatasetReport) -> str:
        """Its findings by severity, in words."""
        said = wording.counts(tallies.severities(dataset), tallies.at_least(dataset), self.language)
        return self.say("separator").join(written(words) for words in said)

    def unlisted(self, dataset: DatasetReport) -> tuple[str, ...]:
        """Sentences on rules with more findings than are listed, and on those that not all was held against."""
        return wording.left_out(dataset, self.language)

    def causes(self, dataset: DatasetReport) -> tuple[tuple[Cause, str, tuple[tuple[str, tuple[Block, ...]], ...]], ...]:
        """Each cause, its severity, and what it made, by file."""
        return tuple((cause, groups.worst(made), self._files(made)) for cause, made in groups.caused(dataset))

    def files(self, dataset: DatasetReport) -> tuple[tuple[str, tuple[Block, ...]], ...]:
        """What no cause explains, by file."""
        return self._files(groups.uncaused(dataset))

    @property
    def directory(self) -> tuple[tuple[str, tuple[Block, ...]], ...]:
        """What is wrong with the directory as a whole, by file."""
        return self._files(self.report.findings)

    def _files(self, findings: Sequence[Finding]) -> tuple[tuple[str, tuple[Block, ...]], ...]:
        return tuple(
            (wording.file_name(file, sheet, self.language), tuple(self._block(group) for group in members))
            for (file, sheet), members in groups.by_file(groups.grouped(findings))
        )

    def _block(self, group: Group) -> Block:
        return Block(
            group=group,
            heading=shortened(group.field, 200) if group.field else "",
            count=self.say("group-count", count=f"{group.count:,}"),
            lines=tuple(self._line(item) for item in group.items),
            help=group.help,
            basis=wording.basis_of(group.source, self.language),
            layer=wording.layer_name(group.layer, self.report.run, self.language) if group.layer else "",
        )

    def _line(self, item: Item) -> Line:
        named = wording.places(item.findings, self.language)
        more = self.say("more-places", count=f"{len(item.findings):,}") if len(named) > PLACES else ""
        places = self.say("separator").join(named[:PLACES]) + more
        values = tuple(dict.fromkeys(finding.value for finding in item.findings if finding.value is not None))
        shown = tuple(shortened(value, VALUE_LENGTH) for value in values[:VALUES])
        numbers = {"count": f"{len(values) - VALUES:,}", "total": f"{len(values):,}"}
        more_values = self.say("value-more", **numbers) if len(values) > VALUES else ""
        return Line(written(places), shown, more_values, _isolated(shortened(item.message, MESSAGE_LENGTH), shown), item.help)


def _isolated(message: str, values: Sequence[str]) -> str:
    """A message, escaped, in which values that run from right to left do not turn the words around them."""
    from markupsafe import Markup, escape

    out = escape(message)
    for value in values:
        if any(bidirectional(character) in ("R", "AL") for character in value):
            out = out.replace(escape(value), Markup("<bdi>{}</bdi>").format(value))
    return out
