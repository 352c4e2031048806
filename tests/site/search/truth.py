"""What a query should find, the slow way: every text folded by a table of our own making and looked through."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from govdata.publishing.site.search.documents import Document

TRADITIONAL = str.maketrans("車場動產記區縣質間門業電氣預產", "车场动产记区县质间门业电气预产")


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().translate(TRADITIONAL)


def text_of(document: Document) -> str:
    """All that a document is to be found by."""
    themes = [text for label in document.themes for text in (label.code, label.zh, label.en)]
    words = [document.title, document.publisher.name, *document.formats, *document.keywords, document.description, document.code]
    return folded("\n".join([*words, *themes, *document.fields, *document.more]))


def terms_of(query: str) -> list[str]:
    return [term for term in re.split(r"[\s,，、;；]+", folded(query)) if term]


def holds(term: str, text: str) -> bool:
    """Letters and digits from the beginning of a word or number, all else anywhere."""
    before = "(?<![a-z])" if "a" <= term[0] <= "z" else "(?<![0-9])" if term[0].isdigit() else ""
    return re.search(before + re.escape(term), text) is not None


def falls_apart(term: str, text: str) -> bool:
    """Whether a Chinese term can be cut into pieces of two characters or more that are all in the text."""
    if holds(term, text):
        return True
    if not re.fullmatch("[㐀-鿿]{4,}", term):
        return False
    return any(term[:cut] in text and (term[cut:] in text or falls_apart(term[cut:], text)) for cut in range(2, len(term) - 1))


def found(query: str, texts: Sequence[str]) -> tuple[set[int], set[int]]:
    """The places of the texts that hold all terms, and of those that hold them in pieces only."""
    terms = terms_of(query)
    whole = {place for place, text in enumerate(texts) if all(holds(term, text) for term in terms)}
    apart = {place for place, text in enumerate(texts) if all(falls_apart(term, text) for term in terms)}
    return whole, apart - whole
