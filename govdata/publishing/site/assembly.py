"""The parts of which sites are made."""

from __future__ import annotations

from govdata.publishing.site import basics, finding, looks, machines
from govdata.publishing.site.parts import Part

PARTS: tuple[Part, ...] = (basics.PART, machines.PART, looks.PART, finding.PART)
"""Paths of different parts are different."""
