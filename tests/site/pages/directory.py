"""A small public directory as the pages see it: plain datasets, odd ones, and hostile ones that try to become markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from govdata.publishing.site.addresses import slug
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import (
    Download,
    Item,
    Label,
    Party,
    Preview,
    Record,
    Remark,
    Resource,
    Summary,
    Version,
    summary_of,
)
from govdata.standards import read_library

LISTS = ("theme", "update-cycle", "opening-type", "sharing-type", "data-type", "sex", "province", "division")

HOSTILE = (
    "<script>alert(1)</script>",
    "</title><img src=x onerror=alert(2)>",
    "\"><svg onload=alert(3)>'",
    "]]><!--<script>-->",
    "a&b<b>c</b>&lt;&#60;",
    "{{ 7*7 }}{% raw %}",
    "\u202eabc\u202c\u2066\u200f",
    "مەكتەپلەر تىزىملىكى",
    "🚌👨‍👩‍👧🏽 站点",
    "\x00\x1b[31m\x7f\x85",
    "\u2028\u2029\ufeff\u00a0\u3000",
    "半个\ud800字",
    "javascript:alert(4)",
)
"""Texts that must stay texts."""

LONG = "关于进一步加强公共数据资源开放利用工作的数据集" * 435


def label(listed: str, code: str) -> Label:
    """A code of a shipped list with its words."""
    found = read_library().lists[listed].codes[code]
    return Label(code, found.zh, found.en)


def party(name: str, code: str = "") -> Party:
    """A department."""
    return Party(slug(code or name), name, code)


def downloads(name: str, kind: str, size: int) -> tuple[Download, ...]:
    """The file that was checked, and what is made from it."""
    media = {"CSV": "text/csv", "XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}.get(
        kind, "application/octet-stream"
    )
    stem = name.rpartition(".")[0] or name
    return (
        Download(f"data/{name}", "original", media, size, "3f" * 32),
        Download(f"data/{stem}.utf8.csv", "csv", "text/csv", size * 2, "a1" * 32),
        Download(f"data/{stem}.parquet", "parquet", "application/vnd.apache.parquet", size // 3, "07" * 32),
    )


PARKING = Resource(
    key="停车场.csv",
    id="1",
    title="停车场信息",
    description="面向公众开放的停车场，每季度核对一次。",
    format="CSV",
    media_type="text/csv",
    file="停车场.csv",
    size=48_213,
    sha256="3f" * 32,
    encoding="GB18030",
    rows=4_021,
    modified="2025-11-05",
    items=(
        Item(
            "编号",
            "id",
            Label("C", "字符型", "Character"),
            "string",
            "停车场的统一编号",
            length=12,
            key=True,
            required=True,
            pattern="[0-9]{12}",
        ),
        Item("名称", "name", Label("C", "字符型", "Character"), "string", length=100, required=True),
        Item(
            "行政区划",
            "division",
            Label("C", "字符型", "Character"),
            "string",
            "所在区的代码",
            codes="division",
            semantic=Label("division", "行政区划代码", "Division code"),
        ),
        Item("泊位数", "spaces", Label("I", "整型", "Integer"), "integer", unit="个", minimum="0"),
        Item("收费", "fee", Label("N", "数值型", "Numeric"), "number", "首小时价格", unit="元", minimum="0", maximum="100"),
        Item("负责人性别", "sex", Label("C", "字符型", "Character"), "string", codes="sex"),
        Item("开放时间", "opened", None, "date"),
        Item("类型", "kind", Label("C", "字符型", "Character"), "string", values=("室内", "室外", "路侧")),
        Item("备注", "note", Label("M", "备注型", "Memo"), "string"),
        Item("所属企业", "company", Label("C", "字符型", "Character"), "string", references="102001/000004"),
    ),
    preview=Preview(
        ("编号", "名称", "行政区划", "泊位数", "收费", "负责人性别", "开放时间", "类型", "备注", "所属企业"),
        tuple(
            (f"3101040000{row:02}", f"漕溪路{row}号停车场", "310104", str(row * 17), f"{row}.5", "1", "2019-03-01", "室内", note, None)
            for row, note in enumerate(
                (
                    None,
                    "夜间半价",
                    "出入口在漕溪路一侧，高峰时段车辆排队较长，请提前规划路线；新能源车充电位位于地下二层东北角，共十二个，充电费另计，请凭缴费记录离场。",
                    None,
                    "",
                    "满",
                    None,
                    "周末不开放",
                    None,
                    None,
                ),
                1,
            )
        ),
    ),
    downloads=downloads("停车场.csv", "CSV", 48_213),
)

RECORDS: tuple[Record, ...] = (
    Record(
        code="307001/000012",
        id=slug("307001/000012"),
        title="云间区公共停车场信息",
        publisher=party("云间区建设和交通委员会", "113101990000000434"),
        description="云间区面向公众开放的停车场的名称、地址、泊位数和收费标准。\n每季度由各街镇核对一次，路侧停车位另见“道路停车泊位”。",
        keywords=("停车场", "泊位", "收费"),
        themes=(label("theme", "industry-transport-post"), label("theme", "construction-environment")),
        category=("基础信息资源",),
        cycle=label("update-cycle", "quarterly"),
        sharing=label("sharing-type", "unconditional"),
        opening=label("opening-type", "open"),
        issued="2021-06-30",
        modified="2025-11-05",
        due="2026-02-05",
        spatial="上海市云间区",
        source="停车场备案系统",
        licence="CC-BY-4.0",
        landing_pages=("https://example.org/parking",),
        contact={"organisation": "云间区建交委信息中心", "phone": "021-00001004", "email": "tingche@example.org"},
        correction={"email": "jiucuo@example.org", "phone": "021-00001004"},
        related=("102001/000004", "999999/000009"),
        resources=(
            PARKING,
            Resource(
                "service",
                "2",
                "停车场查询接口",
                "按位置查询附近停车场和实时空位。",
                "API",
                url="https://example.org/api/parking?format=json",
            ),
        ),
        versions=(Version("2025-11-05", "data"), Version("2024-02-01", "changed"), Version("2021-06-30", "published")),
        digest="d" * 16,
    ),
    Record(
        code="102001/000004",
        id=slug("102001/000004"),
        title="云间区企业登记基本信息",
        publisher=party("云间区市场监督管理局", "113101990000000359"),
        description="云间区登记的企业的统一社会信用代码、名称、行业门类、注册资本、成立日期和登记状态",
        keywords=("企业", "登记", "市场主体"),
        themes=(label("theme", "economic-management"), label("theme", "commerce-trade")),
        cycle=label("update-cycle", "yearly"),
        opening=label("opening-type", "conditional"),
        condition="实名注册，用途说明",
        issued="2026-02-10",
        modified="2026-09-28",
        due="2027-09-28",
        licence="https://example.org/licence",
        correction={"url": "https://example.org/jiucuo?from=catalog#form"},
        resources=(
            replace(
                PARKING,
                key="企业登记.xlsx#企业",
                id="1",
                title="企业",
                format="XLSX",
                sheet="企业",
                encoding="",
                file="企业登记.xlsx",
                downloads=downloads("企业登记.xlsx", "XLSX", 2_413_221),
            ),
        ),
        remarks=(
            Remark(
                "personal/names",
                "法定代表人姓名依法公开，已经签字认可。",
                "Names of legal representatives are public by law; this was signed off.",
            ),
        ),
        versions=(Version("2026-09-28", "data"), Version("2026-02-10", "published")),
    ),
    Record(
        code="307013/000001",
        id=slug("307013/000001"),
        title="云间区学校名录",
        publisher=party("云间区教育局", "11310199000000131J"),
        state="held",
        description="云间区学校的名称、地址、所在街镇、联系电话和启用日期",
        keywords=("学校",),
        themes=(label("theme", "science-education"),),
        cycle=Label("不定时", "不定时"),
        opening=label("opening-type", "open"),
        issued="2026-02-15",
        resources=(Resource("学校.xlsx", "1", "", "", "XLSX", file="学校.xlsx", downloads=downloads("学校.xlsx", "XLSX", 18_000)),),
        remarks=(Remark("table/type-error", "新文件中有 3 处启用日期不是日期。", "3 dates of opening in the new file are no dates."),),
        correction={"phone": "021-00001013"},
    ),
    Record(
        code="307013/000099",
        id=slug("307013/000099"),
        title="云间区校车线路",
        publisher=party("云间区教育局", "11310199000000131J"),
        state="withdrawn",
        remarks=(Remark("gate/level", "数据级别调整后不再对外发布。", "After a change of its security level it is no longer public."),),
        versions=(Version("2026-03-01", "withdrawn"), Version("2025-03-01", "published")),
    ),
    Record(code="空", id=slug("空"), title="只有名称的数据集", publisher=party("云间区档案馆")),
    *(
        Record(
            code=f"29000/01300{number:03}",
            id=slug(f"29000/01300{number:03}"),
            title=f"{text}{text}",
            publisher=party(text or "无名"),
            description=f"{text}\n{text}",
            keywords=(text, "停车场"),
            themes=(Label(text, text),),
            category=(text,),
            cycle=Label(text, text),
            sharing=Label(text, text),
            opening=Label(text, text),
            condition=text,
            issued=text,
            modified=("2026-01-0" + str(number % 9 + 1)) if number % 2 else text,
            due=text,
            start=text,
            spatial=text,
            version=text,
            source=text,
            licence=text,
            terms=f"javascript:alert('{text}')",
            landing_pages=(text, f"https://example.org/{text}"),
            contact={"organisation": text, "phone": text, "email": text},
            correction={"url": f"https://example.org/?{text}", "email": f"{text}@example.org", "note": text},
            related=(text, "307001/000012"),
            resources=(
                Resource(
                    text,
                    "1",
                    text,
                    text,
                    text,
                    file=text,
                    sheet=text,
                    encoding=text,
                    modified=text,
                    rows=1,
                    items=(
                        Item(
                            text,
                            text,
                            Label(text, text),
                            text,
                            text,
                            text,
                            3,
                            Label(text, text),
                            text,
                            pattern=text,
                            values=(text, text),
                            minimum=text,
                            references=text,
                        ),
                    ),
                    preview=Preview((text,), ((text,), (text * 20,), (None,))),
                    downloads=(Download(f"data/{number} % # ? “{'名'}”.csv", "original", "text/csv", number, "00" * 32),),
                ),
                Resource(f"service{number}", "2", text, url=f"javascript:{text}"),
            ),
            remarks=(Remark(text, text, text),),
            versions=(Version(text, "changed"),),
        )
        for number, text in enumerate(HOSTILE)
    ),
    Record(
        code="长" * 300,
        id=slug("长" * 300),
        title=LONG,
        publisher=party("名称很长的部门" * 40),
        description="x" * 10_000,
        keywords=("y" * 3000,),
        resources=(
            Resource(
                "长.csv",
                "1",
                "z" * 10_000,
                "w" * 10_000,
                "CSV",
                file="长.csv",
                items=(Item("i" * 5000, "e" * 5000),),
                preview=Preview(("i" * 5000,), (("v" * 10_000,),)),
            ),
        ),
    ),
)

TITLES: Mapping[str, str] = {record.code: record.title for record in RECORDS if record.state != "withdrawn"}


def summaries() -> tuple[Summary, ...]:
    """What the site knows of all of them."""
    return tuple(summary_of(record, f"{number:04}") for number, record in enumerate(RECORDS))


def portal(**more: Any) -> Portal:
    """A site in both languages."""
    library = read_library()
    chosen: dict[str, Any] = {
        "name": "open",
        "title": Label("", "云间区公共数据开放目录", "Open data of Yunjian"),
        "description": Label(
            "",
            "云间区各部门向社会开放的数据：查找、浏览、下载。",
            "The data that departments of Yunjian have opened: find it, browse it, download it.",
        ),
        "moment": datetime(2026, 9, 28, tzinfo=UTC),
        "languages": ("zh-CN", "en"),
        "owner": "云间区大数据中心",
        "contact": {
            "organisation": "云间区大数据中心",
            "phone": "021-00001000",
            "email": "data@example.org",
            "address": "云间区文诚路 1 号",
        },
        "correction": {"email": "data@example.org"},
        "licence": "公共数据开放利用协议",
        "code_lists": {name: library.lists[name] for name in LISTS},
        "standards": {"national": library.standard("national")},
    }
    return Portal(**(chosen | more))


TODAY = date(2026, 11, 20)
