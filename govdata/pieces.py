"""A file of entries looked through in pieces, by several processes where that pays: the same comes of each line, in the same order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from govdata.classes import dataclass
from govdata.processes import Processes, start
from govdata.values import Dataset, DatasetReport

if TYPE_CHECKING:
    from govdata.checks.directory import Card

WORTH = 1000
"""Lines that are looked at here before processes are started for the others: as long as it takes to start one."""

LINES, BYTES = 100, 1 << 20
"""What a piece has at most, but for its last line."""

KNOWN = 1000
"""Lines of a piece if most are known."""

AHEAD = 3
"""Pieces that wait for each process, so that it never does and that their outcome needs little memory."""

Line = tuple[int, bytes | None]
"""A line of a file with its number; `None`: it is too long."""


class Seen(NamedTuple):
    """What became of a dataset."""

    taken: Any
    standard: str
    """The id of what it was held against."""
    card: Card | None = None
    """What the directory remembers of a line; its number does not count."""
    line: int = 0
    """Its number, where it is a line of a file of entries."""


Look = Callable[[Sequence[Line]], list[Seen]]
Take = Callable[[Dataset, DatasetReport], Any]


@dataclass(frozen=True, slots=True)
class Taker:
    """What becomes of each dataset of a directory as soon as it is checked, so that a hundred thousand need not be held together."""

    open: Callable[[], Take]
    """Gives what takes datasets, each with its report, in which nothing of the directory as a whole stands yet. It is opened once in each
    process, so it must be possible to hand it to another."""
    keep: Callable[[Seen], Any]
    """Is told in the order of the directory, in one process, what was taken; gives what is kept of it."""
    amend: Callable[[Any, DatasetReport], Any]
    """Gives what is kept instead where the directory as a whole has something to say of it: a report of that alone."""
    recall: Callable[[int, bytes], Seen | None] = lambda number, line: None
    """What an earlier run gave for a line of a file of entries, by its number and its bytes: then that line is not looked at again."""


class _Piece(NamedTuple):
    lines: list[tuple[int, Seen | None]]
    """Their numbers, and what is known of them."""
    asked: list[Line]
    """Those of which nothing is known."""


def look_through(
    name: str, lines: Iterable[Line], recall: Callable[[int, bytes], Seen | None], opened: Callable[[], Look], jobs: int
) -> Generator[Seen]:
    """What becomes of each line of a file that errors call `name`. `opened`: gives, in this process or another, what looks at lines.

    `EngineError` where a process was ended by the system.
    """
    team = _Team(name, opened, jobs)
    waiting: deque[Iterator[Seen]] = deque()
    try:
        for piece in _pieces(lines, recall):
            waiting.append(_joined(piece, team.give(piece.asked)))
            while len(waiting) > team.ahead:
                yield from waiting.popleft()
        while waiting:
            yield from waiting.popleft()
    finally:
        team.end()


def _pieces(lines: Iterable[Line], recall: Callable[[int, bytes], Seen | None]) -> Iterator[_Piece]:
    piece, size = _Piece([], []), 0
    for number, line in lines:
        seen = recall(number, line) if line is not None else None
        piece.lines.append((number, seen))
        if seen is None:
            piece.asked.append((number, line))
            size += len(line or b"")
        if len(piece.asked) >= LINES or size >= BYTES or len(piece.lines) >= KNOWN:
            yield piece
            piece, size = _Piece([], []), 0
    yield piece


def _joined(piece: _Piece, answered: Callable[[], Sequence[Seen]]) -> Iterator[Seen]:
    answers = iter(answered())
    for number, seen in piece.lines:
        found = next(answers) if seen is None else seen
        yield found if found.line == number else found._replace(line=number)


class _Team:
    """This process, and the others from when it pays."""

    def __init__(self, name: str, opened: Callable[[], Look], jobs: int) -> None:
        self._name, self._opened, self._jobs = name, opened, jobs
        self._here: Look | None = None
        self._others: Processes | None = None
        self._count = 0

    @property
    def ahead(self) -> int:
        """Pieces that may wait."""
        return 0 if self._others is None else self._jobs * AHEAD

    def give(self, lines: Sequence[Line]) -> Callable[[], Sequence[Seen]]:
        """Have lines looked at; what is given back waits for that."""
        if not lines:
            return lambda: ()
        if self._others is None and self._jobs > 1 and self._count >= WORTH:
            self._others = start(self._jobs, _begin, self._opened)
        self._count += len(lines)
        if self._others is not None:
            return self._others.submit(f"{self._name}:{lines[0][0]}–{lines[-1][0]}", _look, lines)
        self._here = self._here or self._opened()
        seen = self._here(lines)
        return lambda: seen

    def end(self) -> None:
        """End the other processes."""
        if self._others is not None:
            self._others.stop()


_OPENED: list[Callable[[], Look]] = []
_LOOK: list[Look] = []


def _begin(opened: Callable[[], Look]) -> None:
    _OPENED[:] = [opened]


def _look(lines: Sequence[Line]) -> list[Seen]:
    if not _LOOK:
        # Here an error goes back to the one who asks; at the beginning of a process it would be lost.
        _LOOK.append(_OPENED[0]())
    return _LOOK[0](lines)
