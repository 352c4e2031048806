"""The numbers of documents: by them they stand in the index, and a document keeps its own, so that what does not change stays as it is.

New documents are numbered behind the others; one that is gone leaves a hole. When most numbers are holes, all are given anew.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterable, Sequence

from govdata.classes import dataclass
from govdata.publishing.site.search.documents import Document

VERSION = 1
"""Of the index's form: an index of another version is built anew."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """Which document has which number, and in how many shards the grams are."""

    codes: tuple[str, ...] = ()
    """Place = number; an empty text is a hole."""
    shards: int = 0
    size: int = 0
    """Bytes of all lists that are in shards, with their grams: what `shards` follows."""

    @property
    def live(self) -> int:
        """How many documents there are."""
        return len(self.codes) - self.codes.count("")


def order_key(document: Document) -> tuple[tuple[str, ...], str, tuple[int, ...], str]:
    """New documents are numbered by theme, then department, then the newest first: neighbours share words, which keeps the index small."""
    return tuple([label.code for label in document.themes]), document.publisher.id, _newest(document.date), document.code


@functools.lru_cache(maxsize=1 << 14)
def _newest(date: str) -> tuple[int, ...]:
    """What later dates come first by. Many datasets are of one day: it is held once."""
    return tuple([-ord(character) for character in date])


def renumbered(before: Numbering, present: Collection[str], new: Iterable[tuple[object, str]]) -> Numbering:
    """Numbers for the documents that are `present`; `new` are the key and the code of those that had none."""
    codes = [code if code in present else "" for code in before.codes] + [code for _, code in sorted(new)]
    return Numbering(tuple(codes), before.shards, before.size)


def crowded_by_holes(numbering: Numbering) -> bool:
    """Whether most numbers are holes."""
    return len(numbering.codes) > 2 * numbering.live


def dump(numbering: Numbering) -> bytes:
    """The numbering as a file: a line that describes it, then one a number."""
    head = json.dumps({"version": VERSION, "shards": numbering.shards, "size": numbering.size})
    # `json.dumps` would make a new encoder for each.
    encode = json.JSONEncoder(ensure_ascii=False).encode
    return "\n".join([head, *map(encode, numbering.codes), ""]).encode("utf-8", "surrogatepass")


def parse(data: bytes) -> Numbering | None:
    """The numbering of a file; `None` where it is not of this version, or is damaged."""
    try:
        head, *lines = json.loads("[" + ",".join(data.decode("utf-8", "surrogatepass").split("\n")[:-1]) + "]")
    except ValueError:
        return None
    if not isinstance(head, dict) or head.get("version") != VERSION or not _are_codes(lines):
        return None
    return Numbering(tuple(lines), int(head["shards"]), int(head["size"]))


def _are_codes(lines: Sequence[object]) -> bool:
    return all(isinstance(line, str) for line in lines)
