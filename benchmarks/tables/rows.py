"""Rows of a register of enterprises, made from a seed: thirteen columns, about 160 bytes a row, with nothing but what Python has.

Every value is put together from tables made once (halves of a number with their share of a check sum, days, clock times), so that ten
million rows take about two minutes. Columns that are many-valued in life are many-valued here: no check gets cheap because the same few
texts come again. Citizen numbers are of the nineteenth century and telephone numbers of a range not given out: nobody can hold one.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

FIELDS = (
    *("uscc", "citizen_number", "name", "division", "registered", "updated", "amount"),
    *("staff", "status", "phone", "lon", "lat", "remark"),
)
STATUS = ("01", "02", "03", "04", "05", "09")
BLOCK = 100_000
"""So many rows are made at a time: memory does not grow with the table."""

PROVINCES = (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国红梅玉峰文辉力斌波志宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子成"
REMARKS = (
    *("正常经营{}", "年报已公示{}", "注册地址,与经营地址不一致,编号{}", "经营范围：食品销售、餐饮服务{}", "负责人变更,待核实{}", "", ""),
    *('许可证号"粤食"字第{}号', "第一行{}\n第二行", "抽查结果：未发现问题{}", "企业自主申报{}", "已纳入重点监管名单,整改中{}"),
)

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = [3**place % 31 for place in range(17)]
USCC_CHECK = [USCC[-remainder % 31] for remainder in range(31)]
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_CHECK = "0X987654321"
CITIZEN_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
CITIZEN_CHECK = "10X98765432"
NUMBERS = 99_999_989
"""The largest prime of eight digits: multiples of another number are all different below it."""


def weighed(digits: str, weights: Sequence[int]) -> int:
    """The share of some digits in a check sum."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def divisions() -> list[str]:
    """The 3,200 codes of the table that foreign keys lead to, in order."""
    chance, found = random.Random(7), set[str]()
    while len(found) < 3200:
        found.add(f"{chance.choice(PROVINCES)}{chance.randrange(1, 30):02}{chance.randrange(1, 40):02}")
    return sorted(found)


def quoted(text: str) -> str:
    """A cell as it stands in a CSV file."""
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\n') else text


def days(first: date, last: date) -> list[date]:
    """All days from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


DIVISIONS = divisions()
FOUR = [f"{number:04}" for number in range(10_000)]
THREE = [f"{number:03}" for number in range(1_000)]
STAFF = [str(number) for number in range(1, 5_000)]
EAST, NORTH = [f"{number}." for number in range(74, 135)], [f"{number}." for number in range(18, 53)]
CLOCK = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(86_400)]
CALENDAR = [day.isoformat() for day in days(date(2000, 1, 1), date(2025, 12, 31))]
TEXTS = [quoted(form.format(number)) for form in REMARKS for number in FOUR[::4]]

HEADS = [(head, weighed(head, USCC_WEIGHTS[:8])) for division in DIVISIONS for kind in "123" if (head := f"9{kind}{division}")]
LEFT = [(weighed(four, ORGANISATION_WEIGHTS[:4]), weighed(four, USCC_WEIGHTS[8:12])) for four in FOUR]
RIGHT = [(weighed(four, ORGANISATION_WEIGHTS[4:]), weighed(four, USCC_WEIGHTS[12:16])) for four in FOUR]
ORGANISATION_SHARE = [USCC.index(sign) * USCC_WEIGHTS[16] for sign in ORGANISATION_CHECK]
PLACES = [(division, weighed(division, CITIZEN_WEIGHTS[:6])) for division in DIVISIONS]
BIRTHS = [(text, weighed(text, CITIZEN_WEIGHTS[6:14])) for day in days(date(1800, 1, 1), date(1899, 12, 31)) if (text := f"{day:%Y%m%d}")]
TURNS = [(text, weighed(text, CITIZEN_WEIGHTS[14:])) for text in THREE]


def credit_code(number: int, head: tuple[str, int]) -> str:
    """The unified social credit code of an organisation's number, with the check characters of both."""
    high, low = divmod(number, 10_000)
    (left, left_share), (right, right_share) = LEFT[high], RIGHT[low]
    inner = (left + right) % 11
    total = head[1] + left_share + right_share + ORGANISATION_SHARE[inner]
    return head[0] + FOUR[high] + FOUR[low] + ORGANISATION_CHECK[inner] + USCC_CHECK[total % 31]


def citizen_number(place: tuple[str, int], birth: tuple[str, int], turn: tuple[str, int]) -> str:
    """A citizen number with its check digit."""
    return place[0] + birth[0] + turn[0] + CITIZEN_CHECK[(place[1] + birth[1] + turn[1]) % 11]


def block(start: int, rows: int, chance: random.Random) -> dict[str, list[str]]:
    """The columns of some rows; their cells are as they stand in the file."""
    some = functools.partial(chance.choices, k=rows)
    numbers = [(start + row) * 7_919_317 % NUMBERS for row in range(rows)]
    return {
        "uscc": list(map(credit_code, numbers, some(HEADS))),
        "citizen_number": list(map(citizen_number, some(PLACES), some(BIRTHS), some(TURNS))),
        "name": list(map("".join, zip(some(SURNAMES), some(GIVEN), some([*GIVEN, *[""] * 30]), strict=True))),
        "division": some(DIVISIONS),
        "registered": some(CALENDAR),
        "updated": list(map(" ".join, zip(some(CALENDAR[-730:]), some(CLOCK), strict=True))),
        "amount": [f"{chance.random() ** 6 * 9_000_000:.2f}" for _ in range(rows)],
        "staff": some(STAFF),
        "status": some(STATUS),
        "phone": list(map("12".__add__, map("".join, zip(some(THREE), some(THREE), some(THREE), strict=True)))),
        "lon": list(map("".join, zip(some(EAST), some(THREE), some(THREE), strict=True))),
        "lat": list(map("".join, zip(some(NORTH), some(THREE), some(THREE), strict=True))),
        "remark": some(TEXTS),
    }


def blocks(rows: int, seed: int) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """The whole table, some rows at a time, each with the number of its first row (from 0)."""
    chance = random.Random(seed)
    for start in range(0, rows, BLOCK):
        yield start, block(start, min(BLOCK, rows - start), chance)
