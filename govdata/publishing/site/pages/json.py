"""JSON inside a page: a block of data that no text in it can end or start a script with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from govdata.fastjson import compact
from govdata.publishing.site.pages.texts import safe

_WRITTEN = re.compile("[<>&\u2028\u2029\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
"""What would be markup, and what must not stand in HTML (13.2.3.5 of its standard)."""
_RARE = re.compile("[" + "".join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)) + "]")
"""The same beyond 16 bits. It takes long, so it is looked for only where there is anything of that kind."""
_FAR = re.compile("[\U00010000-\U0010ffff]")
_DOUBTFUL = re.compile(f"{_WRITTEN.pattern[:-1]}\U00010000-\U0010ffff]")
"""Any of these: most texts have none, and are gone through once."""


def block(value: Mapping[str, Any]) -> Markup:
    """The content of a `script` element that holds data (HTML, 4.12.1.3: `<!--`, `<script` and `</script` must not stand in it)."""
    text = compact(value, "surrogatepass").decode("utf-8", "surrogatepass")
    if not _DOUBTFUL.search(text):
        return safe(text)
    text = _RARE.sub(_escaped, text) if _FAR.search(text) else text
    return Markup(_WRITTEN.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    halves = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{halves[at]:02x}{halves[at + 1]:02x}" for at in range(0, len(halves), 2))
