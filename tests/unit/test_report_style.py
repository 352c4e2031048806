"""The colours of the HTML report are readable, the figures in the written check are true, and every text is there and used."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest

from govdata import content

ROOT = Path(__file__).parents[2]


TEXTS = {
    "paper": "ink soft link",
    "card": "ink soft link error warning note pass unchecked",
    "sunk": "ink soft",
    "band": "band-ink band-soft",
    **{f"{name}-ground": name for name in ("error", "warning", "note", "pass", "unchecked")},
}
TEXT_ON_GROUND = [(name, ground) for ground, names in TEXTS.items() for name in names.split()]
SHAPE_ON_GROUND = [("edge", "card"), ("link", "card"), ("error", "card"), ("warning", "card"), ("note", "card")]


def palettes() -> dict[str, dict[str, str]]:
    """The colours of the style sheet: light, dark, print."""
    blocks = re.findall(r":root \{(.*?)\}", content.read_text("catalog/reports/report.css"), re.DOTALL)
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block)) for block in blocks]
    return dict(zip(("light", "dark", "print"), [colours for colours in found if colours], strict=True))


def contrast(one: str, two: str) -> float:
    """WCAG 2.2, contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_contrast(scheme: str) -> None:
    colours = palettes()[scheme]
    assert [pair for pair in TEXT_ON_GROUND if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []
    assert [pair for pair in SHAPE_ON_GROUND if contrast(colours[pair[0]], colours[pair[1]]) < 3] == []


def test_the_figures_in_the_written_check_are_the_figures() -> None:
    page = (ROOT / "docs/accessibility.md").read_text(encoding="utf-8").partition("# Accessibility of the public site")[0]
    row = r"^\| `([a-z-]+)` \| `([a-z-]+)` \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|"
    wanted = [
        (name, ground, *(f"{contrast(colours[name], colours[ground]):.1f}" for colours in palettes().values()))
        for name, ground in TEXT_ON_GROUND
    ]
    assert re.findall(row, page, re.MULTILINE) == wanted


def test_every_text_is_used_and_exists() -> None:
    sources = [*(ROOT / "govdata/formats").glob("*.py"), ROOT / "catalog/reports/report.html"]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    asked = set(re.findall(r'say\(\s*"([a-z-]*[a-z])"', code)) | set(re.findall(r'"report\.([a-z-]+)"', code))
    known = content.load("catalog/messages/report.yaml")
    assert asked <= set(known)
    prefixes = tuple(re.findall(r'[("f]"(?:report\.)?([a-z]+-)(?:\{|")', code))
    named = set(re.findall(r"[\"']([a-z-]+)[\"']", code)) | {f"{name}s" for name in ("error", "warning", "note")}
    assert {key for key in known if key not in asked | named and not key.startswith(prefixes)} == set()
    assert all(set(texts) == {"zh", "en"} and all(texts.values()) for texts in known.values())


def test_the_report_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(content.load("schemas/report.schema.json"))
