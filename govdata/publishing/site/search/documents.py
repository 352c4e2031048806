"""What the search knows of a dataset: what it is found by, what is shown of it, what it is counted under."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from govdata.classes import dataclass
from govdata.fastjson import compact
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.records import Label, Party, Record
from govdata.publishing.site.search.folding import fold, may_change, plain, simplified
from govdata.publishing.site.search.grams import common_grams, grams

LONGEST_DESCRIPTION = 2000
"""Characters of the description that are searched: the texts of four datasets travel together."""
LONGEST_FIELDS = 3000
"""Characters of all names of columns that are searched."""

TITLE, WORDS, DESCRIPTION, FIELDS = 3, 2, 1, 0
"""How much it counts where a gram is found: two bits in the index."""

Row = list[Any]
"""A document as it is stored: see `row_of`."""


@dataclass(frozen=True, slots=True)
class Document:
    """A dataset as the search sees it."""

    code: str
    title: str
    publisher: Party
    description: str = ""
    keywords: tuple[str, ...] = ()
    themes: tuple[Label, ...] = ()
    cycle: Label | None = None
    opening: Label | None = None
    formats: tuple[str, ...] = ()
    date: str = ""
    """When the data last changed, else when it was first published: ISO."""
    fields: tuple[str, ...] = ()
    """Names of all columns, English ones too, each once."""
    more: tuple[str, ...] = ()
    """Whatever else it is to be found by."""


def document_of(record: Record) -> Document:
    """What the search knows of a record."""
    return Document(
        record.code,
        record.title,
        record.publisher,
        record.description,
        record.keywords,
        record.themes,
        record.cycle,
        record.opening,
        record.formats,
        record.modified or record.issued,
        record.fields,
    )


def row_of(document: Document) -> Row:
    """A document as it is stored, from which results are shown, texts compared and grams made anew.

    `[place, title, publisher, date, formats, keywords, description, further words, names of columns]`, and as a tenth the folded text
    where it holds traditional characters: the browser folds without their table.
    """
    themes = dict.fromkeys(text for label in document.themes for text in (label.code, label.zh, label.en) if text)
    row: Row = [
        dataset_folder(document.code).removeprefix("datasets/"),
        document.title,
        document.publisher.name,
        document.date[:10],
        list(document.formats),
        list(document.keywords),
        document.description[:LONGEST_DESCRIPTION],
        [document.code, *themes, *document.more],
        list(_as_many_as_fit(document.fields)),
    ]
    text = "\n".join(_texts(row))
    if not may_change(text):
        return row
    text = plain(text)
    folded = simplified(text)
    return row if folded == text else [*row, folded]


def _as_many_as_fit(names: tuple[str, ...]) -> Iterator[str]:
    left = LONGEST_FIELDS
    for name in names:
        left -= len(name) + 1
        if left < 0:
            return
        yield name


def _texts(row: Row) -> list[str]:
    """All that a document is found by; `search-engine.js` joins them likewise."""
    _, title, publisher, _, formats, keywords, description, more, fields, *_ = row
    return [title, publisher, *formats, *keywords, description, *more, *fields]


def dump(row: Row) -> bytes:
    """A stored document as JSON. Half a character (a lone surrogate) becomes a question mark."""
    return compact(row, "replace")


def impacts(row: Row) -> dict[str, int]:
    """The grams of a document, each with where it counts most: `FIELDS`, `DESCRIPTION`, `WORDS` or `TITLE`."""
    _, title, publisher, _, formats, keywords, description, more, fields, *_ = row
    words = grams(fold(more[0])).union(*map(common_grams, (publisher, *formats, *keywords, *more[1:])))
    found = dict.fromkeys(set[str]().union(*map(common_grams, fields)), FIELDS)
    found |= dict.fromkeys(grams(fold(description)), DESCRIPTION)
    found |= dict.fromkeys(words, WORDS)
    found |= dict.fromkeys(grams(fold(title)), TITLE)
    return found
