"""Numbers as a workbook stores them, and what their number format makes of them: dates, times, zeros in front."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from govdata.classes import dataclass
from govdata.expressions import expression
from govdata.reading.workbooks.sheets import Event, Trouble, Zeros
from govdata.values import Cell

Kind = Literal["number", "date", "time", "datetime", "elapsed"]
WHOLE_DIGITS = 15
"""Excel and WPS keep 15 significant digits of a number; a longer one is lost from the sixteenth on."""
NUMBER = expression(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
BUILT_IN: dict[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-m-d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-m-d h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0",
}  # fmt: skip
# ECMA-376 18.8.30, zh-cn: these ids have no code in the file and are dates and times in Chinese Excel and WPS
BUILT_IN |= dict.fromkeys((27, 36, 50, 52, 57), "yyyy年m月") | dict.fromkeys((28, 29, 51, 53, 54, 58), "m月d日")
BUILT_IN |= {30: "m-d-yy", 31: "yyyy年m月d日", 32: "h时mm分", 33: "h时mm分ss秒", 34: "上午/下午h时mm分", 35: "上午/下午h时mm分ss秒"}
BUILT_IN |= {55: "上午/下午h时mm分", 56: "上午/下午h时mm分ss秒"}
PIECES = expression(r'"([^"]*)"?|\\(.)|[_*].|\[([^\]]*)\]|AM/PM|A/P|上午/下午|G/通用格式|General|(.)', re.IGNORECASE | re.DOTALL)
LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""
EPOCH, MILLISECOND = datetime(1899, 12, 30), timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """What a number format does to a number: its kind, and for plain digits what it puts around them."""

    kind: Kind = "number"
    digits: tuple[str, ...] = ()
    """For a format of zeros and literals only: its pieces in order, with NUL for each place. Empty: any other format."""


PLAIN = NumberFormat()


@lru_cache(maxsize=4096)
def read_format(code: str) -> NumberFormat:
    """Give what a number format code means, by its first section, as Excel reads it."""
    tokens, literals, elapsed = _split(code)
    letters = "".join(tokens).lower()
    if elapsed:
        return NumberFormat("elapsed")
    kind = _date_kind(letters)
    if kind != "number":
        return NumberFormat(kind)
    zeros = tokens.count("0")
    simple = zeros and all(token == "0" or token in " -/()年月日号" for token in tokens)
    adds = zeros > 1 or any(char.isdigit() for text in literals for char in text)
    return NumberFormat("number", tuple(literals)) if simple and adds else PLAIN


def _split(code: str) -> tuple[list[str], list[str], bool]:
    """Cut the first section into format letters, all shown pieces in order, and whether it counts elapsed time."""
    tokens: list[str] = []
    shown: list[str] = []
    elapsed = False
    for match in PIECES.finditer(code):
        quoted, escaped, bracket, plain = match.groups()
        if plain == ";":
            break
        if bracket is not None:
            elapsed = elapsed or bool(re.fullmatch("h+|m+|s+", bracket, re.IGNORECASE))
        elif quoted is not None or escaped is not None:
            shown.append(quoted or escaped or "")
        elif plain is not None:
            tokens.append(plain)
            shown.append("\0" if plain == "0" else plain)
        elif match.group().lower() in ("am/pm", "a/p", "上午/下午"):
            tokens.append("h")
    return tokens, shown, elapsed


def _date_kind(letters: str) -> Kind:
    """Tell dates and times by the letters that stand outside quotes."""
    letters = re.sub(r"e[+-]", "", letters)
    if re.search("[#?%]", letters) or (re.search("0", letters) and not re.search(r"[ymdhs]", letters)):
        return "number"
    clock = bool(re.search("[hs]", letters))
    day = bool(re.search("[ydegb]|aaa|mmm", letters)) or ("m" in letters and not clock)
    return "datetime" if clock and day else "time" if clock else "date" if day else "number"


def read_number(text: str) -> int | float | None:
    """Read a number as XML has it; whole numbers become `int`, what is no number `None`.

    A whole number of more than 15 digits that was written as a double comes as people see it, with 15 digits and zeros.
    """
    if len(text) > 400 or not NUMBER.fullmatch(text):
        return None
    if text.isdigit():
        return int(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        return None
    if not value.is_integer():
        return value
    return int(value) if abs(value) < 10**WHOLE_DIGITS else whole(value)


def plain_numbers(texts: Iterable[str]) -> list[Cell] | None:
    """Read numbers in digits as `read_number` does; `None` if one is none or is too large to be sure of."""
    try:
        numbers = list(map(int, texts))
        return list(numbers) if min(numbers) > -(10**WHOLE_DIGITS) and max(numbers) < 10**WHOLE_DIGITS else None
    except ValueError:
        pass
    try:
        values = list(map(float, texts))
    except ValueError:
        return None
    if not (min(values) > -(10**WHOLE_DIGITS) and max(values) < 10**WHOLE_DIGITS):
        return None
    if any(map(float.is_integer, values)):
        return [int(value) if value.is_integer() else value for value in values]
    return list(values)


def moments(texts: Iterable[str]) -> list[Cell] | None:
    """Give dates with their time as `to_time` does (not from 1904); `None` where one may be anything else."""
    try:
        values = list(map(float, texts))
    except ValueError:
        return None
    if not (min(values) >= 61 and max(values) < LAST_SERIAL - 2):
        return None
    return [EPOCH + round(value * 86_400_000) * MILLISECOND for value in values]


def whole(value: float) -> int:
    """Give a large double as the 15 digits that Excel shows, then zeros."""
    return int(Decimal(f"{value:.14e}"))


def is_rounded(value: object) -> bool:
    """Tell whether a number has more whole digits than a workbook keeps."""
    return type(value) is int and not -(10**WHOLE_DIGITS) < value < 10**WHOLE_DIGITS


def shown_digits(value: int, digits: tuple[str, ...]) -> str:
    """Give a whole number as a format of zeros shows it."""
    places = digits.count("\0")
    figures = str(abs(value)).zfill(places)
    head, rest = figures[: len(figures) - places + 1], list(figures[len(figures) - places + 1 :])
    text = ""
    for piece in digits:
        text += piece if piece != "\0" else head or rest.pop(0)
        head = "" if piece == "\0" else head
    return f"-{text}" if value < 0 else text


def to_time(value: int | float, kind: Kind, epoch_1904: bool) -> Cell:
    """Turn a serial number into the date or time that its format shows; what no calendar has stays a number."""
    if kind == "elapsed":
        return _elapsed(value)
    if not 0 <= value < LAST_SERIAL - (1462 if epoch_1904 else 0) or (60 <= value < 61 and not epoch_1904):
        return value
    if type(value) is int:
        if value == 0 and not epoch_1904:
            return time(0) if kind != "date" else value
        return to_date(value, epoch_1904) if kind == "date" else datetime.combine(to_date(value, epoch_1904), time(0))
    return _moment(value, kind, epoch_1904)


@lru_cache(maxsize=65536)
def to_date(serial: int, epoch_1904: bool) -> date:
    """Give the day of a serial number; before March 1900 Excel counts a leap day that never was."""
    if epoch_1904:
        return date(1904, 1, 1) + timedelta(serial)
    return date(1899, 12, 30) + timedelta(serial + (serial < 60))


def _moment(value: float, kind: Kind, epoch_1904: bool) -> Cell:
    days, milliseconds = divmod(round(value * 86_400_000), 86_400_000)
    clock = (datetime.min + timedelta(milliseconds=milliseconds)).time()
    if days == 0 and not epoch_1904:
        return clock if kind != "date" else value
    if days == 0 and kind == "time":
        return clock
    if kind == "date" and milliseconds == 0:
        return to_date(days, epoch_1904)
    return datetime.combine(to_date(days, epoch_1904), clock) if days < LAST_SERIAL - 1 else value


def _elapsed(value: int | float) -> Cell:
    """Give hours counted past a day as people see them (`25:30:00`), within a day as a time."""
    if abs(value) >= LAST_SERIAL:
        return value
    seconds = round(value * 86_400, 3)
    if 0 <= seconds < 86_400:
        return (datetime.min + timedelta(seconds=seconds)).time()
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{int(seconds // 3600)}:{int(seconds // 60 % 60):02d}:{int(seconds % 60):02d}"


def show_number(events: list[Event], number: int | float, shape: tuple[str, NumberFormat, bool], spot: tuple[int, int]) -> Cell:
    """Give a number as its format shows it, and note what the format hides. `shape`: text as stored, format, 1904 dates."""
    text, meaning, epoch_1904 = shape
    if meaning.kind != "number":
        moment = to_time(number, meaning.kind, epoch_1904)
        if not isinstance(moment, (int, float)):
            return moment
    if is_rounded(number):
        # no value: most such numbers are personal, and this one is wrong anyway
        events.append(Trouble("workbook/rounded-number", *spot, None, {"digits": len(str(abs(int(number))))}))
    elif meaning.digits and type(number) is int:
        shown = shown_digits(number, meaning.digits)
        if shown != str(number) and any(char.isdigit() for char in shown):
            events.append(Zeros(*spot, shown, text))
    return number
