"""Literals of expanded JSON-LD as text with a type or a language, fit for every form of a graph."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from govdata.graph.names import RDF, XSD

_UNFIT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (§2.2) has no place for, with the control characters U+007F to U+009F that it advises against."""


def clean(text: str) -> str:
    """A text without the characters that XML cannot hold: U+FFFD stands for each, in every form of the graph alike."""
    return _UNFIT.sub("�", text) if not text.isprintable() else text


def literal(value: Mapping[str, Any]) -> tuple[str, str, str]:
    """A value object of expanded JSON-LD: its text, the IRI of its type (empty for a plain text) and its language.

    Numbers and truth values without a type get the one that JSON-LD 1.1 API §8.2.2 gives them.
    """
    written = value["@value"]
    if len(value) == 1 and isinstance(written, str):
        return written, "", ""
    kind, language = str(value.get("@type") or ""), str(value.get("@language") or "")
    if kind == "@json":
        return json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":")), f"{RDF}JSON", ""
    if isinstance(written, str):
        return written, kind, language
    if isinstance(written, bool):
        return ("true" if written else "false"), kind or f"{XSD}boolean", ""
    return repr(written), kind or (f"{XSD}integer" if isinstance(written, int) else f"{XSD}double"), ""
