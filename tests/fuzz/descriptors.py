"""Data packages and entries made up at random: fields of every type, format and constraint, keys to anywhere, dialects of nonsense."""

from __future__ import annotations

from random import Random
from typing import Any

from govdata.engines.fields import SchemaError, read_field
from tests.fuzz.mutations import HOSTILE, odd, write_csv, write_json, write_yaml

TYPES = (
    "string",
    "number",
    "integer",
    "boolean",
    "object",
    "array",
    "list",
    "datetime",
    "date",
    "time",
    "year",
    "yearmonth",
    "duration",
    "geopoint",
    "geojson",
    "any",
)
FORMATS = (
    "default",
    "any",
    "email",
    "uri",
    "binary",
    "uuid",
    "%Y-%m-%d",
    "%d/%m/%y",
    "%Q",
    "%",
    "%Y%",
    "%H:%M",
    "array",
    "object",
    "topojson",
    "%-d",
    "%s",
    "",
    "x",
)
PATTERNS = (
    "[0-9]+",
    "(a+)+$",
    "(",
    "[",
    "(?P<n>.)(?P=n)",
    "(?i)A",
    "\\p{L}+",
    "a{99999999}",
    "*",
    "(a|a)*b",
    "",
    "^$",
    "(?<=x+)y",
    "(?#",
    "\\",
)
NAMES = (
    "a",
    "b",
    "编号",
    "a/b",
    "a~b",
    "..",
    "",
    " ",
    "a",
    "A",
    "a,b",
    "\x00",
    "\u202ex",
    "{value}",
    "x" * 3000,
    "<b>",
    "1",
    "\ud800",
    "名 称",
    "__class__",
)
GOOD: dict[str, tuple[str, ...]] = {
    "number": ("1", "1.5", "-3", "1e3"),
    "integer": ("1", "20", "-3"),
    "boolean": ("true", "false", "1"),
    "object": ("{}", '{"a": 1}'),
    "array": ("[]", "[1, 2]"),
    "list": ("a,b", "1,2"),
    "datetime": ("2024-01-02T03:04:05", "2024-01-02T03:04:05Z"),
    "date": ("2024-01-02", "1999-12-31"),
    "time": ("12:30:00", "23:59:59"),
    "year": ("2024", "1999"),
    "yearmonth": ("2024-01",),
    "duration": ("P1D", "PT5M", "P1Y2M"),
    "geopoint": ("121.5, 31.2",),
    "geojson": ('{"type": "Point", "coordinates": [1, 2]}',),
}
CONSTRAINTS = (
    "required",
    "unique",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "enum",
    "jsonSchema",
    "nothing",
)
OPTIONS = (
    "trueValues",
    "falseValues",
    "decimalChar",
    "groupChar",
    "bareNumber",
    "missingValues",
    "categories",
    "delimiter",
    "itemType",
    "semantic",
    "codes",
    "personal",
    "title",
    "x-length",
    "x-precision",
    "x-english",
    "floatNumber",
    "rdfType",
    "categoriesOrdered",
)
SEMANTICS = ("citizen-number", "uscc", "mobile", "longitude", "latitude", "url", "division", "isbn", "nonsense", "")
REPLIES: tuple[Any, ...] = (
    ",",
    ".",
    "",
    "  ",
    ["true"],
    [1, 2],
    [True],
    [""],
    "abc",
    None,
    1,
    ["", "-"],
    [["a", "b"]],
    [{"value": "a"}],
    {"a": "b"},
    [None],
    False,
    True,
)


def value_of(kind: object, chance: Random) -> str:
    """A cell of a field: mostly right."""
    return (
        chance.choice(GOOD.get(kind if isinstance(kind, str) else "", ("x", "中文", "abc")))
        if chance.random() < 0.75
        else chance.choice(HOSTILE)
    )


def tame_field(number: int, chance: Random) -> dict[str, Any]:
    """A field descriptor that is mostly accepted, so that its cells are read."""
    kind = chance.choice(TYPES)
    found: dict[str, Any] = {"name": f"c{number}", "type": kind}
    if chance.random() < 0.3:
        known = {
            "date": ("any", "%d/%m/%y", "%Q", "%Y"),
            "datetime": ("any", "%Y"),
            "time": ("any", "%H"),
            "geopoint": ("array", "object"),
            "geojson": ("topojson",),
            "string": ("email", "uri", "binary", "uuid"),
        }
        found["format"] = chance.choice(known.get(kind, ("default",)))
    if chance.random() < 0.3:
        limits = {"required": True, "unique": True, "pattern": chance.choice(PATTERNS), "enum": [value_of(kind, chance) for _ in range(3)]}
        limits |= {
            "minimum": chance.choice(GOOD.get(kind, ("a",))),
            "maximum": chance.choice(GOOD.get(kind, ("a",))),
            "minLength": 1,
            "maxLength": 3,
        }
        found["constraints"] = {name: limits[name] for name in chance.sample(sorted(limits), 1)}
    if chance.random() < 0.2:
        found[chance.choice(OPTIONS)] = chance.choice(REPLIES)
    if chance.random() < 0.15:
        found["semantic"] = chance.choice(SEMANTICS)
    return found


def field(chance: Random) -> dict[str, Any]:
    """A field descriptor: the name is mostly plain, the rest is anything."""
    kind = chance.choice(TYPES)
    name = f"c{chance.randrange(9)}" if chance.random() < 0.7 else chance.choice(NAMES)
    found: dict[str, Any] = {"name": name, "type": kind if chance.random() < 0.96 else odd(chance)}
    if chance.random() < 0.35:
        found["format"] = chance.choice(FORMATS) if chance.random() < 0.9 else odd(chance)
    if chance.random() < 0.5:
        found["constraints"] = constraints(kind, chance) if chance.random() < 0.96 else odd(chance)
    for option in OPTIONS:
        if chance.random() < 0.05:
            found[option] = chance.choice(REPLIES) if chance.random() < 0.7 else odd(chance)
    if chance.random() < 0.15:
        found["semantic"] = chance.choice(SEMANTICS)
    return found


def accepted_fields(chance: Random) -> dict[str, bytes]:
    """A data package of fields that the reference accepts, over cells that it does not expect."""
    fields: list[dict[str, Any]] = []
    while len(fields) < 6:
        item = tame_field(len(fields), chance)
        try:
            read_field(item)
        except SchemaError:
            continue
        fields.append(item)
    rows = [[str(item["name"]) for item in fields]]
    for _ in range(20):
        rows.append([_any_cell(item, chance) for item in fields])
    resource = {"name": "r", "path": "r.csv", "schema": {"fields": fields}, "dialect": {"doubleQuote": True}}
    return {"datapackage.json": write_json({"name": "p", "resources": [resource]}, chance), "r.csv": write_csv(rows)}


def _any_cell(item: dict[str, Any], chance: Random) -> str:
    text = value_of(item["type"], chance) if chance.random() < 0.7 else chance.choice(GOOD[chance.choice(sorted(GOOD))])
    # A NUL or half a character makes the file unreadable, and a huge cell the case slow: here cells are to be read.
    text = text.encode("utf-8", "ignore").decode().replace("\x00", "")[:6000]
    if chance.random() < 0.2 and text:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(("", "0", "-", ".", "T", "9", ":", "{", "Z", "+", "e", "１")) + text[at + 1 :]
    return text


def constraints(kind: str, chance: Random) -> dict[str, Any]:
    """One to three constraints, of a right or a wrong value."""
    found: dict[str, Any] = {}
    for name in chance.sample(CONSTRAINTS, chance.choice((1, 1, 2, 3))):
        roll = chance.random()
        if roll < 0.2:
            found[name] = odd(chance)
        elif name in ("required", "unique"):
            found[name] = roll < 0.9
        elif name == "pattern":
            found[name] = chance.choice(PATTERNS)
        elif name == "enum":
            found[name] = [value_of(kind, chance) for _ in range(3)] if roll < 0.8 else [1, None, "x", {}, [1]]
        elif name == "jsonSchema":
            schemas = (
                {"type": "object"},
                {"pattern": "("},
                {"$ref": "#"},
                {"$ref": "x://y"},
                {"patternProperties": {"(a+)+": {}}},
                {"type": 5},
            )
            found[name] = chance.choice(schemas)
        elif "Length" in name:
            found[name] = chance.choice((0, 1, 5, -1, "3", 1.5))
        else:
            found[name] = value_of(kind, chance) if roll < 0.7 else chance.choice((0, 1, 1.5, "1", 10**40))
    return found


def schema(chance: Random) -> dict[str, Any]:
    """A Table Schema with keys to its own fields, to others and to nowhere."""
    count, tame = chance.choice((1, 2, 3, 5)), chance.random() < 0.7
    found: dict[str, Any] = {"fields": [tame_field(number, chance) if tame else field(chance) for number in range(count)]}
    names = [str(item["name"]) for item in found["fields"]]
    some = [*names, "nowhere"]
    if chance.random() < 0.3:
        found["primaryKey"] = chance.choice((names[0], names[:2], some, odd(chance), [names[0], names[0]]))
    if chance.random() < 0.2:
        found["uniqueKeys"] = chance.choice(([names], [[names[0]]], names, odd(chance), [odd(chance)]))
    if chance.random() < 0.35:
        reference: Any = {
            "resource": chance.choice(("r0", "r1", "", "nowhere")),
            "fields": chance.choice((names[0], names, some, odd(chance))),
        }
        if chance.random() < 0.3:
            reference[chance.choice(("dataset", "codes"))] = chance.choice(("sex", "nowhere", "x", odd(chance)))
        key = {"fields": chance.choice((names[0], names, odd(chance))), "reference": reference if chance.random() < 0.9 else odd(chance)}
        found["foreignKeys"] = [key] if chance.random() < 0.9 else odd(chance)
    if chance.random() < 0.15:
        found["missingValues"] = chance.choice(REPLIES) if chance.random() < 0.7 else odd(chance)
    if chance.random() < 0.15:
        found["fieldsMatch"] = chance.choice(("exact", "equal", "subset", "superset", "partial", ["partial"], [], odd(chance)))
    return found


def dialect(chance: Random) -> dict[str, Any]:
    """A dialect that says something and means little."""
    found: dict[str, Any] = {}
    known = {
        "delimiter": (",", ";", ",,", "\n", "\r", '"', "", "\x00", "，", "\\t"),
        "quoteChar": ('"', "'", ",", "", "''", "\n", None, "“"),
        "escapeChar": ("\\", '"', ",", "", "xx"),
        "headerRows": ([1], [0], [5, 1], [10**9], [-1], [2, 2], [], ["1"], [1.5], [True], 10**9),
        "commentChar": ("#", "", "c", ",", "\n"),
        "headerJoin": (" ", "", "\x00", 5),
        "header": (True, False, None, "no"),
        "skipInitialSpace": (True, "x"),
        "doubleQuote": (True, False, 0),
        "lineTerminator": ("\n", "\r", "x"),
        "sheetName": ("Sheet1", 5, None),
    }
    for name in chance.sample(sorted(known), chance.choice((1, 2, 3))):
        found[name] = chance.choice(known[name]) if chance.random() < 0.85 else odd(chance)
    return found


def rows_for(table: dict[str, Any], chance: Random) -> bytes:
    """A CSV file for a schema: its header, a few rows."""
    fields = table["fields"]
    rows = [[str(item["name"]) for item in fields]]
    for _ in range(chance.choice((0, 1, 4, 30))):
        rows.append([value_of(item["type"], chance) for item in fields])
    return write_csv(rows)


def package(chance: Random) -> dict[str, bytes]:
    """A data package of one or two resources."""
    files: dict[str, bytes] = {}
    resources = []
    for number in range(chance.choice((1, 1, 2))):
        table = schema(chance)
        resource: dict[str, Any] = {"name": f"r{number}", "path": f"r{number}.csv", "schema": table}
        if chance.random() < 0.25:
            resource["dialect"] = dialect(chance)
        if chance.random() < 0.05:
            resource[chance.choice(("encoding", "format", "path", "hash", "bytes", "mediatype"))] = odd(chance)
        resources.append(resource)
        files[f"r{number}.csv"] = rows_for(table, chance)
    files["datapackage.json"] = write_json({"name": "p", "resources": resources}, chance)
    return files


_DIALECT = {
    "delimiter": "分隔符",
    "quoteChar": "引号",
    "headerRows": "表头行",
    "commentChar": "注释符",
    "skipInitialSpace": "忽略分隔符后空格",
}
_FIELD = {
    "name": "名称",
    "type": "类型",
    "format": "格式",
    "semantic": "语义",
    "codes": "代码表",
    "missingValues": "缺失值",
    "personal": "个人信息",
}
_CONSTRAINT = {"required": "必填", "unique": "唯一", "minimum": "最小值", "maximum": "最大值", "pattern": "模式", "enum": "取值"}


def entry(chance: Random) -> dict[str, bytes]:
    """A folder with an entry.yaml, fields in Chinese."""
    table = schema(chance)
    fields = []
    for item in table["fields"]:
        ours = {_FIELD[key]: value for key, value in item.items() if key in _FIELD}
        limits = item.get("constraints")
        if isinstance(limits, dict):
            ours |= {_CONSTRAINT[key]: value for key, value in limits.items() if key in _CONSTRAINT}
        for key in ("长度", "精度", "外键", "主键", "单位"):
            if chance.random() < 0.06:
                ours[key] = odd(chance) if chance.random() < 0.6 else {"资源": "a.csv", "信息项": "c1"}
        fields.append(ours)
    resource: dict[str, Any] = {"文件": "a.csv", "信息项": fields}
    if chance.random() < 0.3:
        resource["方言"] = {_DIALECT[key]: value for key, value in dialect(chance).items() if key in _DIALECT}
    if "foreignKeys" in table:
        resource["外键"] = table["foreignKeys"]
    for key in ("primaryKey", "uniqueKeys", "missingValues"):
        if key in table:
            resource[key] = table[key]
    if chance.random() < 0.05:
        resource = {"文件": "a.csv", "表结构": chance.choice((table, "s.json", odd(chance)))}
    whole = {"信息资源名称": "测试", "信息资源代码": "307001/000006", "资源": [resource]}
    files = {"entry.yaml": write_yaml(whole, chance), "a.csv": rows_for(table, chance)}
    if chance.random() < 0.1:
        files["s.json"] = write_json(table, chance)
    return files
