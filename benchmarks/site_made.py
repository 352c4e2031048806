"""Generated datasets of a public catalog, seeded: titles, departments, descriptions and columns like those of portals, and rare names."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from govdata.publishing.site.addresses import slug
from govdata.publishing.site.records import Item, Label, Party, Record, Resource

_WORDS = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
_CYCLES = [
    ("daily", "每日", "Daily"),
    ("weekly", "每周", "Weekly"),
    ("monthly", "每月", "Monthly"),
    ("quarterly", "每季度", "Quarterly"),
    ("yearly", "每年", "Yearly"),
]
_OPENINGS = [("open", "无条件开放", "Open without conditions"), ("conditional", "有条件开放", "Open on conditions")]
_FORMATS = ["CSV", "XLSX", "JSON", "XML", "API", "SHP", "PDF"]
_SENTENCES = (
    "本数据集收录{place}{scope}{subject}的{kind}，由{office}采集并维护。",
    "主要内容包括{f1}、{f2}、{f3}。",
    "来源为{office}业务系统，{cycle}更新。",
    "覆盖{n1}{road}、{n2}{road2}一带的{subject}，共{number}条。",
    "其中{n1}{firm}和{n2}{firm2}的情况另行说明。",
    "统计口径以{year}年{office}核定结果为准，{f4}精确到两位小数。",
    "可与{other}数据关联使用，关联字段为{f1}。",
    "依据{latin}相关规定编制，适用于{subject}的查询与分析。",
    "Contains {english} of {number} records for {year}.",
)


def _name(chance: random.Random, length: int) -> str:
    return "".join(chance.choice(_WORDS["signs"]) for _ in range(length))


def records(count: int, seed: int = 7) -> Iterator[Record]:
    """Records with one resource each and no data; the first so many of a larger number are the same."""
    chance = random.Random(seed)
    subjects = [(Label(each["code"], each["zh"], each["en"]), each) for each in _WORDS["subjects"]]
    for number in range(count):
        yield _record(number, chance, subjects)


def _record(number: int, chance: random.Random, subjects: list[tuple[Label, dict[str, list[str]]]]) -> Record:
    theme, told_of = chance.choice(subjects)
    words, offices = told_of["words"], told_of["offices"]
    subject, other = words[min(int(chance.expovariate(0.12)), len(words) - 1)], chance.choice(words)
    place, office, kind = chance.choice(_WORDS["places"]), chance.choice(offices), chance.choice(_WORDS["kinds"])
    scope, year = chance.choice(_WORDS["scopes"]), chance.randint(2014, 2026)
    names = [pair.split(":") for pair in chance.sample(_WORDS["fields"], chance.randint(7, 18))]
    quarter = f"{_name(chance, 2)}{chance.choice(['街道', '镇', '乡', '社区'])}" if chance.random() < 0.4 else ""
    title = f"{place}{quarter}{scope if chance.random() < 0.3 else ''}{subject}{'' if kind in subject else kind}"
    title += f"（{year}年）" if chance.random() < 0.2 else f" {chance.choice(_WORDS['latin'])}" if chance.random() < 0.1 else ""
    cycle, (road, road2), (firm, firm2) = chance.choice(_CYCLES), chance.sample(_WORDS["roads"], 2), chance.sample(_WORDS["firms"], 2)
    f1, f2, f3, f4 = (name for name, _ in names[:4])
    told = {
        "place": place, "scope": scope, "subject": subject, "kind": kind, "office": place + office, "f1": f1, "f2": f2, "f3": f3, "f4": f4,
        "n1": _name(chance, 2), "n2": _name(chance, 3), "road": road, "road2": road2, "firm": firm, "firm2": firm2, "year": year,
        "number": chance.randint(9, 99999), "other": other, "latin": chance.choice(_WORDS["latin"]), "cycle": cycle[1],
        "english": f"{names[0][1]} and {names[1][1]}".replace("_", " "),
    }  # fmt: skip
    description = "".join(sentence.format(**told) for sentence in chance.sample(_SENTENCES, chance.randint(3, 6)))
    publisher = place + office
    code = f"{310101 + _WORDS['places'].index(place)}/{number:06}"
    modified = f"{chance.choices(range(2015, 2027), range(1, 13))[0]}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    formats = chance.sample(_FORMATS, chance.choices([1, 2, 3], [5, 3, 1])[0])
    items = tuple(Item(name, english) for name, english in names)
    resources = tuple(
        Resource(name, str(place), name, format=name, items=items if place == 1 else ()) for place, name in enumerate(formats, 1)
    )
    return Record(
        code,
        slug(code),
        title,
        Party(slug(publisher), publisher),
        description=description,
        keywords=tuple(dict.fromkeys([subject, other])),
        themes=(theme,),
        cycle=Label(*cycle),
        opening=Label(*chance.choices(_OPENINGS, [4, 1])[0]),
        issued=modified,
        modified=modified,
        resources=resources,
    )
