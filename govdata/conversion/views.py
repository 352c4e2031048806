"""A conversion as text for people: what was written, what did not come through, what the check of the result says."""

from __future__ import annotations

from collections.abc import Iterator

from govdata.conversion.converting import Conversion, Told
from govdata.messages import text as word

_FINDINGS = 50
_TEXT = 120


def conversion_text(done: Conversion, language: str) -> Iterator[str]:
    """The lines, without the report of the check."""
    if done.output is not None:
        args = {"count": done.datasets, "form": done.form, "path": str(done.output)}
        yield word("convert.written", language, args)
    for name in done.unread:
        yield word("convert.unread", language, {"dataset": name})
    for name, finding in done.findings[:_FINDINGS]:
        yield word("convert.finding", language, {"dataset": name, "line": finding.line or "", "message": finding.message})
    if len(done.findings) > _FINDINGS:
        yield word("convert.findings-more", language, {"count": len(done.findings) - _FINDINGS})
    if done.notices:
        yield word("convert.notices", language, {"count": sum(told.count for told in done.notices)})
    for told in done.notices:
        yield notice_text(told, language)


def notice_text(told: Told, language: str) -> str:
    """One notice: where, what, an example, how often."""
    notice = told.notice
    args = {"place": notice.place, "value": notice.value[:_TEXT], "dataset": notice.dataset, "count": told.count}
    line = word(f"convert.notice-{notice.kind}", language, args)
    where = word("convert.first" if told.count > 1 else "convert.only", language, args) if notice.dataset else ""
    return f"  {line}{where}"
