"""What became of the lines of a file of entries in the last run, so that those that stand as they stood are not looked at again.

It is in the user's cache folder, beside what was found in files of data. Only records are kept of which nothing was to be said, by the
check or by the gate, and only as long as nothing changed that either follows from: the program, the standards, the settings, the day.
What the directory as a whole says is found each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

from govdata import cache, content
from govdata.checks.directory import Card as DirectoryCard
from govdata.checks.directory import OnLine
from govdata.classes import asdict
from govdata.fastjson import parsed
from govdata.pieces import Seen
from govdata.publishing.planning import Offer
from govdata.publishing.site.cards import Card
from govdata.publishing.site.describing import Ground
from govdata.publishing.site.state import Actual
from govdata.reading.datasets import RECORDS
from govdata.reading.paths import visible
from govdata.settings import Settings

KIND = "lines"


class Forgetful:
    """Where nothing is to be remembered."""

    is_file = False
    """It is of a file's lines."""

    def recall(self, number: int, line: bytes) -> Seen | None:
        """Nothing."""
        return None

    def note(self, seen: Seen, card: Card) -> None:
        """Nothing is noted."""

    def keep(self) -> None:
        """Nothing is kept."""


class Memory(Forgetful):
    """The lines of one file."""

    def __init__(self, path: Path, settings: Settings, ground: Ground, actual: Actual) -> None:
        self._name = visible(path.name)
        self._known = actual.known
        self._library = ground.library
        self.is_file = path.suffix.lower() in RECORDS
        self._key = cache.digest_of([str(path.resolve()), ground.zone])
        self._context = cache.digest_of([content.program(), asdict(settings), ground.zone, date.today()])
        self._before = self._read() if self.is_file else {}
        self._after: dict[int, Any] = {}
        self._asked: dict[int, str] = {}
        """Digests of the lines that are looked at now."""

    def _read(self) -> dict[int, Any]:
        found = cache.read(KIND, self._key, parsed)
        if not isinstance(found, dict) or found.get("context") != self._context:
            return {}
        standards = found.get("standards", {})
        if any(name not in self._library.layers or self._library.standard(name).digest != told for name, told in standards.items()):
            return {}
        return {row[0]: row for row in found["lines"]}

    def recall(self, number: int, line: bytes) -> Seen | None:
        """What is known of a line, if it is the same line and the site has what was made of it."""
        digest = blake2b(line, digest_size=16).hexdigest()
        row = self._before.get(number)
        known = self._known.get(row[3]) if row is not None and row[1] == digest else None
        if row is None or known is None or known.source != row[5] or known.state == "withdrawn":
            self._asked[number] = digest
            return None
        _, _, standard, code, title, source, *facts = row
        self._after[number] = row
        offer = Offer(code, title, f"{self._name}:{number}", "whole", True)
        card = Card(offer, source, known.digest, known.data, known.remarks, known.publisher, known.modified, known.related)
        identifier, named, publisher, publisher_name, related, items, sourced = facts
        remembered = DirectoryCard(
            number, "", self._name, OnLine(number), identifier, named, publisher, publisher_name, tuple(related), tuple(items), sourced
        )
        return Seen(card, standard, remembered, number)

    def note(self, seen: Seen, card: Card) -> None:
        """Note what a line became, where nothing is to be said of it."""
        digest = self._asked.pop(seen.line, "")
        if not digest:
            return
        offer, remembered = card.offer, seen.card
        quiet = card.source and offer.verdict == "whole" and not (offer.reasons or offer.notes)
        # One that did not pass the screen has places of its own.
        if not quiet or not offer.code or remembered is None or not isinstance(remembered.places, OnLine):
            return
        facts: Sequence[Any] = (
            remembered.identifier,
            remembered.title,
            remembered.publisher,
            remembered.publisher_name,
            remembered.related,
            remembered.items,
            remembered.sourced,
        )
        self._after[seen.line] = [seen.line, digest, seen.standard, offer.code, offer.title, card.source, *facts]

    def keep(self) -> None:
        """Keep what is known now for the next run."""
        if not self.is_file or self._after == self._before:
            return
        names = {row[2] for row in self._after.values()}
        standards = {name: self._library.standard(name).digest for name in sorted(names)}
        cache.write(KIND, self._key, {"context": self._context, "standards": standards, "lines": list(self._after.values())})
