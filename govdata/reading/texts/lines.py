"""Physical lines of a proven text file, one after the other, with the limits that no parser may be asked to hold."""

from __future__ import annotations

import io
import weakref
from collections import deque
from collections.abc import Iterable, Iterator

from govdata.reading.encodings.candidates import decoder

_MARK = "\ufeff"


class TooLong(Exception):
    """A line is longer than allowed: in UTF-16, where the proof cannot measure lines, or because the file changed."""


class Unclosed(Exception):
    """A cell over several lines is longer than allowed: a quote was not closed."""


class TooBig(Exception):
    """A cell on one line is longer than allowed."""


class Lines:
    """Lines with their ends, as `csv.reader` wants them; it keeps the lines of the record being read.

    `pieces` are the bytes without their mark, cut anywhere. CR, LF and CRLF each end a line.
    `UnicodeDecodeError` is possible only if the file changed after the proof.
    """

    def __init__(self, pieces: Iterable[bytes], encoding: str, max_cell: int, max_line: int, delimiter: str, before: int = 0) -> None:
        # What is not read to its end would hold its chunk, and both each other, until Python looks for circles.
        self._blocks = _split(weakref.ref(self), pieces, encoding, max_line)
        self._open: Iterator[str] = iter(())
        self._text = ""
        self.fresh = False
        """A block has begun of which `rest` was not asked."""
        self._max_cell = max_cell
        self._delimiter = delimiter
        self._size = 0
        self._checked = max_cell
        self.count = before
        """Lines given so far, those before the pieces included."""
        self.record: list[str] = []
        """Lines of the record being read."""
        self.done = False
        self.marks: deque[int] = deque()
        """Lines that hold a byte order mark inside the text and were not told yet."""

    def begin(self) -> None:
        """Says that a new record begins with the next line."""
        self.record = []
        self._size = 0
        self._checked = self._max_cell

    def __iter__(self) -> Iterator[str]:
        opened: Iterator[str] | None = None
        while True:
            if opened is self._open:  # read to its end; else another reader of these lines has gone on to the next block
                text = next(self._blocks, None)
                if text is None:
                    break
                self._text, self._open, self.fresh = text, io.StringIO(text, newline=""), True
            opened = self._open
            for line in opened:
                self.count += 1
                self.record.append(line)
                self._size += len(line)
                if self._size > self._checked:
                    self._check(line)
                yield line
        self.done = True

    def rest(self, signs: Iterable[str]) -> list[str]:
        """The lines left of a block, if each surely is a record of its own: none is long, and no sign is there that may join two."""
        self.fresh = False
        if len(self._text) > self._max_cell or any(sign in self._text for sign in signs):
            return []
        found = list(self._open)
        self.count += len(found)
        return found

    def _check(self, line: str) -> None:
        """Here characters stand for bytes; the proof has already held every line against its limit in bytes."""
        if self._has_long_gap(line):
            raise TooBig if len(self.record) == 1 else Unclosed
        if len(self.record) > 1 and self._open_cell() > self._max_cell:
            raise Unclosed
        self._checked = self._size + self._max_cell

    def _has_long_gap(self, line: str) -> bool:
        """Whether delimiters stand further apart than a cell may be long; steps over as many as one look can reach."""
        at = 0
        while len(line) - at > self._max_cell:
            last = line.rfind(self._delimiter, at, at + self._max_cell + 1)
            if last < 0:
                return True
            at = last + 1
        return False

    def _open_cell(self) -> int:
        text = "".join(self.record)
        return len(text) - max(text.rfind(f'{self._delimiter}"'), text.find('"'), 0)


def _split(owned: weakref.ref[Lines], pieces: Iterable[bytes], encoding: str, max_line: int) -> Iterator[str]:
    """The text in blocks that end with a line."""
    reader, rest = decoder(encoding), ""
    for chunk in pieces:
        text = reader.decode(chunk)
        if _MARK in text and (owner := owned()) is not None:
            begun = owner.marks[-1] if owner.marks else 0  # perhaps the line that goes on here
            lines = enumerate(io.StringIO(rest + text, newline=""), owner.count + 1)
            owner.marks.extend([number for number, line in lines if _MARK in line and number > begun])
        text = rest + text
        # A CR at the very end may be half of CRLF: it waits for the next chunk.
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        yield text[:cut]
        rest = text[cut:]
        if len(rest) > max_line:
            raise TooLong
    yield rest + reader.decode(b"", True)
