"""JSON inside a page: a block of data that no text in it can end or start a script with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

_WRITTEN = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def block(value: Mapping[str, Any]) -> Markup:
    """The content of a `script` element that holds data (HTML, 4.12.1.3: `<!--`, `<script` and `</script` must not stand in it)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_WRITTEN)
    return Markup(text.encode("utf-8", "backslashreplace").decode("utf-8"))
