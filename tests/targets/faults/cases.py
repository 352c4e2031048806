"""All cases."""

from __future__ import annotations

from tests.targets.faults import answers, kills, people
from tests.targets.faults.rounds import CASES

__all__ = ["CASES", "answers", "kills", "people"]
