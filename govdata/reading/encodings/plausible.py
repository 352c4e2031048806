"""Whether decoded text reads as text: the share of frequent characters, and what never stands in a table."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import sqrt
from typing import Literal, Protocol

from govdata import content
from govdata.classes import dataclass
from govdata.expressions import expression

FREQUENT = "schemas/encodings/frequent.json"
SHARE = 0.5
"""Least share of frequent characters. Misread text reaches 0.3 (from 8 different characters on), true text has 0.75 and more."""
LEAST, FEW, FEW_SHARE = 2, 3, 0.8
"""Least number of different frequent characters: one alone can be chance; below `FEW` of them the share must be larger."""
WHOLE = 1 << 18
"""So many characters beyond ASCII of a file are all counted; after them those in the first `SAMPLE` bytes of each piece."""
WHOLE_RUNS = 1 << 15
"""The same for runs of characters beyond ASCII in text of Latin letters."""
SAMPLE = 1 << 15
AT_ONCE = 1 << 17
"""So many characters are counted together: adding up the counts of few takes longer than counting them."""
_ASCII = bytes(range(0x80))
_HAN = expression("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_NEUTRAL = expression(
    "[\xa0-\xbf\xd7\xf7\u02b0-\u02ff\u2010-\u206f\u20a0-\u22ff\u2460-\u27bf\u3000-\u303f\ufeff\ufe00-\ufe0f\U0001f000-\U0001faff\ufe10-\ufe6f\uff01-\uff65\uffe0-\uffee]"
)
_NEVER = expression("[\x80-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffd-\uffff]")
_RUN = expression("([A-Za-z]?)([^\x00-\x7f]+)([A-Za-z]?)")
_SYMBOL = expression("[\xa0-\xbf\xd7\xf7\u2013\u2014\u2018-\u201d\u2022\u2026\u20ac\u2122]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a tally says. `letters` counts different frequent characters, `share` is theirs of all letters."""

    plausible: bool
    letters: int
    share: float
    strange: bool = False
    """There are letters of other scripts, or control characters."""

    @property
    def possible(self) -> bool:
        """Not proven, but not to be excluded either."""
        return self.plausible or (self.letters > 0 and self.share >= SHARE)


class Tally(Protocol):
    """Text in UTF-8 goes in, a verdict comes out."""

    def add(self, utf8: bytes) -> None: ...

    @property
    def sated(self) -> bool: ...

    @property
    def different(self) -> int: ...

    def verdict(self) -> Verdict: ...

    def broad_verdict(self) -> Verdict: ...


@functools.cache
def frequent(script: Literal["hans", "hant"]) -> frozenset[str]:
    """The frequent characters of simplified (`hans`) or traditional (`hant`) Chinese."""
    return frozenset("".join(content.load(FREQUENT)[script]))


class HanTally:
    """Counts the characters of text that should be Chinese."""

    def __init__(self, *scripts: Literal["hans", "hant"], count: Callable[[str], Mapping[str, int]] = Counter) -> None:
        self._count = count
        self._known: frozenset[str] = frozenset().union(*(frequent(script) for script in scripts))
        self._totals: Counter[str] = Counter()
        self._waiting: list[str] = []
        self._held = self._seen = 0

    def add(self, utf8: bytes) -> None:
        """Counts what is not ASCII."""
        rest = utf8.translate(None, _ASCII).decode("utf-8", "surrogatepass")
        self._waiting.append(rest)
        self._held += len(rest)
        self._seen += len(rest)
        if self._held >= AT_ONCE:
            self._take_in()

    def _take_in(self) -> None:
        self._totals.update(self._count("".join(self._waiting)))
        self._waiting, self._held = [], 0

    @property
    def _counts(self) -> Mapping[str, int]:
        if self._waiting:
            self._take_in()
        return self._totals

    @property
    def sated(self) -> bool:
        """From now on samples are enough."""
        return self._seen >= WHOLE

    @property
    def different(self) -> int:
        """How many different characters were seen."""
        return len(self._counts)

    def verdict(self) -> Verdict:
        """Weights are square roots of counts, so that one name in every row does not decide."""
        return weigh(self._counts.items(), self._known)

    def broad_verdict(self) -> Verdict:
        """The verdict if the text may be simplified or traditional."""
        return weigh(self._counts.items(), frequent("hans") | frequent("hant"))


def weigh(counts: Iterable[tuple[str, int]], known: frozenset[str]) -> Verdict:
    """The verdict on characters with their counts."""
    good = other = never = 0.0
    letters, strange = 0, False
    for character, count in sorted(counts):  # so that the sums do not depend on who counted
        weight = sqrt(count)
        if character in known:
            good += weight
            letters += 1
        elif _NEVER.match(character):
            never += weight
            strange = strange or ("\x80" <= character <= "\x9f" and character != "\x85")
        elif not _NEUTRAL.match(character):
            other += weight
            strange = strange or not _HAN.match(character)
    total = good + other + never
    share = good / total if total else 0.0
    enough = share >= (SHARE if letters >= FEW else FEW_SHARE)
    return Verdict(letters >= LEAST and enough and never <= total * 0.02, letters, share, strange)


class LatinTally:
    """Counts runs of characters beyond ASCII in text that should be of Latin letters: single letters inside words."""

    def __init__(self) -> None:
        self._good = self._symbols = self._bad = 0

    @property
    def sated(self) -> bool:
        """From now on samples are enough."""
        return self._good + self._symbols + self._bad >= WHOLE_RUNS

    def add(self, utf8: bytes) -> None:
        """Counts runs of non-ASCII characters."""
        for before, run, after in _RUN.findall(utf8.decode("utf-8", "surrogatepass")):
            if len(run) == 1 and _SYMBOL.match(run):
                self._symbols += 1
            elif len(run) == 1 and "\xc0" <= run <= "\u017f" and run not in "×÷" and _in_word(before, run, after):
                self._good += 1
            else:
                self._bad += 1

    @property
    def different(self) -> int:
        """Not known: runs are counted, not characters."""
        return 0

    def verdict(self) -> Verdict:
        """Plausible where nine of ten runs are letters in words or single symbols."""
        total = self._good + self._symbols + self._bad
        share = (self._good + self._symbols) / total if total else 0.0
        return Verdict(share >= 0.9 and total > 0, self._good, share)

    def broad_verdict(self) -> Verdict:
        """The same: there is one script."""
        return self.verdict()


def _in_word(before: str, letter: str, after: str) -> bool:
    """Whether an accented letter stands in a word: beside a letter, and no capital after a small letter."""
    parts = [part for part in (before, letter, after) if part]
    return len(parts) > 1 and not any(left.islower() and right.isupper() for left, right in itertools.pairwise(parts))


def read_well(text: str) -> bool:
    """Whether a short text reads as Chinese, simplified or traditional."""
    return weigh(Counter(character for character in text if character > "\x7f").items(), frequent("hans") | frequent("hant")).plausible
