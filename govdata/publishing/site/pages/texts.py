"""The words of the pages, and text of unknown origin made fit to stand between them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import lru_cache, partial
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from govdata.content import compiled
from govdata.errors import PublishError
from govdata.formats.characters import visible
from govdata.messages import short_language
from govdata.publishing.site.records import Label

_SAFE = re.compile(r"[ !#-%(-;=?-~·–—‘-”…\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]*\Z")
"""Needs neither escaping nor isolation."""
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_PLACE = re.compile(r"\{([a-z]+)\}")
_SPACES = re.compile("[\t\n\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f]")
_UNSEEN = re.compile("[\xad\u200b\u2060\ufeff]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?\Z")

_USUAL = re.compile(r"https?://[a-z0-9.-]+(?:/[A-Za-z0-9._~/-]*)?\Z")
"""An address that needs no closer look and stands in a page as it is."""
_HOST = re.compile(r"[\w.-]+(?::[0-9]{1,5})?")
_NOT_WEB = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
"""A percent sign that begins no character."""

safe: Callable[[str], Markup] = partial(str.__new__, Markup)
"""A text that is escaped already, as `Markup`: the same as its constructor, which asks first what it was given, and at length."""

_NOTHING = Markup("")

AREA = "site.yaml"


class Words:
    """The texts of `catalog/messages/site.yaml` in one language, with those of the portal before them."""

    def __init__(self, language: str, own: Mapping[str, Label]) -> None:
        shipped = compiled("messages")[AREA]
        for key, text in own.items():
            if key not in shipped:
                raise PublishError("site-text", key=key, close=get_close_matches(key, shipped, n=3, cutoff=0.5))
            # One thing is told of with the same places as several.
            known = _places(*shipped[key].values(), *shipped.get(key.removesuffix("-one"), {}).values())
            if unknown := _places(text.zh, text.en) - known:
                raise PublishError("site-text-place", key=key, place=min(unknown), known=sorted(known) or ["–"])
        short = short_language(language)
        self._plain = lru_cache(maxsize=None)(lambda key: self.say(key, {}).unescape())
        self._texts = {key: _split(own[key].text(language) if key in own else texts[short]) for key, texts in shipped.items()}
        self.whole = {key: parts[0] for key, parts in self._texts.items() if len(parts) == 1}
        """Those without a place to fill in. A template takes a text from here in a fraction of the time of a call."""

    def say(self, key: str, args: Mapping[str, object]) -> Markup:
        """A text with its places filled in; what is put in is escaped."""
        parts = self._texts[key]
        if len(parts) == 1:
            return parts[0]
        return safe("".join(show(args[str(part)]) if at % 2 else part for at, part in enumerate(parts)))

    def word(self, key: str, args: Mapping[str, object] | None = None) -> str:
        """The same as plain text, for what is escaped later."""
        return self.say(key, args).unescape() if args else self._plain(key)

    def has(self, key: str) -> bool:
        """Whether there is a text of this key."""
        return key in self._texts


def _places(*texts: str) -> set[str]:
    return {name for text in texts for name in _PLACE.findall(text)}


def _split(text: str) -> tuple[Markup, ...]:
    """Alternately what stands and the name of a place. The texts are ours or the portal's: they are escaped too."""
    return tuple(Markup(part) if at % 2 else escape(part) for at, part in enumerate(_PLACE.split(text)))


def show(value: object) -> Markup:
    """Anything as text for a page or an attribute: escaped, in one line, with what cannot be seen written out. `None` is nothing."""
    if value.__class__ is Markup:
        return value
    if value is None:
        return _NOTHING
    text = value if isinstance(value, str) else str(value)
    return safe(text) if _SAFE.match(text) else escape(cleaned(text))


def is_safe(text: str) -> bool:
    """Whether a text needs neither escaping nor isolation."""
    return _SAFE.match(text) is not None


def row(texts: tuple[str | None, ...], start: tuple[str, ...], foreign: bool) -> str:
    """The cells of a row that needs neither escaping, nor isolation, nor folding; nothing where it needs any."""
    whole = "".join(text or "" for text in texts)
    if not _SAFE.match(whole) or (foreign and _CHINESE.search(whole)):
        return ""
    return "".join(f"{opened}{text or ''}</td>" for text, opened in zip(texts, start, strict=False))


def cleaned(text: str) -> str:
    """In one line, with every control character written out. What joins letters and emoji stays; marks that nobody sees go."""
    if _SAFE.match(text):
        return text
    text = _UNSEEN.sub("", _SPACES.sub(" ", text))
    if _SAFE.match(text):
        return text
    return "\u200d".join("\u200c".join(visible(piece) for piece in part.split("\u200c")) for part in text.split("\u200d"))


def said(text: str, foreign: bool, limit: int = 0) -> Markup:
    """Text of the data as content of a page: besides, it cannot turn the words around it, and on a `foreign` page its language is told."""
    if text.__class__ is Markup:
        return text
    if limit and len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    if not foreign and _SAFE.match(text):
        return safe(text)
    language = ' lang="zh-CN"' if foreign and _CHINESE.search(text) else ""
    shown = cleaned(text)
    if _SAFE.match(shown):
        return safe(f"<span{language}>{shown}</span>") if language else safe(shown)
    return safe(f"<bdi{language}>{escape(shown)}</bdi>")


def named(text: str) -> str:
    """A text that must not be blank, since it names something: a link without words cannot be followed by ear."""
    return text if text.strip() and cleaned(text).strip() else "…"


def lines(text: str) -> tuple[str, ...]:
    """The paragraphs of a text."""
    return tuple(line for line in (part.strip() for part in text.splitlines()) if line)


def example(text: str, foreign: bool) -> Markup:
    """Text of several lines, as it is, as `code`."""
    language = ' lang="zh-CN"' if foreign and _CHINESE.search(text) else ""
    return Markup("<code%s>%s</code>") % (Markup(language), Markup("\n").join(show(line) for line in text.splitlines()))


def size(count: int) -> str:
    """Bytes for people, three digits at most: `4.2 MB`."""
    value, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1024
    return f"{value:,.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"


@lru_cache(maxsize=4096)
def time(date: str, foreign: bool = False) -> Markup:
    """A date of the data; as `time` where it is an ISO date, a month or a year."""
    if _DATE.match(date):
        with suppress(ValueError):
            datetime.date.fromisoformat(date + "-01-01"[len(date) - 4 :])
            return safe(f'<time datetime="{date}">{date}</time>')
    return said(date, foreign, 40)


@lru_cache(maxsize=1024)
def web(address: str) -> str:
    """An address of the data if a browser may be sent there, else nothing: never `javascript:`, never one with control characters."""
    address = address.strip()
    if _USUAL.match(address):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc) or _NOT_WEB.search(address):
        return ""
    before, mark, fragment = _STRAY.sub("%25", address).partition("#")
    return quote(before, safe="%/:=&?~+!$,;'@()*", errors="replace") + mark + quote(fragment, safe="%/:=&?~+!$,;'@()*", errors="replace")


def mail(address: str, subject: str = "", body: str = "") -> str:
    """A `mailto:` link with what is filled in already; nothing where the address is none."""
    if not _EMAIL.fullmatch(address):
        return ""
    parts = [
        f"{name}={quote(text, safe='', errors='replace')}"
        for name, text in (("subject", subject), ("body", "\r\n".join(body.splitlines())))
        if text
    ]
    return f"mailto:{address}" + ("?" + "&".join(parts) if parts else "")


@lru_cache(maxsize=1024)
def phone(number: str) -> str:
    """A `tel:` link; nothing where the number is none."""
    digits = re.sub(r"[\s()（）-]", "", number)
    return f"tel:{digits}" if re.fullmatch(r"\+?[0-9]{3,20}", digits) else ""
