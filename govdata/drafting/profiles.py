"""What a column holds, counted over all of its values: the same numbers whatever counts them, and however the rows are cut."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from govdata.checks.personal import IN_TEXT, KINDS, LEAST
from govdata.checks.personal import Counter as PersonalCounter
from govdata.classes import dataclass, field
from govdata.drafting.forms import QUESTIONS, SIGNS, STARTS
from govdata.predicates.conditions import Condition, Form, parts_of
from govdata.predicates.patterns import parse
from govdata.predicates.plain import Test, emit
from govdata.predicates.written import may_hold

SHARE = 0.8
"""Part of a column's values that must be numbers of one kind for the kind to be what the column means."""
MOST_WIDTH = 1 << 30
"""Characters: more than any text has."""
KEPT = 20_000
"""Different texts of one column that are kept with their numbers, where a table has few columns."""
KEPT_IN_ALL = 1_000_000
"""The same of a whole table."""
FEWEST = 1000
"""The same of one column, however many there are."""
LONGEST_KEPT = 200
"""Characters: a column with longer texts is prose, of which nothing is kept."""
LONGEST_KEY = 64
"""Characters: no key is longer."""
ABSENT = "absent "
"""With which the questions begin that ask for a word which stands for no value."""
MOST_KEYS = 24_000_000
"""Values whose digests are held at once, of all columns of a table that may still be keys: 8 bytes each."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One column. What is counted are values: cells that are not empty."""

    label: str
    column: int
    """From 1."""
    values: int = 0
    missing: int = 0
    longest: int = 0
    """Characters."""
    texts: Mapping[str, int] | None = None
    """Different text → how often; `None` where they are too many or too long to be kept."""
    unique: bool | None = None
    """No two values agree: asked of columns that could be a key; `None` where it was not found out."""
    passing: Mapping[str, int] = field(default_factory=dict)
    """Question (`forms.QUESTIONS`, semantic type) → values of which it holds."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """Kind of personal number → values that are one, and such numbers inside texts."""
    personal: str = ""
    """The kind that the column is found to hold."""
    whole: int = 0
    fraction: int = 0
    """The most digits before and behind the point, of plain numbers."""
    families: Mapping[str, int] = field(default_factory=dict)
    """Type of cell, in a workbook or a database → how many."""

    def proves(self, question: str) -> bool:
        """Whether a question holds of every value, and there is one."""
        return self.values > 0 and self.passing.get(question, 0) == self.values

    @property
    def absent(self) -> Mapping[str, int]:
        """Word that stands for no value → how often it stands alone."""
        return {name.removeprefix(ABSENT): count for name, count in self.passing.items() if name.startswith(ABSENT)}

    def share(self, question: str) -> float:
        """The part of the values of which a question holds."""
        return self.passing.get(question, 0) / self.values if self.values else 0.0


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of each value besides its form."""

    meanings: Mapping[str, Condition]
    """Semantic type → where a value surely is one."""
    personal: Mapping[str, Callable[[str], bool]]
    """Kind of personal number → whether a text is one."""
    kinds: Mapping[str, Condition | None] = field(default_factory=dict)
    """The same as conditions, where they can be."""
    absent: frozenset[str] = frozenset()
    """Words that stand for no value."""


class Digests:
    """Digests of the values of a column, to find out whether two agree. Two values with one digest count as the same, never the other
    way: what is called unique is so."""

    def __init__(self) -> None:
        self._held = array("q")

    def add(self, texts: Sequence[str]) -> None:
        """Hold the digests of texts."""
        self._held.extend(map(hash, texts))

    def holds(self) -> int:
        """How many are held."""
        return len(self._held)

    def are_distinct(self) -> bool:
        """In parts, so that no more than about a million are in a set at once."""
        parts = 1 + len(self._held) // 1_000_000
        return all(_distinct([digest for digest in self._held if digest % parts == part]) for part in range(parts))


def _distinct(digests: Sequence[int]) -> bool:
    return len(set(digests)) == len(digests)


@dataclass(slots=True)
class Count:
    """The count of one column while rows are read."""

    label: str
    column: int
    kept: int
    values: int = 0
    missing: int = 0
    longest: int = 0
    texts: dict[str, int] | None = field(default_factory=dict)
    passing: dict[str, int] = field(default_factory=dict)
    alone: dict[str, int] = field(default_factory=dict)
    inside: dict[str, int] = field(default_factory=dict)
    whole: int = 0
    fraction: int = 0
    families: dict[str, int] = field(default_factory=dict)
    may_be_unique: bool = True
    unasked: bool = False
    """There were more values than could be held against each other."""
    digests: Any = None
    """What holds the digests once the texts are too many to be kept."""

    def note(self, values: int, missing: int, longest: int) -> None:
        """Take in how many more values there are, how many cells are empty, and the length of the longest value."""
        self.values, self.missing, self.longest = self.values + values, self.missing + missing, max(self.longest, longest)

    @property
    def may_be_kept(self) -> bool:
        """Whether its texts are few and short enough so far."""
        return self.texts is not None and len(self.texts) <= self.kept and self.longest <= LONGEST_KEPT

    @property
    def may_be_key(self) -> bool:
        """Whether no value is missing, none is too long for a key and no two were seen to agree."""
        return self.may_be_unique and not self.missing and self.longest <= LONGEST_KEY

    def add(self, name: str, count: int) -> None:
        """Count values of which a question holds."""
        if count:
            self.passing[name] = self.passing.get(name, 0) + count

    def profile(self, distinct: bool | None) -> Profile:
        """What was counted."""
        kinds = {kind: self.alone.get(kind, 0) + self.inside.get(kind, 0) for kind in KINDS}
        found = next((kind for kind, count in self.alone.items() if count >= LEAST and count >= SHARE * self.values), "")
        return Profile(
            self.label, self.column, self.values, self.missing, self.longest,
            None if self.texts is None else dict(self.texts), distinct, dict(self.passing),
            {kind: count for kind, count in kinds.items() if count} if sum(kinds.values()) >= IN_TEXT or found else {}, found,
            self.whole, self.fraction, dict(self.families),
        )  # fmt: skip


class Judge:
    """Asks the questions of texts, in plain Python."""

    def __init__(self, questions: Questions) -> None:
        self._forms = [(name, width_of(form), SIGNS.get(name, ""), test) for name, form in QUESTIONS.items() if (test := emit(form))]
        self._meanings = [(name, width_of(asked), test) for name, asked in questions.meanings.items() if (test := emit(asked))]
        self._of_length: dict[int, tuple[list[tuple[str, str, Test]], list[tuple[str, Test]]]] = {}
        self._may_mean = _any_form(questions.meanings.values())
        self._seen = PersonalCounter(questions.personal)
        self._absent = questions.absent

    def judge(self, count: Count, counted: Mapping[str, int]) -> None:
        """Ask everything of different texts, each of which stands for so many values."""
        passing: Counter[str] = Counter()
        for text, number in counted.items():
            forms, meanings = self._of_length.get(len(text)) or self._asked(len(text))
            if text[0] in STARTS:
                for name, sign, test in forms:
                    if sign in text and test(text):
                        passing[name] += number
                        if name == "decimal":
                            self._measure(count, text)
            if meanings and self._may_mean(text):
                for name, test in meanings:
                    if test(text):
                        passing[name] += number
            if len(text) >= 11:
                self.look(count, text, number)
            elif text in self._absent:
                passing[f"{ABSENT}{text}"] += number
        for name, number in passing.items():
            count.add(name, number)

    def _asked(self, length: int) -> tuple[list[tuple[str, str, Test]], list[tuple[str, Test]]]:
        """What is asked of texts of a length: the rest surely does not hold."""
        forms = [(name, sign, test) for name, (least, most), sign, test in self._forms if least <= length <= most]
        meanings = [(name, test) for name, (least, most), test in self._meanings if least <= length <= most]
        self._of_length[length] = forms, meanings
        return forms, meanings

    def look(self, count: Count, text: str, number: int) -> None:
        """Look for personal numbers in a text."""
        if not may_hold(text):
            return
        seen = self._seen
        seen.alone.clear()
        seen.inside.clear()
        seen.observe(text)
        for kind, found in seen.alone.items():
            count.alone[kind] = count.alone.get(kind, 0) + found * number
        for kind, found in seen.inside.items():
            count.inside[kind] = count.inside.get(kind, 0) + found * number

    @staticmethod
    def _measure(count: Count, text: str) -> None:
        whole, _, fraction = text.lstrip("-").partition(".")
        count.whole, count.fraction = max(count.whole, len(whole)), max(count.fraction, len(fraction))


def width_of(condition: Condition) -> tuple[int, int]:
    """The fewest and the most characters that a text has of which a condition holds."""
    least, most = 0, MOST_WIDTH
    for part in parts_of(condition):
        if isinstance(part, Form):
            found = parse(part.pattern).getwidth()
            least, most = max(least, found[0]), min(most, found[1])
    return least, most


def _any_form(conditions: Iterable[Condition]) -> Test:
    """Whether a text may fulfil one of some conditions by its form: most texts cannot, and need not be asked further."""
    asked = any_form(conditions)
    found = emit(asked) if asked is not None else None
    return found if found is not None else lambda text: True


def any_form(conditions: Iterable[Condition]) -> Form | None:
    """One form that a text has which has one of the forms that some conditions ask for; `None` where one of them asks for none."""
    forms = [next((part for part in parts_of(condition) if isinstance(part, Form)), None) for condition in conditions]
    return Form("|".join(f"(?:{form.pattern})" for form in forms if form is not None)) if None not in forms else None


def take(count: Count, counted: Mapping[str, int], judge: Judge, digests: Callable[[], Any]) -> None:
    """Take in different texts, each of which stands for so many values, of which the numbers were noted already."""
    if count.texts is not None:
        texts = count.texts
        for text, number in counted.items():
            texts[text] = texts.get(text, 0) + number
        if not count.may_be_kept:
            count.texts = None
            ask(count, texts, judge, digests)
    else:
        ask(count, counted, judge, digests)


def ask(count: Count, counted: Mapping[str, int], judge: Judge, digests: Callable[[], Any]) -> None:
    """Ask everything of texts that are not kept, and hold their digests while the column may be a key."""
    judge.judge(count, counted)
    if not all(number == 1 for number in counted.values()):
        count.may_be_unique = False
    held = digests_of(count, digests)
    if held is not None:
        held.add(list(counted))


def digests_of(count: Count, digests: Callable[[], Any]) -> Any:
    """What holds the digests of a column as long as it may be a key and is asked for one; else `None`, and what was held is given up."""
    if not count.may_be_key:
        count.digests = None
    elif count.digests is None and not count.unasked:
        count.digests = digests()
    return count.digests


def spare(counts: Sequence[Count]) -> None:
    """Give up finding out which of the last columns are unique, where too many digests are held."""
    held = sum(count.digests.holds() for count in counts if count.digests is not None)
    for count in reversed(counts):
        if held <= MOST_KEYS:
            return
        if count.digests is not None:
            held -= count.digests.holds()
            count.digests, count.unasked = None, True


def conclude(count: Count, judge: Judge) -> Profile:
    """The profile of a column after its last row."""
    if count.texts is not None:
        judge.judge(count, count.texts)
        return count.profile(len(count.texts) == count.values)
    if count.unasked and count.may_be_key:
        return count.profile(None)
    return count.profile(count.may_be_key and count.digests is not None and count.digests.are_distinct())
