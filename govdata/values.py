"""The values that travel through a run: sources, findings, rows, resources, datasets, the report. All are frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

from govdata import classes
from govdata.classes import dataclass, field

Severity = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")
"""In ascending order: a layer may move a rule to the right, never to the left."""

MAPPING = (dict, Mapping)
"""What counts as an object of an entry; `dict` stands first because it is the usual one and quick to tell."""

Cell = str | int | float | Decimal | bool | date | datetime | time | bytes | list[Any] | dict[str, Any] | None
"""A cell as its file gives it: text in CSV, typed in a workbook; bytes, lists and mappings only in a database."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule, code list or standard comes from, and how well that is known."""

    document: str
    clause: str = ""
    year: int | None = None
    quote: str = ""
    url: str = ""
    state: Literal["sourced", "secondary", "unverified", "own"] = "unverified"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the user's data.

    A check fills `rule`, the place and `args`; `validation` adds what the standard and the language say
    (severity, message, help, source, layer), so that no check knows a language.
    """

    rule: str
    severity: Severity = "error"
    file: str = ""
    """Path relative to the dataset's folder, with `/`."""
    resource: str = ""
    pointer: str = ""
    """JSON pointer into the entry or package as written (RFC 6901)."""
    line: int | None = None
    """Physical line in the file, from 1."""
    sheet: str = ""
    row: int | None = None
    """Row as frictionless counts: the first row of the file (the header) is 1."""
    column: int | None = None
    """Column, from 1."""
    field: str = ""
    cell: str = ""
    """Address as a spreadsheet shows it: `C17`; empty in a database."""
    key: str = ""
    """The primary key of the row, in a database."""
    value: str | None = None
    args: Mapping[str, object] = classes.field(default_factory=dict)
    message: str = ""
    help: str = ""
    source: Source | None = None
    layer: str = ""
    cause: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What could not be checked, and why: a key of `catalog/messages` (area `skipped`) with its arguments."""

    what: str
    why: str
    args: Mapping[str, object] = classes.field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """One mistake that made many findings."""

    id: str
    kind: str
    count: int
    first: str
    """The first place, as text for people: `停车场.csv C17`."""
    message: str = ""
    help: str = ""


class Gap(list[None]):
    """The cells of a row that stands nowhere in its file: one object for all rows of a gap, known to be empty without a look at it."""

    __slots__ = ()


class Row(NamedTuple):
    """One row of a table, header rows included."""

    number: int
    """From 1. In a workbook the sheet's own row number, leading empty rows included."""
    line: int | None
    """Physical line at which the row starts, from 1; `None` in a workbook."""
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written; only what is declared, never sniffed from a sample."""

    delimiter: str = ","
    quote: str | None = '"'
    double_quote: bool = True
    escape: str | None = None
    skip_initial_space: bool = False
    comment: str = ""
    header_rows: tuple[int, ...] = (1,)
    """Empty: the table has no header."""
    header_join: str = " "
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """One file or sheet of a dataset, as the entry or package declares it."""

    id: str
    """Unique in its dataset: the declared name, else the file (and sheet)."""
    path: Path
    file: str
    """As written, relative to the dataset's folder, with `/`."""
    format: str
    """Lower case: csv, tsv, xlsx, xls, ods, …"""
    sheet: str | int | None = None
    """The sheet of a workbook, the table or view of a database."""
    encoding: str | None = None
    dialect: Dialect = Dialect()
    schema: Mapping[str, Any] | None = None
    """A Table Schema descriptor; semantic types and code lists under `semantic` and `codes` of a field."""
    pointer: str = ""
    rows: int | None = None
    """The number of rows that the entry declares."""
    declared: Mapping[str, Any] = classes.field(default_factory=dict)
    """The resource as the entry or package has it, keys in canonical English."""


@dataclass(frozen=True, slots=True)
class Positions:
    """Where each value of a document stands: JSON pointer of the text as written → line and column, from 1."""

    places: Mapping[str, tuple[int, int]] = classes.field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    """Pointers of unquoted scalars that look like a number, a date or a truth value to other YAML readers."""
    keys: Mapping[str, tuple[int, int]] = classes.field(default_factory=dict)
    """Where the key of each value stands that has one; `places` says where the value itself starts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A directory entry: as written and in canonical form (English keys, codes for labels, typed values)."""

    file: str
    written: Mapping[str, Any]
    canonical: Mapping[str, Any]
    pointers: Mapping[str, str] = classes.field(default_factory=dict)
    """Canonical JSON pointer → pointer as written."""
    positions: Positions = Positions()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A folder with one entry (or data package) and its resources; or a lone table or entry."""

    path: Path
    """The folder that relative file names start from."""
    location: str
    """How the report names it: relative to what the user named, with `/`."""
    kind: Literal["entry", "package", "table", "record"]
    """`record`: an entry of a JSON Lines directory, without data."""
    entry: Entry | None = None
    resources: tuple[Resource, ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    line: int = 0
    """The line of a record of which nothing needs to be said by itself: canonical as written, without places. Else 0."""


@dataclass(frozen=True, slots=True)
class ResourceReport:
    """What was read of one resource."""

    id: str
    file: str
    size: int | None = None
    sha256: str = ""
    encoding: str = ""
    sheet: str = ""
    rows: int | None = None
    cells: int | None = None
    schema: bool = False
    personal: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    """Fields that the reference decided cell by cell."""
    key: tuple[str, ...] = ()
    """Columns by which rows are named, in a database."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Field found personal → the kind of number that it holds: `citizen-number`, `bank-card`, `mobile`."""
    strewn: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Field → kind → how many such numbers stand in it here and there, inside text or among other values; only where they are several."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often a rule was broken; `exact` is false where it is at least so often."""

    count: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Findings that are accepted: by a record of `govdata.toml`, or because a baseline has them."""

    kind: Literal["record", "baseline"]
    rule: str
    """Of a baseline empty: it holds for many."""
    count: int
    exact: bool = True
    field: str = ""
    """Empty: any."""
    reason: str = ""
    by: str = ""
    until: str = ""
    """The last day, YYYY-MM-DD."""
    file: str = ""
    """Of a baseline."""


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """All findings of one dataset, what was checked and what was not."""

    path: str
    id: str
    title: str
    valid: bool
    entry: Mapping[str, str] | None
    resources: tuple[ResourceReport, ...]
    checked: Mapping[str, int]
    skipped: tuple[Skipped, ...]
    causes: tuple[Cause, ...]
    counts: Mapping[str, Count]
    shown: int
    accepted: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    standard: str = ""
    severities: Mapping[str, int] = classes.field(default_factory=dict)
    """Findings by severity, those not shown included, those accepted aside."""
    accepted_counts: Mapping[str, Count] = classes.field(default_factory=dict)
    """Rule → how many of its findings are accepted, those not listed included; `counts` is without them."""
    acceptances: tuple[Acceptance, ...] = ()
    """Why they are accepted, by whom and until when."""
    folder: str = ""
    """The folder that the files of findings are relative to, as the run reached it, with `/`. Not in the JSON form."""


@dataclass(frozen=True, slots=True)
class Report:
    """All findings of a run."""

    govdata: str
    run: Mapping[str, Any]
    valid: bool
    datasets: tuple[DatasetReport, ...]
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    report: int = 1
    rules: Mapping[str, Mapping[str, Any]] = classes.field(default_factory=dict)
    """Rules that were broken → `title`, `help` (zh, en), `severity`, `url`: what a report says of a rule itself. Not in the JSON form."""
