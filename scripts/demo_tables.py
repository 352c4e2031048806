"""The tables of the example directory, made anew the same way every time: `scripts/make-demo` writes them.

Persons, companies, numbers and measurements are artificial; divisions, holidays and solar terms are facts.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from govdata import content  # noqa: E402 - the package is found only now
from govdata.predicates.checkdigits import luhn, mod_11_2, weighted  # noqa: E402
from tests.builders import pack, xlsx_parts  # noqa: E402

DEMO = ROOT / "catalog" / "demo"
PACKAGE = "公交/datapackage.json"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC = weighted([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28], "0YXWUTRQPNMLKJHGFEDCBA987654321", ALPHABET)
ORGANISATION = weighted([3, 7, 9, 10, 5, 8, 4, 2], "0X987654321", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
TOWNS = ("望湖街道", "听松街道", "泊云街道", "采薇镇", "临溪镇", "月泉镇")
ROADS = ("望湖路", "听松路", "泊云路", "采薇街", "临溪路", "月泉路", "云锦路", "桂影路", "鹤鸣路", "松风路")
Cells = dict[str, Any]


@dataclass(slots=True)
class Text:
    """A text table before it is written: rows of cells, and how they are written."""

    rows: list[list[str]]
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\r\n"

    def to_bytes(self) -> bytes:
        """The file, quoted where a cell needs it."""
        target = io.StringIO()
        csv.writer(target, delimiter=self.delimiter, lineterminator=self.newline).writerows(self.rows)
        return target.getvalue().encode(self.encoding)


@dataclass(slots=True)
class Workbook:
    """A workbook of one sheet: address → cell as `tests.builders` describes it."""

    sheet: str
    cells: Cells
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The file, with what a spreadsheet program needs besides."""
        parts = xlsx_parts({"sheets": {self.sheet: {"cells": self.cells, **self.facts}}})
        parts["[Content_Types].xml"] = _CONTENT_TYPES
        styles = str(parts["xl/styles.xml"]).replace("<cellXfs>", f"{_STYLES}<cellXfs>")
        parts["xl/styles.xml"] = styles.replace("</cellXfs>", f"</cellXfs>{_NORMAL}")
        return pack(parts)


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/></Types>'
)
_STYLES = (
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
)
_NORMAL = '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'

Table = Text | Workbook


def letters(column: int) -> str:
    """The letters of a column, from 1."""
    return chr(64 + column)


def spread(rows: list[list[Any]]) -> Cells:
    """Rows as addressed cells; empty ones are left out."""
    return {f"{letters(x)}{y}": cell for y, row in enumerate(rows, 1) for x, cell in enumerate(row, 1) if cell != ""}


def day(value: date) -> Cells:
    """A date as a workbook stores it."""
    return {"v": (value - date(1899, 12, 30)).days, "format": "yyyy-mm-dd"}


def uscc(start: str, number: int) -> str:
    """An artificial credit code that passes both check digits; no registrar has the division 310199."""
    body = f"{number:08d}"
    whole = f"{start}310199{body}{ORGANISATION(body)}"
    return whole + USCC(whole)


def divisions() -> dict[str, Table]:
    """Provinces, and what is in force in Shanghai and its three neighbours; from the code list that we ship."""
    listed = list(csv.DictReader(io.StringIO(content.read_text("schemas/codes/division/codes.csv"))))
    rows = [["代码", "名称", "级别", "上级代码"]]
    for item in listed:
        code = item["code"]
        level = "省级" if code.endswith("0000") else "地级" if code.endswith("00") else "县级"
        if not item["until"] and (level == "省级" or code[:2] in ("31", "32", "33", "34")):
            rows.append([code, item["zh"], level, item["parent"]])
    return {"行政区划/行政区划代码.csv": Text(rows, "utf-8-sig")}


_WEEK = "一二三四五六日"
_HOLIDAYS = {
    2024: {
        "元旦": ("2023-12-30 2024-01-01", ""),
        "春节": ("2024-02-10 2024-02-17", "2024-02-04 2024-02-18"),
        "清明节": ("2024-04-04 2024-04-06", "2024-04-07"),
        "劳动节": ("2024-05-01 2024-05-05", "2024-04-28 2024-05-11"),
        "端午节": ("2024-06-08 2024-06-10", ""),
        "中秋节": ("2024-09-15 2024-09-17", "2024-09-14"),
        "国庆节": ("2024-10-01 2024-10-07", "2024-09-29 2024-10-12"),
    },
    2025: {
        "元旦": ("2025-01-01 2025-01-01", ""),
        "春节": ("2025-01-28 2025-02-04", "2025-01-26 2025-02-08"),
        "清明节": ("2025-04-04 2025-04-06", ""),
        "劳动节": ("2025-05-01 2025-05-05", "2025-04-27"),
        "端午节": ("2025-05-31 2025-06-02", ""),
        "国庆节、中秋节": ("2025-10-01 2025-10-08", "2025-09-28 2025-10-11"),
    },
    2026: {
        "元旦": ("2026-01-01 2026-01-03", "2026-01-04"),
        "春节": ("2026-02-15 2026-02-23", "2026-02-14 2026-02-28"),
        "清明节": ("2026-04-04 2026-04-06", ""),
        "劳动节": ("2026-05-01 2026-05-05", "2026-05-09"),
        "端午节": ("2026-06-19 2026-06-21", ""),
        "中秋节": ("2026-09-25 2026-09-27", ""),
        "国庆节": ("2026-10-01 2026-10-07", "2026-09-20 2026-10-10"),
    },
}
"""Year of the notice → holiday → first and last day off, working days in exchange. Compared with reprints of the notices."""


def holidays() -> dict[str, Table]:
    """One row for every day off and every working day in exchange, in order of date."""
    found = []
    for year, named in _HOLIDAYS.items():
        for name, (off, work) in named.items():
            first, last = (date.fromisoformat(text) for text in off.split())
            days = [(first + timedelta(n), "放假") for n in range((last - first).days + 1)]
            days += [(date.fromisoformat(text), "上班") for text in work.split()]
            found += [[when.isoformat(), f"星期{_WEEK[when.weekday()]}", kind, name, str(year)] for when, kind in days]
    return {"节假日/节假日.csv": Text([["日期", "星期", "安排", "节日", "通知年份"], *sorted(found)], "utf-8-sig")}


_TERMS = (
    "立春 Start of Spring 2,雨水 Rain Water 2,惊蛰 Awakening of Insects 3,春分 Spring Equinox 3,清明 Clear and Bright 4,谷雨 Grain Rain 4,"
    "立夏 Start of Summer 5,小满 Grain Buds 5,芒种 Grain in Ear 6,夏至 Summer Solstice 6,小暑 Minor Heat 7,大暑 Major Heat 7,"
    "立秋 Start of Autumn 8,处暑 End of Heat 8,白露 White Dew 9,秋分 Autumn Equinox 9,寒露 Cold Dew 10,霜降 Frost Descent 10,"
    "立冬 Start of Winter 11,小雪 Minor Snow 11,大雪 Major Snow 12,冬至 Winter Solstice 12,小寒 Minor Cold 1,大寒 Major Cold 1"
)


def solar_terms() -> dict[str, Table]:
    """The 24 solar terms; the sun's longitude is 315° at the first and grows by 15°."""
    rows = [["number", "name", "name_en", "solar_longitude", "month"]]
    for number, item in enumerate(_TERMS.split(",")):
        name, _, rest = item.partition(" ")
        english, _, month = rest.rpartition(" ")
        rows.append([str(number + 1), name, english, str((315 + 15 * number) % 360), month])
    return {"节气/solar-terms.csv": Text(rows, newline="\n")}


_FIRST = ("晴川", "疏影", "听雨", "临风", "拾光", "望舒", "青禾", "知微", "远山", "白鹭", "朝露", "云帆")
_TRADES = (("机械制造", "C"), ("食品加工", "C"), ("建设工程", "E"), ("商贸", "F"), ("物流", "G"), ("餐饮管理", "H"), ("信息科技", "I"),
           ("置业", "K"), ("企业服务", "L"), ("检测技术", "M"), ("环境工程", "N"), ("文化传播", "R"))  # fmt: skip


def companies() -> list[list[Any]]:
    """120 artificial companies: number, credit code, name, industry, capital, day of founding, status, division, address."""
    random.seed("企业登记")
    rows = []
    for number in range(1, 121):
        trade, industry = _TRADES[number % 12]
        name = f"云间{_FIRST[(number * 7 + number // 12) % 12]}{trade}有限公司"
        founded = date(1995, 1, 1) + timedelta(random.randrange(11000))
        status = "存续" if number % 9 else random.choice(("注销", "吊销", "迁出"))
        address = f"云间区{random.choice(ROADS)}{random.randrange(1, 990)}号"
        capital = random.choice((10, 50, 88.5, 100, 200, 500, 1000, 2000, 3600.75, 12000))
        rows.append([f"{number:06d}", uscc("91", 1000 + number), name, industry, capital, founded, status, "310199", address])
    return rows


def registration() -> dict[str, Table]:
    """The companies as a workbook."""
    header = ["登记序号", "统一社会信用代码", "企业名称", "行业门类", "注册资本", "成立日期", "登记状态", "登记机关区划", "住所"]
    rows = [[day(cell) if isinstance(cell, date) else cell for cell in row] for row in companies()]
    return {"企业登记/企业登记.xlsx": Workbook("企业", spread([header, *rows]))}


def parking() -> dict[str, Table]:
    """60 car parks; the last ten have no payments."""
    random.seed("停车场")
    header = ["编号", "名称", "类型", "街镇", "地址", "楼层", "泊位数", "充电泊位数", "收费标准", "经度", "纬度", "启用日期", "服务电话"]
    floors = {"01": "1", "02": "B2-B1", "03": "1-5", "04": "1", "05": "1-2"}
    rows = [header]
    for number in range(1, 61):
        town, kind, road = TOWNS[number % 6], f"0{random.choice((1, 1, 2, 2, 3, 4, 5))}", random.choice(ROADS)
        spaces = random.randrange(20, 900)
        price = "首小时10元，之后每小时5元" if kind in ("02", "03") else "每小时6元,每日最高40元"
        where = [f"{121.05 + random.random() / 5:.5f}", f"{30.98 + random.random() / 8:.5f}"]
        opened = (date(2005, 3, 1) + timedelta(random.randrange(7000))).isoformat()
        name = f"{road[:2]}{_FIRST[number % 12]}停车{'库' if kind in ('02', '03') else '场'}"
        address = f"{town}{road}{random.randrange(1, 900)}号"
        row = [f"{number:06d}", name, kind, town, address, floors[kind], str(spaces), str(spaces // 10), price, *where]
        rows.append([*row, opened, f"021-0000{2000 + number}"])
    return {"停车场/停车场.csv": Text(rows, "gb18030")}


def payments() -> dict[str, Table]:
    """300 payments of September 2026 in the first fifty car parks."""
    random.seed("停车缴费")
    rows = [["流水号", "停车场编号", "入场时间", "出场时间", "金额", "支付方式"]]
    for number in range(1, 301):
        entered = datetime(2026, 9, 1) + timedelta(minutes=random.randrange(29 * 1440))
        left = entered + timedelta(minutes=random.randrange(8, 600))
        hours = -(-(left - entered) // timedelta(hours=1))
        paid = ["移动支付", "移动支付", "移动支付", "现金", "公共交通卡", "ETC"][random.randrange(6)]
        row = [f"{left:%Y%m%d}0199{number:06d}", f"{random.randrange(1, 51):06d}", entered.isoformat(), left.isoformat()]
        rows.append([*row, f"{min(40, 6 * hours):.2f}", paid])
    return {"停车缴费/缴费记录.csv": Text(rows)}


def air() -> dict[str, Table]:
    """Three stations, 28 days, hour by hour; now and then a value was not measured."""
    random.seed("空气质量")
    stations = [["YJ01", "望湖公园", "望湖街道", "121.10231", "31.03115"], ["YJ02", "采薇水厂", "采薇镇", "121.18820", "31.06742"],
                ["YJ03", "月泉小学", "月泉镇", "121.06377", "30.99458"]]  # fmt: skip
    hours = [["站点编号", "监测时间", "AQI", "PM2.5", "PM10", "SO2", "NO2", "CO", "O3"]]
    for hour in range(28 * 24):
        when = datetime(2026, 9, 1) + timedelta(hours=hour)
        for place_, *_ in stations:
            fine = max(3, round(28 + 14 * random.gauss(0, 1) + (6 if when.hour in (8, 9, 19, 20) else 0)))
            coarse, sunny = fine + random.randrange(8, 40), 1 if 11 <= when.hour <= 17 else -0.6
            ozone = max(4, round(60 + 45 * sunny + 12 * random.gauss(0, 1)))
            index = max(round(fine * 1.25), round(ozone * 0.5), coarse // 2 + 25)
            values = [index, fine, coarse, random.randrange(4, 12), random.randrange(12, 70), round(random.uniform(0.3, 1.2), 1), ozone]
            shown = [str(value) for value in values]
            if random.random() < 0.004:
                shown = ["缺测"] * len(shown)
            hours.append([place_, when.isoformat(), *shown])
    header = ["站点编号", "站点名称", "街镇", "经度", "纬度"]
    return {"空气质量/监测站.csv": Text([header, *stations]), "空气质量/小时值.csv": Text(hours, newline="\n")}


_GIVEN = "甲乙丙丁戊己庚辛壬癸"
_FAMILY = "赵钱孙李周吴郑王冯陈"


def households() -> dict[str, Table]:
    """80 artificial households; nobody born in the 1800s is alive, and no bank issues cards that start with 99."""
    random.seed("低保家庭")
    rows = [["档案编号", "户主姓名", "公民身份号码", "性别", "民族", "家庭人口", "月保障金", "银行卡号", "街镇"]]
    for number in range(1, 81):
        sex = random.choice("12")
        born = date(1825, 1, 1) + timedelta(random.randrange(26000))
        body = f"310101{born:%Y%m%d}{random.randrange(10, 99)}{random.choice('13579' if sex == '1' else '02468')}"
        card = f"9999{random.randrange(10**11):011d}"
        persons = random.randrange(1, 6)
        name = _FAMILY[number // 10 % 10] + _GIVEN[number % 10] + _GIVEN[number // 8 % 10]
        people = [name, body + mod_11_2(body), sex, random.choice(("01", "01", "01", "03", "11"))]
        rows.append([f"DB{number:06d}", *people, str(persons), f"{persons * 1510:.2f}", card + luhn(card), TOWNS[number % 6]])
    return {"低保家庭/低保家庭.csv": Text(rows, "gb18030")}


_OFFENCES = (
    ("未按规定分类投放生活垃圾", "罚款", 500), ("占用人行道堆放物料", "警告", 0), ("运输车辆泄漏、散落建筑垃圾", "罚款", 5000),
    ("擅自设置户外广告", "罚款", 3000), ("夜间施工未经公告", "罚款", 10000), ("油烟未经处理排放", "责令停产停业", 0),
)  # fmt: skip


def penalties() -> dict[str, Table]:
    """Decisions of two years against companies of the register."""
    random.seed("行政处罚")
    header = ["决定书文号", "当事人", "统一社会信用代码", "违法事实", "处罚种类", "罚款金额", "决定日期", "备注"]
    listed, made = companies(), {}
    for year, count in ((2025, 40), (2026, 30)):
        rows = [header]
        days = sorted(random.sample(range(250), count))
        for number in range(1, count + 1):
            company, (fact, kind, amount) = random.choice(listed[:100]), random.choice(_OFFENCES)
            decided = (date(year, 1, 6) + timedelta(days[number - 1])).isoformat()
            note = "" if number % 7 else "已履行，结案"
            rows.append([f"云城罚〔{year}〕{number:04d}号", company[2], company[1], fact, kind, f"{amount:.2f}", decided, note])
        made[f"行政处罚/{year}年.csv"] = Text(rows, "gb18030")
    return made


def shelters() -> dict[str, Table]:
    """Twelve shelters, with a header of two rows."""
    random.seed("避难场所")
    rows: list[list[Any]] = [["编号", "名称", "地址", "面积", "面积", "可容纳人数"], ["", "", "", "室内", "室外", ""]]
    for number in range(1, 13):
        inside, outside = random.randrange(3, 30) * 100, random.randrange(10, 90) * 100
        address = f"{TOWNS[number % 6]}{random.choice(ROADS)}{number * 37}号"
        rows.append([f"BN{number:02d}", f"{_FIRST[number - 1]}应急避难场所", address, inside, outside, (inside + outside) // 3])
    return {"避难场所/避难场所.xlsx": Workbook("避难场所", spread(rows))}


def buses() -> dict[str, Table]:
    """Lines, stops, and which stops a line has."""
    random.seed("公交")
    stops = [["stop_id", "name", "lon", "lat"]]
    for number in range(1, 41):
        name = f"{ROADS[number % 10]}{ROADS[number // 4]}" if number < 36 else f"{TOWNS[number - 36]}政务服务中心"
        stops.append([f"S{number:03d}", name, f"{121.05 + number * 0.0043:.4f}", f"{31.00 + (number * 7 % 40) * 0.0021:.4f}"])
    lines, calls = [["line_id", "name", "first", "last", "fare"]], [["line_id", "sequence", "stop_id"]]
    for number in range(1, 7):
        lines.append([f"L{number}", f"云间{number}路", f"05:{number * 5:02d}:00", f"22:{number * 5:02d}:00", "2.00"])
        calls += [[f"L{number}", str(n), f"S{stop:03d}"] for n, stop in enumerate(random.sample(range(1, 41), 12), 1)]
    return {"公交/lines.csv": Text(lines), "公交/stops.csv": Text(stops), "公交/calls.csv": Text(calls)}


def describe_package(tables: Mapping[str, Table]) -> bytes:
    """The `datapackage.json` of the bus data with the present size and digest of each file."""
    described = json.loads((DEMO / "right" / PACKAGE).read_text(encoding="utf-8"))
    for item in described["resources"]:
        body = tables[f"公交/{item['path']}"].to_bytes()
        item |= {"bytes": len(body), "hash": f"sha256:{hashlib.sha256(body).hexdigest()}"}
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()


_OFFICES = (
    ("云间区教育局", 13, "学校 幼儿园 培训机构"),
    ("云间区卫生健康委员会", 14, "医院 社区卫生服务中心 药店"),
    ("云间区文化和旅游局", 15, "图书馆 博物馆 景区"),
    ("云间区体育局", 16, "体育场馆 健身步道 游泳池"),
    ("云间区水务局", 17, "河道 泵站 供水点"),
    ("云间区绿化和市容管理局", 18, "公园 公共厕所 垃圾站"),
    ("云间区商务委员会", 19, "菜市场 家政企业 加油站"),
    ("云间区司法局", 20, "律师事务所 公证处 调解组织"),
)


def records() -> bytes:
    """Entries without data, one a line, as a directory system would export them."""
    lines, made = [], 0
    for office, number, things in _OFFICES:
        for thing in things.split():
            made += 1
            lines.append(_record(office, number, thing, made))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _record(office: str, number: int, thing: str, made: int) -> dict[str, Any]:
    items = ("名称", "C"), ("地址", "C"), ("所在街镇", "C"), ("联系电话", "C"), ("启用日期", "D")
    return {
        "信息资源名称": f"云间区{thing}名录",
        "信息资源代码": f"3070{number}/{made:06d}",
        "信息资源提供方": office,
        "信息资源提供方代码": uscc("11", number),
        "信息资源摘要": f"云间区{thing}的名称、地址、所在街镇、联系电话和启用日期",
        "信息资源格式": {"格式分类": "电子表格", "格式类型": "XLSX"},
        "信息项信息": [{"名称": name, "类型": kind} for name, kind in items],
        "共享属性": {"共享类型": "无条件共享", "共享方式": "文件下载"},
        "开放属性": {"是否向社会开放": "是", "开放类型": "无条件开放", "开放条件": "无条件"},
        "更新周期": "不定时",
        "发布日期": f"2026-0{made % 9 + 1}-15",
        "关键字说明": [thing],
        "数据级别": "一般",
        "数据来源": f"{thing}管理业务",
        "许可": "Apache-2.0",
        "联系方式": {"单位": office, "电话": f"021-000010{number}"},
        "校核纠错": {"电话": f"021-000010{number}"},
    }


MAKERS = (divisions, holidays, solar_terms, registration, parking, payments, air, households, penalties, shelters, buses)


def make_tables() -> dict[str, Table]:
    """All tables of the directory: file → table, the same every time."""
    return {name: table for maker in MAKERS for name, table in maker().items()}
