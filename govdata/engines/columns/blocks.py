"""What the engine is given to read: a text table in blocks, or from any of them on record by record."""

from __future__ import annotations

from collections.abc import Callable

from polars.exceptions import PolarsError

from govdata.classes import dataclass
from govdata.engines.columns.structure import Form
from govdata.reading import changes
from govdata.reading.sources import BlockSource

BREAKS = (*changes.BREAKS, PolarsError)
"""What comes of a file that changes while it is read: it is told by `BlockSource.check_unchanged`."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a table, and who is told how far it is."""

    source: BlockSource
    header: int
    """The number of the header row; the rows below it are checked."""
    said: frozenset[tuple[str, int | None]] = frozenset()
    """What the reader found when the header was looked for and was said already: rule and line."""
    tick: Callable[[int], None] = lambda rows: None
    """Told the rows so far."""
    counted: Callable[[int, int], None] = lambda rows, cells: None
    """Told the rows and cells that were checked, at the end."""

    @property
    def form(self) -> Form:
        """How the cells are set apart."""
        return Form(self.source.dialect.delimiter, self.source.dialect.quote)

    @property
    def comment(self) -> str:
        """What comment rows begin with."""
        return self.source.dialect.comment
