"""Texts of exports in both languages, and how they are written as XML and JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from govdata.graph.literals import clean
from govdata.messages import text
from govdata.publishing.site.records import Label

_HALF = re.compile("[\ud800-\udfff]")


def words(key: str, args: Mapping[str, object] | None = None) -> Label:
    """A text of `catalog/messages/exports.yaml` in both languages."""
    return Label("", text(f"exports.{key}", "zh-CN", args), text(f"exports.{key}", "en", args))


def element(name: str, content: str, **attributes: str) -> str:
    """An XML element with text; what XML cannot hold is replaced. Attribute names end with `_` where Python wants it."""
    inner = html.escape(clean(content), quote=False).replace("\r", "&#13;")
    return f"<{name}{attributes_of(attributes)}>{inner}</{name}>"


def empty(name: str, **attributes: str) -> str:
    """An XML element without text."""
    return f"<{name}{attributes_of(attributes)}/>"


def attributes_of(attributes: Mapping[str, str]) -> str:
    """Attributes of an XML element."""
    return "".join(f" {name.rstrip('_')}={_quoted(clean(value))}" for name, value in attributes.items())


def _quoted(text: str) -> str:
    """A text as the value of an attribute, in quotes that need not be escaped if possible.

    As `xml.sax.saxutils.quoteattr` does, which loads what opens addresses: that takes a fifth of the time in which a run starts.
    """
    told = html.escape(text, quote=False).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    if '"' in told and "'" not in told:
        return f"'{told}'"
    return '"' + told.replace('"', "&quot;") + '"'


def json_bytes(value: Any, indent: int | None = None) -> bytes:
    """JSON in UTF-8, keys as they come; half a character becomes U+FFFD."""
    return written(json_text(value, indent))


def json_text(value: Any, indent: int | None = None) -> str:
    """The same as text, in which there may still be halves of characters."""
    return json.dumps(value, ensure_ascii=False, indent=indent)


def written(text: str) -> bytes:
    """A text that is JSON as the bytes of a file."""
    return _HALF.sub("�", text).encode() + b"\n"
