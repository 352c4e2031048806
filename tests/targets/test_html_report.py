"""The HTML report in a real browser: accessibility, reflow, keyboard, print, no scripts, no requests. Fails where a tool is missing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from govdata.formats import html
from govdata.formats.characters import shortened
from govdata.formats.json import read
from tests.browsers import find_browser, with_modules

pytestmark = pytest.mark.service

HERE = Path(__file__).parent
CASES = ["mixed", "mixed-en", "hostile", "scattered", "unchecked"]
OVERFLOWS = ["320", "360", "768", "1280", "320 spaced"]


@pytest.fixture(scope="module")
def browser() -> str:
    return find_browser()


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script beside its modules, installed as the lock says, outside the source tree."""
    return with_modules(tmp_path_factory.mktemp("browser"), HERE, HERE / "html_report.mjs") / "html_report.mjs"


@pytest.fixture(scope="module")
def pages(browser: str, script: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the browser found on the page of each case."""
    folder = tmp_path_factory.mktemp("pages")
    files = []
    for case in CASES:
        report = read(json.loads((HERE.parent / "formats" / case / "report.json").read_bytes()))
        files.append(folder / f"{case}.html")
        files[-1].write_text("".join(html.write(report, str(report.run["language"]))), encoding="utf-8")
    command = ["node", str(script), browser, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return {Path(found["file"]).stem: found for found in json.loads(done.stdout)}


@pytest.mark.parametrize("case", CASES)
def test_no_violation(pages: dict[str, dict[str, Any]], case: str) -> None:
    assert pages[case]["violations"] == []
    assert pages[case]["rules"] > 20  # the audit really ran


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_fetched_and_nothing_complains(pages: dict[str, dict[str, Any]], case: str) -> None:
    assert (pages[case]["requests"], pages[case]["console"], pages[case]["scripts"]) == ([], [], 0)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", OVERFLOWS)
def test_nothing_scrolls_sideways(pages: dict[str, dict[str, Any]], case: str, width: str) -> None:
    assert pages[case]["overflow"][width] <= 0


@pytest.mark.parametrize("case", CASES)
def test_everything_is_told_without_scripts(pages: dict[str, dict[str, Any]], case: str) -> None:
    report = json.loads((HERE.parent / "formats" / case / "report.json").read_bytes())
    told = [finding["message"] for dataset in report["datasets"] for finding in dataset["findings"]]
    told += [cause["help"] for dataset in report["datasets"] for cause in dataset["causes"]]
    words = "".join(pages[case]["text"].split())
    assert [each for each in told if "".join(shortened(each, html.MESSAGE_LENGTH).split()) not in words] == []


@pytest.mark.parametrize("case", CASES)
def test_keyboard(pages: dict[str, dict[str, Any]], case: str) -> None:
    found = pages[case]
    assert (found["skip"]["name"], found["landed"]["id"]) == ("a", "main")
    assert found["skip"]["top"] >= 0
    assert len(found["stops"]) == found["focusable"] - 1
    assert all(stop["outline"].startswith("solid") and stop["height"] >= 24 for stop in [found["skip"], *found["stops"]])
    assert found.get("unfolds", True)


@pytest.mark.parametrize("case", CASES)
def test_print_opens_what_is_folded(pages: dict[str, dict[str, Any]], case: str) -> None:
    assert pages[case]["hiddenInPrint"] == 0
    assert pages[case]["printInk"] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
