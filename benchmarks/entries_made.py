"""Generated directory entries, seeded: good ones as a provincial directory holds them, and bad ones by mutation of good ones."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SIGNS_OF_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_WEIGHTS_OF_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_PLACES = ("临江市", "青岭县", "河东区", "白石市", "云溪县", "南浦区", "长汀镇", "西塘区")
_OFFICES = (
    "市场监督管理局",
    "交通运输局",
    "民政局",
    "生态环境局",
    "水利局",
    "教育局",
    "卫生健康委员会",
    "自然资源局",
    "统计局",
    "城市管理局",
)
_THINGS = (
    "公共停车场",
    "法人单位",
    "养老机构",
    "河道断面水质",
    "义务教育学校",
    "建筑工程施工许可",
    "公交线路",
    "地下水监测井",
    "药品零售企业",
    "不动产登记",
)
_NAMES = (
    ("编号", "code"), ("名称", "name"), ("统一社会信用代码", "credit_code"), ("所在区县", "county"), ("详细地址", "address"),
    ("经度", "longitude"), ("纬度", "latitude"), ("登记日期", "registered"), ("状态", "status"), ("面积", "area"),
    ("负责部门", "office"), ("备注", "note"),
)  # fmt: skip


def credit_code(chance: random.Random) -> str:
    """A unified social credit code of a public institution with both check characters (GB 32100)."""
    body = "".join(chance.choice("0123456789") for _ in range(8))
    rest = 11 - sum(w * _SIGNS_OF_ORGANISATION.index(c) for w, c in zip(_WEIGHTS_OF_ORGANISATION, body, strict=True)) % 11
    whole = f"11330100{body}{'X' if rest == 10 else rest % 11}"
    check = (31 - sum(w * _SIGNS.index(c) for w, c in zip(_WEIGHTS, whole, strict=True)) % 31) % 31
    return whole + _SIGNS[check]


def entries(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Good canonical entries of 1.5 to 4 kB, from one publisher in forty; nothing is wrong with any of them, alone or together."""
    chance = random.Random(seed)
    offices = [(place, office, credit_code(chance)) for place in _PLACES for office in _OFFICES]
    for number in range(count):
        yield _entry(number, chance, *chance.choice(offices))


def _entry(number: int, chance: random.Random, place: str, office: str, code: str) -> dict[str, Any]:
    thing = chance.choice(_THINGS)
    day = f"2026-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}"
    names = chance.sample(_NAMES, chance.randint(2, 9))
    return {
        "title": f"{place}{thing}信息（第{number + 1}号）",
        "identifier": f"307001/{number + 1:06}",
        "category": ["部门信息资源"],
        "publisher": {
            "name": place + office,
            "code": code,
            "address": f"{place}人民路{chance.randint(1, 300)}号",
            "department": "信息中心",
        },
        "description": f"{place}{office}在{thing}的登记、检查和日常管理中形成的信息，供有关部门核对和公众查询，更新以公布的日期为准。",
        "formats": [{"class": "spreadsheet", "type": "csv"}, {"class": "spreadsheet", "type": "xlsx"}],
        "sharing": {"type": "unconditional", "method": ["platform"]},
        "opening": {"open": True, "type": "open", "condition": "无条件"},
        "updateCycle": "yearly",
        "issued": "2025-12-01",
        "modified": day,
        "keywords": [thing, place, "登记", "公共服务"],
        "licence": "CC-BY-4.0",
        "landingPage": [f"https://data.example.gov.cn/{number + 1}"],
        "metadataIdentifier": f"m-{number + 1:06}",
        "maintainer": {"name": place + office, "address": f"{place}人民路"},
        "metadataModified": day,
        "contact": {"organisation": place + office, "phone": f"0571-8{chance.randint(1000000, 9999999)}", "email": "data@example.gov.cn"},
        "correction": {"url": "https://data.example.gov.cn/correct", "phone": "0571-12345"},
        "securityLevel": "general",
        "secret": False,
        "personal": False,
        "source": f"{place}{office}业务系统",
        "temporal": {"start": "2025-01-01", "end": day},
        "spatial": place,
        "version": f"{chance.randint(1, 4)}.{chance.randint(0, 9)}",
        "survey": {"storage": chance.randint(10, 99), "records": chance.randint(1000, 99999), "sharedRecords": chance.randint(0, 1000)},
        "fields": [_field(chance, name, english, place) for name, english in names],
    }


def _field(chance: random.Random, name: str, english: str, place: str) -> dict[str, Any]:
    return {
        "name": name,
        "englishName": english,
        "type": "C",
        "length": chance.choice((18, 50, 100, 200)),
        "description": f"{place}登记的{name}，以原件为准",
        "required": chance.random() < 0.5,
        "sharing": "unconditional",
        "opening": "open",
    }


def write_lines(path: Path, count: int, seed: int = 1, bad: float = 0.0) -> None:
    """A JSON Lines file of entries; a share `bad` of them is mutated."""
    chance = random.Random(seed + 1)
    with path.open("w", encoding="utf-8") as file:
        for entry in entries(count, seed):
            made = mutated(entry, chance) if chance.random() < bad else entry
            file.write(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n")


def mutated(entry: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The entry with one to three things wrong, at places and of kinds by chance."""
    made = copy.deepcopy(entry)
    for _ in range(chance.randint(1, 3)):
        _spoil(made, chance)
    return made


_VALUES: tuple[Any, ...] = (
    "",
    " ",
    "x" * 400,
    7,
    -1,
    1.5,
    True,
    None,
    [],
    {},
    [1],
    {"a": 1},
    "2026-02-30",
    "周",
    "4",
    ["a", 1],
    [[]],
    [{}],
)


def _spoil(made: dict[str, Any], chance: random.Random) -> None:
    """One change somewhere in the tree: another value, a key gone, a strange key, a list made longer or emptied."""
    holder, key = chance.choice(list(_places(made)))
    kind = chance.randrange(4)
    if kind == 0 and isinstance(holder, dict):
        del holder[key]
    elif kind == 1 and isinstance(holder[key], dict):
        holder[key]["unheard"] = 1
    elif kind == 2 and isinstance(holder[key], list):
        holder[key] = holder[key] * chance.choice((0, 2)) + [copy.deepcopy(chance.choice(_VALUES))]
    else:
        holder[key] = copy.deepcopy(chance.choice(_VALUES))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _places(item)
