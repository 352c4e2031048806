"""Every kind of page in a real browser and in a real validator: accessibility, reflow, keyboard, print, no requests, valid HTML."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.pages.front import site_pages
from tests.browsers import find_browser, with_modules
from tests.site.pages import directory

pytestmark = pytest.mark.service

HERE = Path(__file__).parent
FIRST, SECOND, HELD, GONE = (dataset_folder(record.code) for record in directory.RECORDS[:4])
HOSTILE = [dataset_folder(record.code) for record in directory.RECORDS[5:]]
KINDS = [
    *("index.html", "search.html", "about.html", "accessibility.html", "datasets/index.html", "themes/index.html"),
    *("publishers/113101990000000434/index.html", "standards/index.html", "standards/national.html"),
    *("codes/index.html", "codes/theme/index.html", "rules/index.html", "rules/table/type-error.html"),
    *(f"{FIRST}/index.html", f"{FIRST}/resources/1.html", f"{SECOND}/index.html", f"{HELD}/index.html", f"{GONE}/index.html"),
    *(f"{HOSTILE[1]}/index.html", f"{HOSTILE[7]}/resources/1.html", f"{HOSTILE[-1]}/index.html", f"{HOSTILE[-1]}/resources/1.html"),
]
PAGES = [*KINDS, "404.html", "en/index.html", f"en/{FIRST}/index.html", f"en/{FIRST}/resources/1.html"]
OVERFLOWS = ["320", "390", "768", "1280", "320 spaced"]


@pytest.fixture(scope="module")
def browser() -> str:
    return find_browser()


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script beside its modules, installed as the lock says, outside the source tree."""
    return with_modules(tmp_path_factory.mktemp("tools"), HERE, HERE / "pages.mjs")


@pytest.fixture(scope="module")
def site(pages: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site on the disk, at a path that needs encoding."""
    folder = tmp_path_factory.mktemp("site") / "公共 数据"
    for path, body in pages.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
    # Shown at any address of a host, it does without one here.
    (folder / "404.html").write_bytes(dict(site_pages((), directory.portal(standards={}, code_lists={})))["404.html"])
    (folder / "index").mkdir()
    for name in ("assets/search-engine.js", "assets/search.js", "index/meta.js"):  # the search has its own tests
        (folder / name).write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def seen(browser: str, tools: Path, site: Path) -> dict[str, dict[str, Any]]:
    """What the browser found on each page."""
    command = ["node", str(tools / "pages.mjs"), browser, str(site), *PAGES]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    return {found["path"]: found for found in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("path", PAGES)
def test_no_violation(seen: dict[str, dict[str, Any]], path: str) -> None:
    assert seen[path]["violations"] == []
    assert seen[path]["rules"] > 20  # the audit really ran


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_fetched_from_elsewhere_and_nothing_complains(seen: dict[str, dict[str, Any]], path: str) -> None:
    assert (seen[path]["outside"], seen[path]["console"]) == ([], [])
    assert seen[path]["styled"] == "rgb(246, 245, 241)", "the style sheet was not loaded"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", OVERFLOWS)
def test_nothing_scrolls_sideways(seen: dict[str, dict[str, Any]], path: str, width: str) -> None:
    assert seen[path]["overflow"][width] <= 0


@pytest.mark.parametrize("path", PAGES)
def test_keyboard(seen: dict[str, dict[str, Any]], path: str) -> None:
    found = seen[path]
    assert (found["skip"]["name"], found["landed"]) == ("a", "main")
    assert found["skip"]["top"] >= 0
    assert all(stop["outline"] == "solid" for stop in [found["skip"], *found["stops"]]), found["stops"]
    assert len({(stop["name"], stop["text"], stop["top"]) for stop in found["stops"]}) > min(found["focusable"], 40) / 2


@pytest.mark.parametrize("path", PAGES)
def test_print(seen: dict[str, dict[str, Any]], path: str) -> None:
    assert seen[path]["hiddenInPrint"] == 0
    assert seen[path]["printInk"] == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def test_complete_without_scripts(seen: dict[str, dict[str, Any]]) -> None:
    for record, folder in zip(directory.RECORDS[:3], (FIRST, SECOND, HELD), strict=True):
        assert f"{folder}/index.html" in seen
        text = seen[f"{folder}/index.html"]["text"]
        assert all(word in text for word in (record.title, record.code, record.publisher.name, *record.keywords))
    assert "没有运行它" in seen["search.html"]["text"]


def test_the_html_is_valid(tools: Path, site: Path) -> None:
    java = shutil.which("java")
    assert java, "java is not on the path; it is needed (Debian: apt-get install default-jre-headless)"
    jar = tools / "node_modules/vnu-jar/build/dist/vnu.jar"
    command = [java, "-Xss1m", "-jar", str(jar), "--errors-only", "--skip-non-html", "--format", "json", str(site)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)
    found = json.loads(done.stderr)["messages"]
    assert [(message["url"], message.get("lastLine"), message["message"]) for message in found] == []
