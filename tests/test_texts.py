"""What officers read is said in the words and the style of docs/style.md, whole, in both languages."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from govdata import content

ROOT = Path(__file__).parent.parent
STYLE = ROOT / "docs/style.md"
LANGUAGES = ("zh", "en")
HOLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::(?:term|list))?\}")
CODE = re.compile(r"`[^`]*`|“[^”{}]*”")
OPERATORS = ("ckan.yaml", "doctor.yaml", "publish.yaml", "convert.yaml")
"""Areas that speak to the operators of a site, who know its words."""


def texts() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every text of messages and rules with the name of its place; what is no text of two languages is `test_tree`'s."""
    for file, messages in content.compiled("messages").items():
        yield from ((f"{file}/{key}", text) for key, text in messages.items())
        yield from ((f"{file}/{key}/help", text["help"]) for key, text in messages.items() if "help" in text)
    for rule in content.compiled("rules").values():
        yield from ((f"{rule['id']}/{key}", rule[key]) for key in ("title", "message", "help"))
        for name, text in (rule.get("reasons") or {}).items():
            yield f"{rule['id']}/reasons/{name}", text
            if "help" in text:
                yield f"{rule['id']}/reasons/{name}/help", text["help"]


def told(language: str) -> list[tuple[str, str]]:
    """The texts of a language without their placeholders, code and quoted words."""
    return [(where, HOLE.sub("", CODE.sub("", text[language]))) for where, text in texts()]


def words_not_used() -> dict[str, set[str]]:
    """The last two columns of the table of words in docs/style.md."""
    table = STYLE.read_text(encoding="utf-8").split("\n## ")[1]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")][1:]
    assert all(len(row) == 5 for row in rows)
    return {
        "zh": {word for row in rows for word in row[3].split("、") if word},
        "en": {word for row in rows for word in row[4].split(", ") if word},
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_officers_do_not_use_are_not_used(language: str) -> None:
    words = words_not_used()[language]
    assert len(words) > 15
    edge = "" if language == "zh" else r"\b"
    pattern = re.compile(edge + "(" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")" + edge, re.IGNORECASE)
    found = [
        (where, match[0], text) for where, text in told(language) if not where.startswith(OPERATORS) for match in pattern.finditer(text)
    ]
    assert found == []


def test_both_languages_have_the_same_places() -> None:
    """But for a text of a single thing (-one), where English has a word for the number."""
    differing = {
        where: text
        for where, text in texts()
        if not where.endswith("-one") and set(HOLE.findall(text["zh"])) != set(HOLE.findall(text["en"]))
    }
    assert differing == {}


def test_whatever_is_wrong_has_a_way_out() -> None:
    """Rules and causes, mistakes in YAML and JSON, and what `doctor` finds missing or wrong, each with a text of what to do."""
    causes = content.compiled("messages")["cause.yaml"]
    assert [key for key in causes if not key.endswith("-help") and f"{key}-help" not in causes] == []
    terms = content.compiled("messages")["terms.yaml"]
    mistakes = [key for key in terms if re.match(r"(yaml|json)-(?!alias)", key) and not key.endswith("-advice")]
    assert len(mistakes) > 20
    assert [key for key in mistakes if f"{key}-advice" not in terms] == []
    assert [rule["id"] for rule in content.compiled("rules").values() if len(rule["help"]["zh"]) < 4] == []


def test_errors_name_the_way_out() -> None:
    """An error speaks to the reader: what is wrong, then what to do, with one 请."""
    errors = content.compiled("messages")["error.yaml"]
    assert [key for key, text in errors.items() if "请" not in text["zh"]] == []


def test_help_does_not_say_please() -> None:
    """It stands under "what to do"; only somebody else is asked (请网站管理员……)."""
    asked = re.compile(r"(?<!申)请(?![^。；，]{0,14}(管理员|管理部门))")
    helps = [(where, text["zh"]) for where, text in texts() if re.search(r"(/|-)(help|advice)$", where)]
    assert len(helps) > 250
    assert [(where, text) for where, text in helps if asked.search(text)] == []
    assert [
        (where, text["en"]) for where, text in texts() if re.search(r"\bplease\b", text["en"], re.IGNORECASE) and "site.yaml" not in where
    ] == []


def test_chinese_is_set_as_chinese() -> None:
    """Full-width marks beside Chinese characters, and a space between them and digits or letters."""
    narrow = re.compile(r"[一-鿿][(),;:!?]|[(),;!?][一-鿿]")
    joined = re.compile(r"[一-鿿][0-9A-Za-z]|[0-9A-Za-z][一-鿿]")
    quoted = re.compile(r"“[^”]*”|\{[^}]*\}|京AD?[0-9]+|[A-Za-z_]+: [^，。；]*")
    seen = [(where, quoted.sub("…", text["zh"])) for where, text in texts()]
    assert [(where, text) for where, text in seen if narrow.search(text) or joined.search(text)] == []


def test_sentences_end_and_titles_do_not() -> None:
    for rule in content.compiled("rules").values():
        for language, stop in (("zh", "。"), ("en", ".")):
            assert not rule["title"][language].endswith(stop), rule["id"]
            for key in ("message", "help"):
                assert re.search(r"([。.：:”})）]|\}\S?)$", rule[key][language]), (rule["id"], key, language)


def test_english_is_plain() -> None:
    """Not “is no date” but “is not a date”; nothing is mended, asked for, or at hand."""
    odd = re.compile(
        r"(?<!there )\b(?:is|are) no (?!longer|more)[a-z]|\b(?:mend|anew|at hand|held against)|\b(?:color|organization|license)\b",
        re.IGNORECASE,
    )
    assert [(where, text) for where, text in told("en") if odd.search(re.sub(r"\b[Tt]here (is|are) no", "", text))] == []


@cache
def reader() -> ModuleType:
    """The script that prints finished sentences, as a module."""
    loader = importlib.machinery.SourceFileLoader("messages_read", str(ROOT / "scripts" / "messages"))
    spec = importlib.util.spec_from_loader("messages_read", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    loader.exec_module(module)
    sys.dont_write_bytecode = written
    return module


BROKEN = re.compile(
    r"（）|\(\)|“”|（：|： ?）|\(\s|\s\)|：。|: \.|。。|(?<!\.)\.\.(?![./])|，。|、、|  +[^ ]|\{[a-z_]+(:[a-z]+)?\}|\bNone\b"
)
"""What a sentence shows in which a place stayed empty, or that was glued together."""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_finished_sentences_are_whole(language: str) -> None:
    """Of every rule, what its own examples make it say: nothing empty, nothing glued, nothing left to fill in."""
    rules: list[Any] = list(content.load_folder(content.root() / "validators").values())
    said: list[tuple[str, str, str]] = []
    for rule in rules:
        for example in rule["examples"]["fail"]:
            said += [(rule["id"], *pair) for pair in reader().told(rule, example, language)]
    assert len({rule for rule, _, _ in said}) > 0.9 * len(rules)
    wrong = [(rule, line) for rule, *lines in said for line in lines if BROKEN.search(_without_values(line)) or not line.strip()]
    assert wrong == []


def _without_values(line: str) -> str:
    """A value, in quotes, may hold anything."""
    return re.sub(r"“[^”]+”", "“…”", line)


def test_what_a_source_is_noted_for_is_told_in_the_language_of_the_reader() -> None:
    """Both languages, each on its own: `explain` shows the reader's alone."""
    layers = [content.load(f"schemas/standards/{path.name}/standard.yaml") for path in (ROOT / "schemas/standards").iterdir()]
    notes = [(each["id"], each["source"]["note"]) for each in (*content.compiled("rules").values(), *layers) if each["source"].get("note")]
    notes += [(layer["id"], doubt) for layer in layers for doubt in layer.get("unverified", ())]
    for path in sorted((ROOT / "schemas/codes").glob("*/list.yaml")):
        found = content.load(path.relative_to(ROOT).as_posix())
        sources = [found["source"], *(system["source"] for system in found.get("systems", {}).values())]
        told = [*(source["note"] for source in sources if source.get("note")), *found["unverified"]]
        told += [found["licence"]] if not isinstance(found["licence"], str) else []  # an identifier
        notes += [(path.parent.name, note) for note in told]
    assert len(notes) > 380
    assert [(where, note) for where, note in notes if set(note) != {"zh", "en"}] == []
    han = re.compile("[一-鿿]")
    assert [where for where, note in notes if not han.search(note["zh"]) or len(han.findall(note["en"])) > len(note["en"]) / 5] == []


@pytest.mark.parametrize("identifier", ["accept/expired", "national", "core", "codes/sex"])
def test_explain_says_where_it_comes_from_in_one_language(identifier: str) -> None:
    from govdata.explaining import explain

    chinese, english = explain(identifier, "zh-CN"), explain(identifier, "en")
    assert "依据：" in chinese
    assert "Source: " in english
    noted = [line for line in english.splitlines() if line.startswith(("Note: ", "Not verified: "))]
    assert noted
    assert not re.search("[一-鿿]", "".join(noted))
    assert len(noted) == len([line for line in chinese.splitlines() if line.startswith(("说明：", "未核实："))])
