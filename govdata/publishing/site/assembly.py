"""The parts of which sites are made."""

from __future__ import annotations

from govdata.publishing.site import basics
from govdata.publishing.site.parts import Part

PARTS: tuple[Part, ...] = (basics.PART,)
"""Paths of different parts are different."""
