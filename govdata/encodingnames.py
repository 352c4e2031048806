"""The names of encodings, as files and settings declare them and as we know them."""

from __future__ import annotations

import codecs

_ALIASES = {
    **dict.fromkeys(("gbk", "gb2312", "gb-2312", "cp936", "ms936", "euc-cn", "euccn", "x-gbk", "gb18030-2000", "gb18030-2005"), "gb18030"),
    **dict.fromkeys(("gb18030-2022", "gb-18030", "hanzi"), "gb18030"),
    **dict.fromkeys(("cp950", "ms950", "big5-tw", "windows-950"), "big5"),
    **dict.fromkeys(("utf8", "utf-8-sig", "utf-8-bom", "utf8-bom", "unicode-utf-8"), "utf-8"),
    **dict.fromkeys(("windows-1252",), "cp1252"),
}
_NOT_FILES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "utf-7"})


def label(declared: str) -> str | None:
    """The name under which we know a declared encoding (`GBK` → `gb18030`); `None` where there is no such encoding."""
    name = declared.strip().lower().replace("_", "-").replace(" ", "")
    if name in _ALIASES:
        return _ALIASES[name]
    if name in ("utf-16", "utf16", "unicode"):
        return "utf-16"
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True) or found.name.replace("_", "-") in _NOT_FILES or found.incrementaldecoder is None:
        return None
    return _ALIASES.get(found.name.replace("_", "-"), found.name)
