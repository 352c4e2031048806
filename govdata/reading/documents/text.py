"""The text of a small document (an entry, a package, a schema) from its bytes: UTF-8, or what can be proven to be something else."""

from __future__ import annotations

import codecs
import re

from govdata.values import Finding

_UNLIKELY = "[\ue000-\uf8ff\x00-\x08\x0e-\x1f\x80-\x84\x86-\x9f]"
_HANZI = "[\u4e00-\u9fff]"


def decode(data: bytes, file: str) -> tuple[str | None, tuple[Finding, ...]]:
    """The text without its byte order mark, or `None`; with a finding where it is not UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _other(data, "utf-16", "UTF-16", file)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        text, findings = _other(data, "gb18030", "GB18030", file)
        if text is not None and re.search(_HANZI, text) and not re.search(_UNLIKELY, text):
            return text, findings
        return None, (_undecodable(data, error.start, file),)


def _other(data: bytes, codec: str, name: str, file: str) -> tuple[str | None, tuple[Finding, ...]]:
    try:
        return data.decode(codec), (Finding("yaml/not-utf-8", file=file, line=1, args={"encoding": name}),)
    except UnicodeDecodeError as error:
        return None, (_undecodable(data, error.start, file),)


def _undecodable(data: bytes, offset: int, file: str) -> Finding:
    line = data.count(b"\n", 0, offset) + 1
    return Finding("yaml/encoding", file=file, line=line, args={"offset": offset + 1, "byte": f"0x{data[offset]:02X}"})
