"""What changes in a directory between two runs: everything that publishing does, in little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.targets.faults.world import Spec, World

TABLE, ENTRY, RENAMED, GUEST = 1, 2, 3, 4
"""Datasets that are always there, the last only every other time; new ones count on from 10."""


@dataclass
class Story:
    """Changes of one world, one after the other; the same seed tells the same."""

    world: World
    random: Random
    version: int = 0
    last: int = 9
    parts: dict[str, Callable[[], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = {
            "data": self.data,
            "metadata": self.metadata,
            "file": self.file,
            "guest": self.guest,
            "new": self.new,
            "sharing": self.sharing,
        }

    def begin(self) -> None:
        """The directory at first."""
        self.world.put(Spec(TABLE, "停车场"), Spec(ENTRY, "停车场规划", conditional=True), Spec(RENAMED, "停车场收费"))

    def data(self) -> None:
        """Other rows: a file, a table and a switch."""
        self.world.change(TABLE, rows=self.random.randint(1, 9), version=self._next())

    def metadata(self) -> None:
        """Another title."""
        self.world.change(ENTRY, title=f"停车场规划第{self._next()}版")

    def file(self) -> None:
        """The file, the title or both by another name, or the folder."""
        self.world.change(RENAMED, file=f"shoufei-{self._next()}.csv", title=f"停车场收费第{self.version}版")

    def guest(self) -> None:
        """A withdrawal, and the next time it is published again."""
        if GUEST in self.world.wanted:
            self.world.take_out(GUEST)
        else:
            self.world.put(Spec(GUEST, f"临时停车场{self._next()}", rows=4, version=self.version))

    def new(self) -> None:
        """A new dataset; the one before is withdrawn."""
        if self.last in self.world.wanted:
            self.world.take_out(self.last)
        self.last += 1
        self.world.put(Spec(self.last, f"新建停车场{self.last}", rows=2))

    def sharing(self) -> None:
        """Data shared on conditions from now on, which leave the site; the next time without."""
        spec = self.world.wanted[RENAMED]
        self.world.change(RENAMED, conditional=not spec.conditional)

    def all(self) -> None:
        """All of it."""
        for name in ("data", "metadata", "file", "guest", "new"):
            self.parts[name]()

    def some(self, count: int = 2) -> list[str]:
        """Some of it; gives what."""
        chosen = self.random.sample(sorted(self.parts), count)
        for name in chosen:
            self.parts[name]()
        return chosen

    def _next(self) -> int:
        self.version += 1
        return self.version
