"""The page itself: one HTML document in each language, a style sheet on top of the report's, one script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from govdata import __version__, content
from govdata.content import compiled
from govdata.formats.html import page_template
from govdata.messages import LANGUAGES, short_language, text

FOLDER = "catalog/ui"
BASE = "catalog/reports/report.css"
"""Colours, fonts and the look of cards and badges: those of the report, so that both are one thing."""
AREA = "ui.yaml"

POLICY = "; ".join((
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "frame-src 'self'"),
    *("form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"),
))  # fmt: skip
"""The Content-Security-Policy of the page: nothing inline, nothing from or to anyone else."""


def page(language: str, facts: Mapping[str, Any]) -> bytes:
    """The page in a language. `facts` go to its script: the limits."""
    html: str = page_template(f"{FOLDER}/page.html").render(
        say=lambda key, **args: text(f"ui.{key}", language, args),
        lang=language,
        other=next(name for name in LANGUAGES if name != language),
        version=__version__,
        data=json.dumps({"language": language, "texts": _texts(language), **facts}, ensure_ascii=False).replace("<", "\\u003c"),
        facts=facts,
    )
    return html.encode()


def styles() -> bytes:
    """The style sheet."""
    return content.read_bytes(BASE) + content.read_bytes(f"{FOLDER}/ui.css")


def script() -> bytes:
    """The script: its parts one after the other, in one scope of their own."""
    parts = [content.read_text(f"{FOLDER}/{name}.js") for name in ("elements", "form", "page")]
    return ('"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n").encode()


def _texts(language: str) -> dict[str, str]:
    """The texts that the script fills in itself: places stay as they are written."""
    short = short_language(language)
    return {key: texts[short] for key, texts in compiled("messages")[AREA].items()}
