"""One mistake that made many findings: recognised where a cell becomes right once the mistake is undone.

A cause is told by its kind and the column; its texts are in `catalog/messages/cause.yaml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import Any

from govdata.engines.plan import ColumnPlan, TablePlan, cell_at, shown
from govdata.expressions import expression
from govdata.predicates.patterns import PatternTimeout
from govdata.values import Cell, Finding, Row

Reader = Callable[[Cell], tuple[Any, list[tuple[str, Mapping[str, object]]]]]

_SCIENTIFIC = expression(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,3}")
_ROUNDED = expression(r"[1-9][0-9]{14}0+")
"""A spreadsheet keeps fifteen digits of a number: the rest of a longer one is zeros."""
_LENGTHS = frozenset({"length", "minLength", "maxLength"})
"""It keeps as many digits as there were: where there are too few or too many, zeros at the end are something else."""
_DATE_LIKE = expression(
    r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[ T][0-9:.]+)?|[0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-[0-9]{2}"
)
_OTHER_DATE = expression(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?(?:[ T][0-9:.]+)?|[0-9]{8}|[0-9]{5}")
"""Dates written otherwise, the eight digits of the basic form and a spreadsheet's day number among them."""
_ZEROS = 8
"""Leading zeros that a code can have lost: `000007` lost five."""
_OTHER_NUMBERS = frozenset({"mobile", "landline"})
"""A whole number of another kind lost no zeros, even where it would pass with some: a mobile number among landlines."""
_ASIDE = expression(
    r"(?is)([合总小共][\s\u3000]*计)(?:[\s\u3000]*[:：].{0,30}|[\s\u3000]*[（(][^)）]{0,30}[)）])?|((?:sub|grand )?total)s?:?"
    r"|(?P<remark>注[\s\u3000]*[0-9一二三四五]{0,2}|备注|附注|说明|(?:数据|资料)来源|填[表报]人|制表人?|审核人|复核人|(?:单位)?负责人|填[表报]日期|填报单位|制表单位|制表日期|notes?|source)"
    r"[\s\u3000]*[:：、.．].*",
)
"""What stands at the beginning of a row that is no record: a total, or a remark below the table."""
_THOUSANDS = expression(r"[+-]?[0-9]{1,3}(?:[,，][0-9]{3})+(?:\.[0-9]+)?")


def cause_of_cell(rule: str, reason: object, text: str, column: ColumnPlan, read: Reader) -> str:
    """`kind:field` of the mistake behind one wrong cell, or nothing."""
    if not text or rule == "table/number-as-text":
        return ""
    kind = next(_kinds(rule, text, column, read), "")
    if kind == "excel-scientific" and reason in _LENGTHS and _ROUNDED.fullmatch(text):
        return ""
    if kind == "lost-zeros" and reason in _OTHER_NUMBERS:
        return ""
    return f"{kind}:{column.name}" if kind else ""


def _kinds(rule: str, text: str, column: ColumnPlan, read: Reader) -> Iterator[str]:
    kind = str(column.descriptor.get("type", "string"))
    if kind == "string" and (_SCIENTIFIC.fullmatch(text) or _ROUNDED.fullmatch(text)):
        yield "excel-scientific"
    if kind in {"string", "integer"} and _DATE_LIKE.fullmatch(text):
        yield "excel-date"
    if rule == "table/type-error" and kind in {"date", "datetime"} and _is_other_date(text, column):
        yield "date-form"
    if text != text.strip() and _passes(text.strip(), column, read):
        # A full-width space is one too: made half-width it would still stand there.
        yield "spaces"
    folded = unicodedata.normalize("NFKC", text)
    if folded != text and (_passes(folded, column, read) or _passes(folded.replace(" ", ""), column, read)):
        yield "full-width"
    if kind in {"integer", "number"} and _THOUSANDS.fullmatch(text):
        yield "thousands"
    digits = kind == "string" and text.isascii() and text.isdigit()
    if digits and any(_passes(text.zfill(len(text) + more), column, read) for more in range(1, _ZEROS + 1)):
        yield "lost-zeros"


def _is_other_date(text: str, column: ColumnPlan) -> bool:
    """Whether a text is a day that exists, written otherwise than the field wants it; a field with a form of its own is left alone."""
    if column.descriptor.get("format", "default") not in {"default", "any"} or not _OTHER_DATE.fullmatch(text):
        return False
    if len(text) == 5:
        return True
    parts = [text[:4], text[4:6], text[6:]] if len(text) == 8 and text.isdigit() else re.findall("[0-9]+", text)[:3]
    year, month, day = (int(part) for part in parts)
    try:
        return not text.startswith(date(year, month, day).isoformat())
    except ValueError:
        return False


def _passes(text: str, column: ColumnPlan, read: Reader) -> bool:
    try:
        value, broken = read(text)
    except PatternTimeout:
        return False
    return value is not None and not broken and not any(check(text) for check in column.checks)


def aside(text: str) -> str:
    """The word by which a text at the beginning of a row says that the row is a total or a remark; or nothing."""
    found = _ASIDE.fullmatch(text.strip()) if text else None
    return next(filter(None, found.groups()), "") if found else ""


def _is_aside(width: int, row: Row, found: Sequence[Finding]) -> bool:
    """Whether a row is a total or a remark, and wrong for it: tables of statistics have totals that are records like others.

    A record may begin with a remark of its own: then at least half of its other cells are filled, and right.
    """
    texts = [(number, text) for number, cell in enumerate(row.cells, 1) if (text := shown(cell))]
    number, text = texts[0] if texts else (0, "")
    begins = _ASIDE.fullmatch(text.strip())
    if begins is None or not any(finding.column == number or not finding.value for finding in found):
        return False
    wrong = {finding.column for finding in found}
    right = sum(place != number and place not in wrong and not aside(other) for place, other in texts)
    return not (begins["remark"] and right and 2 * right >= width - 1)


def cause_of_row(plan: TablePlan, columns: Sequence[tuple[ColumnPlan, Reader]], row: Row, found: Sequence[Finding]) -> str:
    """`not-data` of a total or a remark; `shifted-columns` where several cells are wrong and all are right once the row is moved by one.

    A row that is moved to the right has a cell too many at its end, one that is moved to the left ends empty.
    """
    if found and _is_aside(plan.width, row, found):
        return "not-data:"
    wrong = [finding.column for finding in found if finding.column is not None and finding.rule != "table/lexical-form"]
    if len(wrong) < 2:
        return ""
    width = [finding for finding in found if finding.rule in {"table/extra-cell", "table/missing-cell"}]
    first = min(wrong)
    for start in {first, max(1, first - 1)}:
        for shift in (1, -1):
            if _fits(columns, row, start, shift, frozenset(wrong)):
                return "shifted-columns:"
    return "shifted-columns:" if width and len(wrong) > len(width) + 1 else ""


def _fits(columns: Sequence[tuple[ColumnPlan, Reader]], row: Row, start: int, shift: int, wrong: Set[int]) -> bool:
    """Whether every filled cell from column `start` on is right one column further left (`shift` 1) or right (-1).

    A wrong column must be filled by it: else two swapped values at a row's end would count as shifted.
    """
    filled = 0
    for column, read in columns:
        if column.column < start or (shift == -1 and column.column == start):
            continue
        text = shown(cell_at(row.cells, column.column + shift)) if column.column + shift >= 1 else ""
        if not text:
            if column.column in wrong:
                return False
            continue
        filled += 1
        if not _passes(text, column, read):
            return False
    return filled >= 2
