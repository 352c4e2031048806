"""The shape of the source: what stands where, what may import what, how long things get, and that texts and rules belong together."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import govdata
from govdata import content

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "govdata"
MODULES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py") if "_content" not in path.parts)

LAYERS = (
    (
        "classes",
        "circles",
        "digests",
        "expressions",
        "fastjson",
        "glibc",
        "errors",
        "copies",
        "values",
        "encodingnames",
        "tomllines",
        "tomltables",
        "colours",
        "targets",
        "acceptance",
        "settings",
    ),
    ("content", "cache", "writing", "serving", "changes", "codes", "rules", "standards", "messages", "reading", "graph", "ckanfields"),
    ("predicates", "engines"),
    ("checks",),
    (
        *("finishing", "outcomes", "processes", "workers", "pieces", "extent", "neighbours", "adoption", "collecting", "reporting"),
        *("runs", "validation"),
        *("disclosure", "zones", "gate", "explaining", "editors", "formats", "marking"),
    ),
    ("conversion", "drafting"),
    ("publishing",),
    ("diagnosis",),
    ("ui",),
    ("cli",),
    ("ckan_plugin",),
)
"""Modules and folders from the lowest layer up. One may import from lower layers and from what stands left of it in its own."""

ROOMS = {
    "reading": (
        *("paths", "signature", "changes", "sources"),
        *("encodings", "texts", "workbooks", "databases", "documents", "entries", "resources"),
        *("tables", "datasets"),
    ),
    "adoption": ("baseline", "judging", "adopting", "records"),
    "conversion": ("losses", "remainder", "schemas", "packages", "texts", "sources", "forms", "outputs", "converting", "views"),
    "drafting": (
        *("forms", "names", "profiles", "kinds", "rows", "columns", "tables", "meanings", "fields"),
        *("files", "keys", "marks", "writing", "parts", "drafting", "views"),
    ),
    "publishing": (
        *("identity", "plan", "outcome", "selection", "planning", "offering", "fitting", "journal", "views", "rows", "frames"),
        *("site", "ckan"),
    ),
    "publishing/ckan": (
        *("site", "naming", "columns", "mapping", "packages", "state"),
        *("sums", "shadows", "database", "copies", "loading", "switching"),
        *("steps", "organisations", "preparing", "applying", "tables", "publication"),
    ),
    "publishing/site": (
        *("addresses", "records", "portal", "facets", "documents", "history", "state", "overview", "parts", "search", "exports", "pages"),
        *("output", "clearing", "seals", "basics", "finding", "machines", "looks", "assembly"),
        *("withholding", "describing", "spare", "switching"),
        *("cards", "memory", "survey", "preparing"),
        *("hands", "pair", "team", "building", "publication", "serving"),
    ),
    "publishing/site/exports": (
        *("lines", "runs", "naming", "authorities", "texts", "tableschemas"),
        *("datasets", "documents", "catalogs", "packages", "schemaorg", "feeds", "sitemaps", "listings", "api"),
        *("tables", "downloads", "files"),
    ),
    "publishing/site/pages": (
        *("texts", "shipped", "templates", "places", "frame", "json"),
        *("resources", "datasets", "entries", "lists", "basis", "codelists", "references", "assets", "front", "own"),
    ),
    "marking": (
        *("markup", "package", "container", "naming", "marks", "notes", "styles", "cells", "sheetxml", "summary"),
        *("editing", "tables", "sources", "folder", "marking"),
    ),
    "ui": ("naming", "folders", "rewriting", "filling", "forms", "works", "marked", "entries", "sessions", "pages", "routes", "serving"),
    "diagnosis": ("answers", "subject", "server", "rights", "tables", "searching", "examination", "views"),
}
"""Modules and folders inside a folder of `LAYERS`: the shared, the rooms, what joins them. One may import from what stands left of it."""

ENTRANCES = ("__init__", "__main__")
"""The package's own face: lazy names, and the start of the program."""

LATE = (
    "govdata/drafting/columns.py",
    "govdata/engines/columns/",
    "govdata/predicates/columns.py",
    "govdata/predicates/matrices.py",
    "govdata/ckan_plugin/",
    "govdata/publishing/site/pages/",
)
"""Modules that are made of a heavy package from end to end: they themselves are imported where they are used (`test_late_modules_wait`)."""

RARE = ("govdata/engines/reference.py", "govdata/engines/sql/", "govdata/reading/encodings/transcoding.py")
"""Modules that a small table without mistakes does not need, and for which it would wait: they too are imported where they are used."""

HEAVY = {
    "ckan",
    "ckanext",
    "click",
    "duckdb",
    "flask",
    "frictionless",
    "httpx",
    "jinja2",
    "jsonschema",
    "jsonschema_rs",
    "keyring",
    "markupsafe",
    "numpy",
    "orjson",
    "polars",
    "psycopg",
    "psycopg2",
    "pyld",
    "pyoxigraph",
    "rdflib",
    "referencing",
    "regex",
    "rich",
    "sqlglot",
    "xlrd",
    "yaml",
}
"""Every third-party module that the package may import; outside `cli/` only inside the function that needs it."""

OF_PYTHONS = {"_sha2", "_sha256"}
"""Modules of the standard library that not every Python has."""

DYNAMIC_RULES = {"json/syntax", "yaml/syntax", "package/syntax", "package/too-deep"}
"""Ids that the code puts together from parts, beside `table/…` (frictionless' types) and the predicates' (`id/…`)."""


def tree(name: str) -> ast.Module:
    """A module's syntax tree."""
    return _tree(name)


@functools.cache
def _tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def part_of(name: str, folder: str = "govdata") -> str:
    """What of the folder a module belongs to: `govdata/reading/paths.py` → `reading`, `govdata/codes.py` → `codes`."""
    return Path(name).relative_to(folder).with_suffix("").parts[0]


def nodes(name: str) -> Iterator[ast.AST]:
    """All nodes of a module that run: without what stands under `if TYPE_CHECKING`."""
    waiting: list[ast.AST] = [tree(name)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


def imports(name: str) -> Iterator[tuple[str, int]]:
    """Every module that a module imports, at its top or inside a function, with the line."""
    for node in nodes(name):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}:{node.lineno} imports relatively"
            inside = (ROOT / str(node.module).replace(".", "/")).is_dir()
            yield from ((f"{node.module}.{alias.name}" if inside else str(node.module), node.lineno) for alias in node.names)


@pytest.mark.parametrize("name", MODULES)
def test_arrows_point_one_way(name: str) -> None:
    own = part_of(name)
    if own in ENTRANCES:
        return
    places = [place for layer in LAYERS for place in layer]
    assert own in places, f"{own} has no layer: give it one in LAYERS and in the design"
    assert wrong_arrows(name, "govdata", places) == []


def test_layers_are_told_as_they_are() -> None:
    rows = re.findall(r"^\| [0-9]+ \| (.+) \|$", (ROOT / "docs/development.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [tuple(re.findall("`([a-z_]+)/?`", row)) for row in rows] == list(LAYERS)


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("govdata/ckan_plugin/")])
def test_the_plugin_needs_no_more_than_checks(name: str) -> None:
    """It runs inside CKAN: nothing of the command line, of reports or of publishing may come along."""
    below = [place for layer in LAYERS[: LAYERS.index(("checks",)) + 1] for place in layer]
    assert wrong_arrows(name, "govdata", [*below, "ckan_plugin"]) == []


@pytest.mark.parametrize("folder", ROOMS)
def test_arrows_between_rooms_point_one_way(folder: str) -> None:
    inside = [name for name in MODULES if name.startswith(f"govdata/{folder}/")]
    found = {part_of(name, f"govdata/{folder}") for name in inside} - {"__init__"}
    assert found == set(ROOMS[folder]), "give each module and room its place in ROOMS and in the design"
    assert [arrow for name in inside for arrow in wrong_arrows(name, f"govdata/{folder}", ROOMS[folder])] == []


def wrong_arrows(name: str, folder: str, places: Sequence[str]) -> list[str]:
    """The imports of a module from what does not stand left of it among the `places` of the folder."""
    own = part_of(name, folder)
    allowed = ("__version__", *places[: places.index(own) + 1]) if own in places else ()
    within = folder.replace("/", ".") + "."
    inside = [(module, line) for module, line in imports(name) if module.startswith(within)]
    return [f"{name}:{line} imports {module}" for module, line in inside if module.removeprefix(within).partition(".")[0] not in allowed]


@pytest.mark.parametrize("name", MODULES)
def test_heavy_imports_wait(name: str) -> None:
    import sys

    foreign = {module for module, _ in imports(name) if module.split(".")[0] not in {*sys.stdlib_module_names, *OF_PYTHONS, "govdata"}}
    assert {module.split(".")[0] for module in foreign} <= HEAVY, "a new dependency: docs/dependencies.md, pyproject.toml, HEAVY"
    if part_of(name) != "cli" and not name.startswith(LATE):
        top = {module for node in tree(name).body for module in _imported(node)}
        assert not top & HEAVY, "import it inside the function that needs it"


@pytest.mark.parametrize("name", MODULES)
def test_late_modules_wait(name: str) -> None:
    if name.startswith((*LATE, *RARE)):
        return
    top = {module for node in tree(name).body for module in _imported_whole(node)}
    late = {place.removesuffix(".py").rstrip("/").replace("/", ".") for place in (*LATE, *RARE)}
    assert not [module for module in top if module.startswith(tuple(late))], "import it inside the function that needs it"


def _imported_whole(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ImportFrom) and node.module:
        return {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()


def _imported(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    return {str(node.module).split(".")[0]} if isinstance(node, ast.ImportFrom) else set()


def test_content_folders_hold_no_python() -> None:
    found = [path for folder in ("schemas", "validators", "catalog") for path in (ROOT / folder).rglob("*.py")]
    assert not found, "a package named `validators` here would shadow the one that frictionless needs"


@pytest.mark.parametrize("name", MODULES)
def test_sizes(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 400
    for node in ast.walk(tree(name)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 60, f"{name}:{node.lineno} {node.name} is too long"
            named = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            assert len([argument for argument in named if argument not in ("self", "cls")]) <= 6, f"{name}:{node.lineno} {node.name}"


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    module = tree(name)
    assert ast.get_docstring(module), f"{name} does not say what it is for"
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [node for node in module.body if isinstance(node, kinds) and not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("name", MODULES)
def test_nothing_prints_below_the_command_line(name: str) -> None:
    if part_of(name) in ("cli", "__main__"):
        return
    for node in ast.walk(tree(name)):
        assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"), f"{name} prints"
        assert not (isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr", "exit") and _is_sys(node.value)), name


def _is_sys(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "sys"


def test_one_handler_catches_everything() -> None:
    broad = []
    for name in MODULES:
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "BaseException"
                broad += [name] * bool(re.search(r"\b(Base)?Exception\b", caught))
    assert broad == ["govdata/cli/main.py"]


def literals(name: str) -> Iterator[ast.Constant]:
    """The texts of a module that are not docstrings or descriptions of names."""
    described = {id(node.value) for node in ast.walk(tree(name)) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield node


@pytest.mark.parametrize("name", MODULES)
def test_no_clauses_in_code(name: str) -> None:
    clause = re.compile(r"\bGB(?!18030)[ /]?[TZ]?[ -]?[0-9]{4,}|第[〇零一二三四五六七八九十百0-9]+[条款项]|[〔\[][0-9]{4}[〕\]][0-9]+号")
    assert [node.value for node in literals(name) if clause.search(node.value)] == []


@pytest.mark.parametrize("name", MODULES)
def test_no_code_lists_in_code(name: str) -> None:
    """A collection of four or more texts that all are codes or labels of one list belongs into `schemas/codes`."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Dict):
            written = {key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            written = {item.value for item in node.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)}
        else:
            continue
        copied = [list_id for list_id, known in _words_of_lists().items() if len(written) >= 4 and written <= known]
        assert not copied, f"{name}:{node.lineno} holds codes of {copied}"


@functools.cache
def _words_of_lists() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for file, declared in content.compiled("codes").items():
        if file.endswith("/list.yaml") and declared.get("codes"):
            words = [[str(code.get(key, "")) for key in ("code", "zh", "en")] for code in declared["codes"]]
            found[str(declared["id"])] = frozenset(word for row in words for word in row if word)
    return found


def tracked() -> list[Path]:
    """The files of the project: those under version control, or all where there is none."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        hidden = (".venv", ".ckan", "node_modules", "__pycache__", "dist", "demo")
        return [path for path in ROOT.rglob("*") if path.is_file() and not any(part in hidden for part in path.relative_to(ROOT).parts[:1])]
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_machine_paths_or_registry_hosts() -> None:
    places = ["/" + "work/", "/" + "home/", "/" + "root/", "/" + "Users/", r"[A-Z]:\\+" + "Users", "/" + "opt/wheels"]
    hosts = ["pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "npm" + "mirror", r"mirrors?\.[a-z0-9]+\.(com|cn|edu)"]
    unwanted = re.compile("|".join([*(rf"(?<![\w.}}]){place}" for place in places), *hosts]))
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in unwanted.finditer(text)]
    assert not found


def test_public_surface() -> None:
    expected = ["Cause", "Conversion", "DatasetReport", "Draft", "Finding", "GovdataError", "Report", "Settings", "Skipped", "Source"]
    expected += ["__version__", "convert", "draft", "editor_schema", "explain", "mark", "standards", "validate", "write_file"]
    assert sorted(govdata.__all__) == expected
    assert sorted(dir(govdata)) == expected
    assert all(getattr(govdata, name) is not None for name in expected)
    with pytest.raises(AttributeError, match="nothing"):
        govdata.nothing  # noqa: B018


@functools.cache
def rules() -> Mapping[str, Mapping[str, Any]]:
    """All rule files that are shipped, those of the examples aside: id → content."""
    return {declared["id"]: declared for declared in content.compiled("rules").values()}


@functools.cache
def written_ids() -> Mapping[str, str]:
    """Every text of the code that has the form of a rule's id: id → module."""
    groups = "|".join(sorted({rule.partition("/")[0] for rule in rules()}))
    form = re.compile(rf"(?:{groups})/[a-z0-9]+(?:-[a-z0-9]+)*")
    return {node.value: name for name in MODULES for node in literals(name) if form.fullmatch(node.value)}


def test_ids_in_code_have_rules() -> None:
    assert {rule: name for rule, name in written_ids().items() if rule not in rules()} == {}


def test_rules_found_by_code_are_in_code() -> None:
    by_code = [rule for rule, declared in rules().items() if "by" in declared["check"]]
    in_table = {row["rule"] for row in content.load("catalog/zones.yaml")["rows"]}
    dynamic = [rule for rule in by_code if rule.startswith("table/") or rule in in_table]
    assert sorted(set(by_code) - set(written_ids()) - set(dynamic) - DYNAMIC_RULES) == []


def test_named_rules_have_functions() -> None:
    from govdata.checks import named

    asked = {rule: declared["check"]["named"] for rule, declared in rules().items() if "named" in declared["check"]}
    assert {rule: function for rule, function in asked.items() if not callable(getattr(named, function, None))} == {}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """The calls of a module with the last part of the called name."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Call):
            called = node.func
            yield (called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""), node


def keys_in_code() -> Iterator[tuple[str, str]]:
    """Every message key that the code names outright, with the module."""
    for name in MODULES:
        for called, call in calls(name):
            named = [argument.value if isinstance(argument, ast.Constant) else None for argument in call.args]
            if called.endswith("Error") and called != "ValueError" and named and isinstance(named[0], str) and _is_ours(called):
                yield f"error.{'site-' * (called == 'SiteError')}{named[0]}", name
            elif called == "Skipped" and len(named) > 1 and isinstance(named[1], str):
                yield f"skipped.{named[1]}", name
            elif called in ("text", "word", "template") and named and isinstance(named[0], str) and "." in named[0]:
                yield named[0], name


def _is_ours(called: str) -> bool:
    from govdata import errors

    return hasattr(errors, called)


def test_message_keys_exist() -> None:
    from govdata.messages import has

    used = list(keys_in_code())
    assert len(used) > 40
    assert sorted((key, name) for key, name in used if not has(key)) == []


def texts() -> Iterator[tuple[str, Any]]:
    """Every text that an officer may read: of messages, rules, lists and standards."""
    for file, messages in content.compiled("messages").items():
        yield from ((f"{file} {key}", text) for key, text in messages.items())
    for rule, declared in rules().items():
        yield from ((f"{rule} {key}", declared.get(key)) for key in ("title", "message", "help"))
        yield from ((f"{rule} reason {key}", text) for key, text in (declared.get("reasons") or {}).items())
    for section in ("codes", "standards"):
        for file, declared in content.compiled(section).items():
            if file.endswith(("/list.yaml", "/standard.yaml")):
                yield f"{section}/{file} title", declared.get("title")


CHINESE = re.compile(r"[㐀-鿿]")
PLACE = re.compile(r"\{[^}]*\}")


def test_every_text_exists_in_both_languages() -> None:
    wrong = []
    for where, text in texts():
        if not isinstance(text, Mapping) or not all(isinstance(text.get(key), str) and text[key].strip() for key in ("zh", "en")):
            wrong.append(f"{where}: {text}")
        elif not CHINESE.search(text["zh"]) and re.search("[A-Za-z]+ [A-Za-z]+", PLACE.sub("", text["zh"])):
            wrong.append(f"{where}: not Chinese: {text['zh']}")
        elif len(CHINESE.findall(text["en"])) > len(re.findall("[A-Za-z]", text["en"])):
            wrong.append(f"{where}: not English: {text['en']}")
    assert not wrong


def test_no_two_rules_of_one_id() -> None:
    counted = Counter(declared["id"] for declared in content.compiled("rules").values())
    assert [rule for rule, count in counted.items() if count > 1] == []
