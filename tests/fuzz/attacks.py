"""The kinds of attack: each makes the files of one case, the options to check it under, and what may not happen besides a crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import yaml

from govdata import content
from govdata.errors import ContentError
from govdata.predicates.checkdigits import mod_11_2
from tests.fuzz import descriptors
from tests.fuzz.corpus import Files
from tests.fuzz.mutations import HOSTILE, break_archive, break_bytes, break_cells, break_tree, odd, write_csv, write_json, write_yaml

Corpus = list[tuple[Files, dict[str, Any]]]


@dataclass
class Case:
    """What is checked: files, options, texts that no output may hold, and whether the report must say that something is wrong."""

    files: Files
    options: dict[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    broken: bool = False
    path: str = ""
    """What is named, within the folder; else all of it."""


def _picked(chance: Random, corpus: Corpus, endings: tuple[str, ...], inside: str = "") -> tuple[Case, str]:
    """A dataset that has a file of some kind, and that file's name."""
    while True:
        files, options = chance.choice(corpus)
        names = [name for name in files if name.endswith(endings) and name.startswith(inside)]
        if names:
            return Case(dict(files), dict(options)), chance.choice(names)


def attack_bytes(chance: Random, corpus: Corpus) -> Case:
    """Any file's bytes."""
    case, name = _picked(chance, corpus, ("",))
    case.files[name] = break_bytes(case.files[name], chance)
    return case


def attack_cells(chance: Random, corpus: Corpus) -> Case:
    """The cells of a CSV file."""
    case, name = _picked(chance, corpus, (".csv", ".tsv"))
    case.files[name] = break_cells(case.files[name], chance)
    return case


def attack_tree(chance: Random, corpus: Corpus) -> Case:
    """The values of an entry, a package, a schema."""
    case, name = _picked(chance, corpus, (".yaml", ".yml", ".json", ".jsonld", ".jsonl"))
    case.files[name] = _broken(case.files[name], name, chance)
    return case


def _load(body: bytes, name: str) -> Any:
    """A document's tree; ValueError also for one with aliases, which may be a bomb."""
    if "json" in name.rsplit(".", 1)[-1]:
        return json.loads(body)
    if name.startswith("standards/"):
        return content.parse(body.decode(), name)
    if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(body, yaml.CBaseLoader)):
        raise ValueError("alias")
    return yaml.load(body, yaml.CBaseLoader)


def _broken(body: bytes, name: str, chance: Random) -> bytes:
    is_json = "json" in name.rsplit(".", 1)[-1]
    try:
        tree = _load(body, name)
    except (ValueError, yaml.YAMLError, RecursionError, ContentError):
        return break_bytes(body, chance)
    tree = break_tree(tree, chance)
    return write_json(tree, chance) if is_json else write_yaml(tree, chance)


def attack_archive(chance: Random, corpus: Corpus) -> Case:
    """A workbook."""
    case, name = _picked(chance, corpus, (".xlsx", ".ods", ".xls", ".xlsm", ".et"))
    case.files[name] = break_archive(case.files[name], chance)
    return case


def attack_lines(chance: Random, corpus: Corpus) -> Case:
    """A directory of entries in JSON Lines, some lines broken."""
    lines = []
    for _ in range(chance.choice((1, 5, 40))):
        case, name = _picked(chance, corpus, ("entry.yaml",))
        try:
            tree = _load(case.files[name], name)
            line = json.dumps(tree, ensure_ascii=chance.random() < 0.2).encode("utf-8", "surrogatepass")
        except (ValueError, yaml.YAMLError):
            line = b"{}"
        roll = chance.random()
        if roll < 0.3:
            line = _broken(line, "a.json", chance).replace(b"\n", b" ")
        elif roll < 0.5:
            line = break_bytes(line, chance)
        lines.append(line)
    end = chance.choice((b"\n", b"\r\n", b"\n\n"))
    return Case({"a.jsonl": end.join(lines)}, path="a.jsonl")


def attack_lone(chance: Random, corpus: Corpus) -> Case:
    """One file named alone, under a schema that is broken or does not belong to it."""
    case, name = _picked(chance, corpus, (".csv", ".xlsx", ".ods", ".xls", ".json", ".yaml", ".txt"))
    case.path = name
    schemas = [file for file, options in corpus if "schema" in options]
    if schemas and chance.random() < 0.7:
        body = next(iter(found for key, found in chance.choice(schemas).items() if key.endswith(".json")), b"{}")
        case.files["s.json"] = _broken(body, "s.json", chance)
        case.options["schema"] = "s.json"
    if chance.random() < 0.5:
        case.files[name] = break_cells(case.files[name], chance) if name.endswith(".csv") else break_bytes(case.files[name], chance)
    return case


def attack_package(chance: Random, corpus: Corpus) -> Case:
    """A data package made up."""
    return Case(descriptors.package(chance))


def attack_fields(chance: Random, corpus: Corpus) -> Case:
    """Fields that are accepted, cells that are not expected."""
    return Case(descriptors.accepted_fields(chance))


def attack_entry(chance: Random, corpus: Corpus) -> Case:
    """An entry made up."""
    return Case(descriptors.entry(chance))


def attack_content(chance: Random, corpus: Corpus) -> Case:
    """The directory's own rules, lists and standards."""
    case, name = _picked(chance, corpus, (".yaml", ".json", ".csv"), "standards/")
    body = case.files[name]
    case.files[name] = _broken(body, name, chance) if chance.random() < 0.8 and not name.endswith(".csv") else break_bytes(body, chance)
    return case


_KEYS = (
    "directory",
    "standard",
    "language",
    "content",
    "fail_on",
    "limit",
    "strict",
    "encodings",
    "limits",
    "x",
    "schema",
    "today",
    "jobs",
)
_VALUES = (
    '"zh-CN"',
    '"en"',
    '"xx"',
    "1",
    "-1",
    "0",
    "true",
    "[]",
    '["utf-7","x"]',
    "[1]",
    '"all"',
    "{max_cell=1}",
    "{max_cell=-1}",
    "{max_line=5}",
    "{max_entry=9}",
    "{max_archive=3}",
    "{x=1}",
    "1979-05-27",
    "nan",
    '"../.."',
    '"\\u0000"',
    '"standards"',
    '"national"',
    '"error"',
    "9" * 30,
    '["cp1252"]',
    "[[[]]]",
    '"/"',
    '"."',
    '["idna", "punycode"]',
    '["base64"]',
    '["utf-16"]',
    "{max_cell=true}",
)


def attack_settings(chance: Random, corpus: Corpus) -> Case:
    """`govdata.toml`."""
    case, _ = _picked(chance, corpus, ("entry.yaml", ".csv"))
    if chance.random() < 0.2:
        case.files["govdata.toml"] = break_bytes(case.files.get("govdata.toml", b'standard = "national"\nlimit = 5\n'), chance)
        return case
    fitting = {
        "encodings": [v for v in _VALUES if v[0] == "["],
        "limits": [v for v in _VALUES if v[0] == "{"],
        "limit": ("0", "-1", "1", "9" * 30),
    }
    lines = [f"{key} = {chance.choice(fitting.get(key, _VALUES))}" for key in chance.sample(_KEYS, chance.choice((1, 1, 2)))]
    case.files["govdata.toml"] = "\n".join(lines).encode()
    return case


_WRONG = {
    "integer": ("x", "1.5", "中", "\x00", "\u202e1", "=1+1", "9" * 5000 + "x", "0x1", "NaN"),
    "number": ("x", "1e", "--1", "1,2.3.4", "中"),
    "date": ("2024-02-30", "x", "2024-13-01", "yesterday", "99999-01-01", "0000-00-00"),
    "boolean": ("maybe", "2", "yesno"),
    "datetime": ("2024-01-01T25:00:00", "x"),
    "time": ("25:00:00", "x"),
    "year": ("x", "20244", "MMXX"),
}


def attack_oracle(chance: Random, corpus: Corpus) -> Case:
    """A right table in which one cell is surely wrong: the report must say so."""
    kinds = [chance.choice(sorted(_WRONG)) for _ in range(chance.choice((1, 2, 4)))]
    fields = [{"name": f"f{number}", "type": kind} for number, kind in enumerate(kinds)]
    rows = [[str(item["name"]) for item in fields]]
    rows += [[chance.choice(descriptors.GOOD[kind]) for kind in kinds] for _ in range(chance.choice((1, 3, 200)))]
    at = chance.randrange(len(kinds))
    chance.choice(rows[1:])[at] = chance.choice(_WRONG[kinds[at]])
    package = {"name": "p", "resources": [{"name": "r", "path": "r.csv", "schema": {"fields": fields}}]}
    return Case({"datapackage.json": json.dumps(package).encode(), "r.csv": write_csv(rows)}, broken=True)


def citizen_number(chance: Random) -> str:
    """A number that nobody has, with its right check digit."""
    head = (
        f"{chance.choice((110101, 310104, 440305))}{chance.randrange(1950, 2005)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    )
    first = f"{head}{chance.randrange(1000):03}"
    return first + mod_11_2(first)


_DECLARED = (
    {"个人信息": "是"},
    {"语义": "公民身份号码"},
    {"语义": "citizen-number"},
    {"个人信息": "是", "唯一": "是"},
    {"个人信息": "是", "类型": "N"},
    {"个人信息": "是", "模式": "[0-9]{5}"},
    {"个人信息": "是", "取值": ["a"]},
    {"个人信息": "是", "主键": "是"},
    {"个人信息": "是", "类型": "D"},
)


def attack_personal(chance: Random, corpus: Corpus) -> Case:
    """Numbers of persons in a declared column while something else is broken: no output may show one."""
    numbers = [citizen_number(chance) for _ in range(chance.choice((1, 3, 30)))]
    named = {"名称": "证件号码", "类型": "C", **chance.choice(_DECLARED)}
    fields = [{"名称": "编号", "类型": "C"}, named, {"名称": "数量", "类型": "N"}]
    rows = [["编号", "证件号码", "数量"], *([str(n), number, str(n)] for n, number in enumerate(numbers))]
    if chance.random() < 0.3:
        rows.append(list(rows[-1]))
    if chance.random() < 0.5:
        row = chance.choice(rows[1:])
        row[1] = chance.choice((" {}", "{} ", "'{}", "{}x", "号{}", '="{}"', "{}\x00", "{},{}", "身份证:{}")).format(numbers[0], numbers[0])
    body = write_csv(rows)
    if chance.random() < 0.7:
        body = _without_digits_touched(body, chance)
    whole: dict[str, Any] = {
        "信息资源名称": "测试",
        "开放属性": {"是否向社会开放": chance.choice(("是", "否"))},
        "资源": [{"文件": "a.csv", "信息项": fields}],
    }
    if chance.random() < 0.3:
        whole["资源"][0][chance.choice(("方言", "编码", "主键", "外键", "记录数", "缺失值"))] = odd(chance)
    if chance.random() < 0.15:
        whole["资源"][0].pop("信息项")
    return Case({"entry.yaml": write_yaml(whole, chance), "a.csv": body}, secrets=tuple(numbers))


def _without_digits_touched(body: bytes, chance: Random) -> bytes:
    """Signs put in, or separators changed, but never inside a number."""
    places = [at for at in range(len(body)) if not body[at : at + 1].isalnum()]
    for _ in range(chance.choice((1, 2))):
        at = chance.choice(places)
        new = chance.choice(
            (b"", b";", b"\t", b"\n", b'"', b"\r", b"\0", b",,", b",\n", chance.choice(HOSTILE)[:50].encode("utf-8", "surrogatepass"))
        )
        body = body[:at] + new + body[at + chance.choice((0, 1)) :]
        places = [at for at in range(len(body)) if not body[at : at + 1].isalnum()]
    return body


ATTACKS: dict[str, Callable[[Random, Corpus], Case]] = {
    name.removeprefix("attack_"): found for name, found in list(globals().items()) if name.startswith("attack_")
}
