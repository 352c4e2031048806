"""Records to export: an ordinary dataset, one of which little is known, one that is hostile in every text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from govdata.classes import replace
from govdata.publishing.site.addresses import slug
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Download, Item, Label, Party, Record, Resource, Summary, summary_of

URL = "https://data.example.gov.cn/open"
NASTY = "</script><b onload='x'>&amp;\"'\\\x00\x0b\x1f\x7f\ufffe\u202e\u2028]]>\r\n\t😀=1+1{{x}}<!-- -->"
"""What hurts somewhere: markup, ends of texts, characters that XML cannot hold, marks of direction, ends of line."""


def portal(url: str = URL, **more: Any) -> Portal:
    return Portal(
        "open",
        Label("", "示例市公共数据", "Open data of Example"),
        datetime(2026, 2, 1, 8, 30, tzinfo=UTC),
        url=url,
        owner="示例市大数据局",
        contact={"organisation": "示例市大数据局", "email": "data@example.gov.cn"},
        licence="https://creativecommons.org/licenses/by/4.0/",
        **more,
    )


SCHEMA = {
    "fields": [
        {"name": "编号", "type": "string", "x-english": "id", "constraints": {"required": True, "unique": True}},
        {"name": "泊位数", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "启用日期", "type": "date", "format": "%Y/%m/%d", "constraints": {"minimum": "2000/01/01"}},
    ],
    "primaryKey": ["编号"],
}

ENTRY = {
    "standard": "national",
    "title": "公共停车场",
    "identifier": "307001/000012",
    "category": ["307001"],
    "sharing": {"type": "unconditional", "method": ["file"]},
    "opening": {"open": True, "type": "open", "condition": "无"},
    "correction": {"url": "https://data.example.gov.cn/correct", "phone": "021-12345678"},
    "securityLevel": "general",
    "resources": [
        {
            "file": "停车场.csv",
            "title": "停车场",
            "fields": [
                {"name": "编号", "englishName": "id", "type": "C", "length": 12, "primaryKey": True},
                {"name": "泊位数", "type": "I"},
            ],
            "primaryKey": ["编号"],
        }
    ],
}

PARKING = Record(
    "307001/000012",
    slug("307001/000012"),
    "公共停车场",
    Party("dept-jg", "示例市交通局", "113101040000000190"),
    description="经营性公共停车场(库)的名称、地址、泊位数和收费。",
    keywords=("停车", "交通"),
    themes=(Label("public-finance", "财政", "Public finance"), Label("自定主题", "自定主题")),
    cycle=Label("monthly", "每月", "Monthly"),
    sharing=Label("unconditional", "无条件共享"),
    opening=Label("open", "无条件开放"),
    issued="2026-01-05",
    modified="2026-01-31",
    start="2025-01-01",
    end="2025-12-31",
    spatial="示例市",
    language="zh-CN",
    version="1.0",
    licence="公共数据开放许可",
    terms="注明来源",
    landing_pages=("https://jt.example.gov.cn/停车 场",),
    contact={"organisation": "示例市交通局信息科", "phone": "021-87654321", "email": "xx@jt.example.gov.cn"},
    related=("307001/000013",),
    entry=ENTRY,
    digest="d1",
    resources=(
        Resource(
            "停车场.csv",
            "1",
            "停车场",
            "全部停车场",
            "CSV",
            "text/csv",
            file="停车场.csv",
            size=120,
            sha256="ab" * 32,
            encoding="gb18030",
            rows=3,
            modified="2026-01-31",
            items=(Item("编号", "id"), Item("泊位数", unit="个")),
            schema=SCHEMA,
            downloads=(
                Download("data/original/停车场.csv", "original", "text/csv", 120, "ab" * 32),
                Download("data/停车场.csv", "csv", "text/csv", 130, "cd" * 32),
                Download("data/停车场.parquet", "parquet", "application/vnd.apache.parquet", 900, "ef" * 32),
            ),
        ),
        Resource("service", "2", "停车查询接口", format="API", url="https://api.example.gov.cn/parking?x=1&y=<2>"),
    ),
)

BARE = Record("x", "x", "只有名称", Party("p", "某局"))

HOSTILE = replace(
    PARKING,
    code=f"坏{NASTY}",
    id=slug(f"坏{NASTY}"),
    title=NASTY,
    description=NASTY * 20,
    keywords=(NASTY, "a|b", "'"),
    publisher=Party("q", NASTY, NASTY),
    themes=(Label(NASTY, NASTY),),
    spatial=NASTY,
    language=NASTY,
    version=NASTY,
    licence=NASTY,
    terms=f"https://{NASTY}",
    issued=NASTY,
    landing_pages=(f"https://x/{NASTY}", NASTY, "http://[", "http://a:b/", "dct:x", "javascript:alert(1)", "http://例子.中国/%zz"),
    contact={"organisation": NASTY, "phone": NASTY, "email": NASTY},
    related=(NASTY,),
    cycle=Label(NASTY, NASTY),
    opening=Label(NASTY, NASTY),
    entry={**ENTRY, "category": [NASTY], "correction": {"url": f"http://{NASTY}", "phone": NASTY, "note": NASTY}},
)
"""Everything that may be text is `NASTY`."""

RECORDS = (PARKING, BARE, HOSTILE)


def summaries(*records: Record) -> list[Summary]:
    return [summary_of(record, record.digest or record.code) for record in records]


def many(count: int) -> list[Record]:
    """Ordinary datasets, each with a code of its own."""
    found = []
    for number in range(count):
        code = f"307{number % 100:03}/{number:06}"
        found.append(replace(PARKING, code=code, id=slug(code), title=f"数据集 {number}", modified=f"2026-01-{number % 28 + 1:02}"))
    return found
