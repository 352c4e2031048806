"""Documents, and sites with an index, for the tests of the search."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from govdata.publishing.site.pages.front import site_pages
from govdata.publishing.site.search.building import build
from govdata.publishing.site.search.client import scripts
from govdata.publishing.site.search.documents import Document, document_of
from tests.site.pages import directory

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
    """The search pages of both languages as a site has them, with what they use, for a site with an index."""
    portal = directory.portal(standards={}, code_lists={})
    pages = {path: body for path, body in site_pages((), portal) if path.startswith("assets/") or path.endswith("search.html")}
    write(site, [*pages.items(), *((f"assets/{name}", body) for name, body in scripts())])
    return site
