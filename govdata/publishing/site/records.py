"""What the public site knows of a dataset: one value from which pages, search and exports are made, and its JSON form.

The JSON form stands beside each dataset's page (`index.json`, described by `schemas/site-dataset.schema.json`). It is the site's
interface for programs, and the memory of the next build: a dataset that is held back, or gone, is shown from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from govdata.classes import dataclass, field

VERSION = 1

SHORT = 300
"""Characters of a description that a summary holds."""

State = Literal["published", "held", "withdrawn"]
"""`held`: shown as it was published, since what is in the directory now has errors. `withdrawn`: a tombstone."""


@dataclass(frozen=True, slots=True)
class Label:
    """A code with its words; where it is in no list, the text that was written stands for all three."""

    code: str
    zh: str
    en: str = ""

    def text(self, language: str) -> str:
        """The words in a language (`zh-CN` or `en`); Chinese where there are no others."""
        return self.en if language.startswith("en") and self.en else self.zh


@dataclass(frozen=True, slots=True)
class Party:
    """The department that provides a dataset."""

    id: str
    """Its name in addresses (`addresses.slug`)."""
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A column, as the entry describes it (`信息项`)."""

    name: str
    english: str = ""
    type: Label | None = None
    """The entry's data type; `schema_type` is the Table Schema type that follows from it."""
    schema_type: str = ""
    description: str = ""
    unit: str = ""
    length: int | None = None
    semantic: Label | None = None
    codes: str = ""
    """Id of the code list that its values are from; empty: none. `Site.code_lists` has it."""
    key: bool = False
    required: bool = False
    unique: bool = False
    minimum: str = ""
    maximum: str = ""
    pattern: str = ""
    values: tuple[str, ...] = ()
    """The values that are allowed, where the entry lists them."""
    references: str = ""
    """Code of the dataset that a foreign key refers to; empty: none, or a resource of the same dataset."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a table, as canonical texts; a missing value is `None`, a long one is cut."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Download:
    """A file that can be fetched."""

    name: str
    """Below the dataset's folder: `data/停车场.csv`."""
    kind: Literal["original", "csv", "csv-safe", "parquet"]
    """`original`: the bytes that were checked. `csv`: UTF-8 with canonical values. `csv-safe`: the same, no cell of which a
    spreadsheet takes for a formula."""
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A file, a table of a file, or a link."""

    key: str
    """The file with `#` and its sheet or table, unique in the dataset; of a link `service`."""
    id: str
    """Its name in addresses, unique in the dataset: `1`, `2`, … by place in the entry."""
    title: str
    description: str = ""
    format: str = ""
    """In capitals: `CSV`, `XLSX`, `API`."""
    media_type: str = ""
    url: str = ""
    """Of a link; empty for a file."""
    file: str = ""
    """The file's name in the directory."""
    sheet: str = ""
    size: int | None = None
    sha256: str = ""
    encoding: str = ""
    rows: int | None = None
    modified: str = ""
    items: tuple[Item, ...] = ()
    schema: Mapping[str, Any] | None = None
    """Its Table Schema descriptor (v2)."""
    preview: Preview | None = None
    downloads: tuple[Download, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One publication of a dataset, newest first in a record."""

    date: str
    """ISO date."""
    event: Literal["published", "changed", "data", "withdrawn", "restored"]
    """`changed`: the entry; `data`: the data, or both."""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is to be told with a dataset, in both languages: an exception that was signed off, why it is held back or gone."""

    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Record:
    """One dataset of the site. Dates are ISO texts, empty where not known."""

    code: str
    """信息资源代码; unique on a site."""
    id: str
    """Its name in addresses (`addresses.slug`)."""
    title: str
    publisher: Party
    state: State = "published"
    description: str = ""
    keywords: tuple[str, ...] = ()
    themes: tuple[Label, ...] = ()
    category: tuple[str, ...] = ()
    cycle: Label | None = None
    sharing: Label | None = None
    opening: Label | None = None
    condition: str = ""
    """Under which it is opened."""
    issued: str = ""
    modified: str = ""
    """When the data last changed: the newest date of the entry and its resources."""
    due: str = ""
    """When the next update is due."""
    start: str = ""
    end: str = ""
    spatial: str = ""
    language: str = ""
    version: str = ""
    source: str = ""
    licence: str = ""
    terms: str = ""
    landing_pages: tuple[str, ...] = ()
    contact: Mapping[str, str] = field(default_factory=dict)
    """`organisation`, `phone`, `email`, `address`, as far as given. Persons are left out."""
    correction: Mapping[str, str] = field(default_factory=dict)
    """`url`, `phone`, `email`, `note`."""
    related: tuple[str, ...] = ()
    """Codes of other datasets."""
    resources: tuple[Resource, ...] = ()
    entry: Mapping[str, Any] = field(default_factory=dict)
    """The canonical entry, as far as it may be public: what the exports are made of."""
    remarks: tuple[Remark, ...] = ()
    versions: tuple[Version, ...] = ()
    digest: str = ""
    """Of all that is published, data included; not of `state`, `remarks` and `versions`."""

    @property
    def formats(self) -> tuple[str, ...]:
        """Each format once, in order of the resources."""
        return tuple(dict.fromkeys(item.format for item in self.resources if item.format))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all columns, English ones too, each once."""
        items = (item for resource in self.resources for item in resource.items)
        return tuple(dict.fromkeys(name for item in items for name in (item.name, item.english) if name))

    @property
    def rows(self) -> int:
        """Rows of all tables that were counted."""
        return sum(item.rows or 0 for item in self.resources)


class Shown(Protocol):
    """A dataset of which no more is known than whether anything that is shown of it has changed."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def state(self) -> str:
        """As of `State`."""

    @property
    def key(self) -> str:
        """As of `Summary`."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What lists, feeds and the search need of a dataset: small enough to hold a hundred thousand of them."""

    code: str
    id: str
    title: str
    publisher: Party
    state: State
    description: str
    """At most `SHORT` characters."""
    keywords: tuple[str, ...]
    themes: tuple[str, ...]
    """Codes; the words are in the code list `theme`, or these themselves."""
    formats: tuple[str, ...]
    cycle: str
    opening: str
    sharing: str
    issued: str
    modified: str
    fields: tuple[str, ...]
    """Names of all columns, English ones too, each once."""
    key: str
    """A digest of all that is shown of the dataset: where it is unchanged, so is every page that it stands in."""


def summary_of(record: Record, key: str) -> Summary:
    """The summary of a record."""
    return Summary(
        record.code,
        record.id,
        record.title,
        record.publisher,
        record.state,
        record.description[:SHORT],
        record.keywords,
        tuple(label.code for label in record.themes),
        record.formats,
        record.cycle.code if record.cycle else "",
        record.opening.code if record.opening else "",
        record.sharing.code if record.sharing else "",
        record.issued,
        record.modified,
        record.fields,
        key,
    )
