"""Texts in the run's language: templates from `catalog/messages` and from rule files, filled with arguments."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from govdata.content import compiled
from govdata.errors import GovdataError
from govdata.expressions import expression

LANGUAGES = ("zh-CN", "en")
_PLACE = expression(r"\{([A-Za-z_][A-Za-z0-9_]*)(?::(term|list))?\}")
_SEPARATORS = {"zh": "、", "en": ", "}


def text(key: str, language: str, args: Mapping[str, object] | None = None) -> str:
    """The text of `area.key` in a language (`zh-CN` or `en`), filled in. A key that does not exist is our bug: KeyError."""
    return render(template(key), language, args or {})


def template(key: str) -> Mapping[str, str]:
    """The unfilled text of `area.key` in both languages."""
    area, _, name = key.partition(".")
    found: Mapping[str, str] = compiled("messages")[f"{area}.yaml"][name]
    return found


def has(key: str) -> bool:
    """Whether there is a text of this key."""
    area, _, name = key.partition(".")
    return name in compiled("messages").get(f"{area}.yaml", {})


def render(texts: Mapping[str, str], language: str, args: Mapping[str, object]) -> str:
    """One of `{zh, en}` filled in: `{name}`, `{name:list}` joined, `{name:term}` looked up among the terms.

    A name that is not among the arguments gives nothing, so that a rule file of a user can never stop a run.
    """
    short = short_language(language)
    chosen = texts.get(short) or texts.get("zh") or texts.get("en") or ""

    def fill(match: re.Match[str]) -> str:
        return _shown(args.get(match[1]), match[2], short)

    return _PLACE.sub(fill, chosen) if "{" in chosen else chosen


def chosen(words: str | Mapping[str, str], language: str) -> str:
    """Words of content that may be written in both languages or, as in a user's own content, in one."""
    return words if isinstance(words, str) else render(words, language, {})


def short_language(language: str) -> str:
    """`zh` or `en`, the keys under which content keeps its texts."""
    return "en" if language.lower().startswith("en") else "zh"


def _shown(value: object, form: str | None, short: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return str(value.get(short, ""))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _SEPARATORS[short].join(_shown(item, form if form == "term" else None, short) for item in value)
    if form == "term":
        return _term(str(value), short)
    return str(value)


def _term(value: str, short: str) -> str:
    found = _terms().get(value)
    return str(found[short]) if found else value


@functools.cache
def _terms() -> Mapping[str, Any]:
    terms: Mapping[str, Any] = compiled("messages").get("terms.yaml", {})
    return terms


_PASTED = {"quotes": '^["“”‘’＂]|["“”‘’＂]$', "dash": "^[—–－−]", "address": "^https?:/"}
"""What stands in a path that is none because of how it was typed or pasted, by the text that says so."""


def error_text(error: GovdataError, language: str) -> str:
    """An error as a sentence for the user, with the way out."""
    key = f"error.{error.key}"
    if error.key == "no-such-path":
        key += next((f"-{reason}" for reason, looks in _PASTED.items() if re.search(looks, str(error.arguments["path"]))), "")
    return text(key, language, error.arguments) if has(key) else str(error)


def io_text(error: OSError, path: str, language: str) -> str:
    """An error of the operating system as a sentence, with the path that it is about, where it is about one."""
    what = _term(error.strerror or str(error), short_language(language))
    return text("error.io", language, {"what": [part for part in (what, path) if part]})


def choose_language(asked: str | None) -> str:
    """The language of a run: what was asked, else that of the environment, else Chinese."""
    if asked:
        return "en" if asked.lower().startswith("en") else "zh-CN"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value.lower().startswith("en"):
            return "en"
        if value.lower().startswith("zh"):
            return "zh-CN"
    return "zh-CN"
