"""The page with the results: the machine that they are of, and the parts between markers."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
PACKAGES = ("jsonschema", "jsonschema-rs", "orjson", "pyld", "openpyxl", "frictionless", "numpy", "polars")


def machine() -> str:
    """The processor, its cores, the Python and what was measured with or against."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor() or "?")
    known = {name: version(name) for name in PACKAGES}
    packages = ", ".join(f"{name} {found}" if found else f"no {name}" for name, found in known.items())
    load = f"; load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}: {model}, {os.cpu_count()} cores{load}; {platform.system()}; {python}; {packages}."


def version(package: str) -> str:
    """The version of an installed package; empty where it is not there."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def write(name: str, text: str) -> None:
    """Put a text between the markers that carry a name."""
    begin, end = (f"<!-- {name}: {side} -->" for side in ("begin", "end"))
    before, found, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{PAGE.name} has no markers {name}")
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
