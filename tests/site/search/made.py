"""Documents, and sites with an index, for the tests of the search."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from govdata.publishing.site.search.building import build
from govdata.publishing.site.search.client import scripts, words
from govdata.publishing.site.search.documents import Document, document_of

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "catalog" / "site" / "scripts"
QUERIES = (Path(__file__).parent / "queries.txt").read_text(encoding="utf-8").splitlines()


def documents(count: int, seed: int = 7) -> list[Document]:
    """The first so many of the benchmark's datasets."""
    spec = importlib.util.spec_from_file_location("site_made", ROOT / "benchmarks" / "site_made.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("site_made", module)
    spec.loader.exec_module(module)
    return [document_of(record) for record in module.records(count, seed)]


def write(site: Path, files: Iterable[tuple[str, bytes | None]]) -> dict[str, bytes | None]:
    """Write files below a site, and take away those that are gone."""
    written = dict(files)
    for path, data in written.items():
        if data is None:
            (site / path).unlink()
            continue
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(data)
    return written


def indexed(site: Path, found: Iterable[Document], previous: Path | None = None) -> Path:
    """A site with the index of documents."""
    write(site, build(found, previous))
    return site


def files(site: Path) -> dict[str, bytes]:
    """All files of a site."""
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def codes(site: Path) -> list[str]:
    """The code of each number."""
    lines = (site / "index" / "numbers.txt").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines[1:-1]]


def with_pages(site: Path) -> Path:
    """The smallest search pages of both languages, and their scripts, for a site with an index."""
    for name, data in scripts():
        (site / "assets").mkdir(exist_ok=True)
        (site / "assets" / name).write_bytes(data)
    template = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    for language, up in (("zh-CN", ""), ("en", "../")):
        told = {"language": language, "up": up, "words": json.dumps(words(language), ensure_ascii=False).replace("<", "\\u003c")}
        text = template
        for key, value in told.items():
            text = text.replace(f"{{{key}}}", value)
        path = site / ("en" if up else ".") / "search.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (site / "icon.png").write_bytes(b"")
    return site
