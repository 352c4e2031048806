"""How a report is written: `text`, `html`, `markdown` for people, the others for programs. Each gives pieces of text and prints nothing."""

from __future__ import annotations

from collections.abc import Iterator

from govdata.values import Report

FORMATS = ("text", "json", "html", "markdown", "sarif", "junit", "github", "gitlab")
SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".sarif": "sarif",
    ".sarif.json": "sarif",
    ".xml": "junit",
}
"""Which format a file name asks for, by its end; the longest counts."""


def write(report: Report, format: str, language: str, width: int = 80, colour: bool = False) -> Iterator[str]:
    """The report in pieces, to be encoded as UTF-8. `width` (columns) and `colour` matter to `text` only. KeyError: no such format."""
    if format == "text":
        from govdata.formats.text import write as write_text

        return write_text(report, language, width, colour)
    if format == "json":
        from govdata.formats.json import write as write_json

        return write_json(report)
    if format == "html":
        from govdata.formats.html import write as write_html

        return write_html(report, language)
    if format in ("markdown", "sarif", "junit", "github", "gitlab"):
        return _write_for_services(report, format, language)
    raise KeyError(format)


def _write_for_services(report: Report, format: str, language: str) -> Iterator[str]:
    from govdata.formats import github, gitlab, junit, markdown, sarif

    writers = {"markdown": markdown.write, "sarif": sarif.write, "junit": junit.write, "github": github.write, "gitlab": gitlab.write}
    return writers[format](report, language)
