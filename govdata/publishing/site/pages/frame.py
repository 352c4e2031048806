"""What every page has: its language and address, ways to the other pages, words, and the parts that are the same on all pages."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from markupsafe import Markup

from govdata.classes import dataclass
from govdata.publishing.site import addresses, facets
from govdata.publishing.site.pages import places, templates, texts
from govdata.publishing.site.portal import Portal
from govdata.publishing.site.records import Label, Party

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
"""The content security policy of every page: nothing from elsewhere, no style or script inside the page."""

_POLICY = texts.show(POLICY)

MENU = tuple((section, f"{section}/index.html") for section in ("datasets", "themes", "publishers", "standards"))
MENU += (("about", "about.html"),)

CRUMB, LONGEST = 40, 300
"""Characters of the text of a link, on the way that leads to a page and elsewhere."""

LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


class Setting:
    """A portal in one language, with what is made once for all its pages."""

    def __init__(self, portal: Portal, language: str) -> None:
        self.portal = portal
        self.language = language
        self.root = addresses.language_root(language, portal.languages[0])
        self.foreign = not language.startswith("zh")
        self.words = texts.Words(language, portal.texts)
        self.title = portal.title.text(language) or self.words.word("untitled")
        self.anchor = functools.lru_cache(maxsize=4096, typed=True)(self._anchor)
        """A link with its words and its address: the same departments, themes and tags stand on page after page. Text and markup differ."""
        self.items: dict[tuple[Any, str, str], Markup] = {}
        """Datasets as items of lists, as `entries` made them."""
        self._labels: dict[tuple[facets.Kind, str], Markup] = {}
        self._templates: dict[str, Any] = {}
        self._parts: dict[tuple[str, str, str], Markup] = {}

    def fill(self, name: str, variables: Mapping[str, Any]) -> str:
        """A template filled in."""
        return templates.fill(self.template(name), variables)

    def template(self, name: str) -> Any:
        """A template for these words."""
        found = self._templates.get(name)
        if found is None:
            found = self._templates[name] = templates.read(self.portal.templates, name, tuple(self.words.whole.items()))
        return found

    def _anchor(self, text: str, href: str, limit: int) -> Markup:
        shown = texts.said(texts.named(text), self.foreign, limit)
        return texts.safe(f'<a href="{texts.show(href)}">{shown}</a>')

    def label(self, text: Any) -> str:
        """A text that exists in both languages: a label, or words of content."""
        # Most are labels, and to ask whether something is a mapping takes long.
        if text.__class__ is not Label and isinstance(text, Mapping):
            return str(text.get("en" if self.foreign else "zh") or text.get("zh") or text.get("en") or "")
        return str(text.text(self.language)) if text else ""

    def group(self, kind: facets.Kind, code: str) -> Markup:
        """The words of a group, as content of a page: found once, since every dataset of a list names some."""
        found = self._labels.get((kind, code))
        if found is None:
            words = facets.label(kind, code, self.portal).text(self.language)
            found = self._labels[kind, code] = texts.said(words, self.foreign, 60)
        return found

    def part(self, name: str, page: Page) -> Markup:
        """A part that is the same on all pages of one section that are equally deep: made once."""
        depth = page.rooted or "_/" * page.path.count("/")
        found = self._parts.get((name, depth, page.section))
        if found is None:
            stand_in = Page(self, depth + "_", "", section=page.section, rooted=page.rooted)
            found = self._parts[name, depth, page.section] = Markup(self.fill(name, {"page": stand_in}))
        return found


_last: list[tuple[Portal, tuple[Setting, ...]]] = []


def settings(portal: Portal) -> tuple[Setting, ...]:
    """The portal in each of its languages. The last portal's are kept, for as long as the same one is asked for."""
    if not _last or _last[0][0] is not portal:
        _last[:] = [(portal, tuple(Setting(portal, language) for language in portal.languages))]
    return _last[0][1]


class Link(NamedTuple):
    """Something to name, and where it leads; without an address only the name."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `page` in every template."""

    setting: Setting
    path: str
    """Its place on the site, without what stands before the pages of a language."""
    title: str
    description: str = ""
    section: str = ""
    """Which entry of the menu it belongs to."""
    indexed: bool = True
    """Whether search engines are to know it."""
    feed: str = ""
    """The folder whose feeds tell what is new here."""
    rooted: str = ""
    """For a page that is shown at any address: where the site begins."""

    @property
    def language(self) -> str:
        """`zh-CN` or `en`."""
        return self.setting.language

    @property
    def portal(self) -> Portal:
        """What holds for the site as a whole."""
        return self.setting.portal

    @property
    def site(self) -> str:
        """The site's title."""
        return self.setting.title

    @property
    def policy(self) -> Markup:
        """The content security policy."""
        return _POLICY

    @property
    def file(self) -> str:
        """Its place on the site."""
        return self.setting.root + self.path

    @property
    def absolute(self) -> str:
        """Its whole address, where the site knows its own."""
        url = self.setting.portal.url
        if not url:
            return ""
        path = self.file.removesuffix("index.html") if self.path == "index.html" else self.file
        return f"{url}/{addresses.quoted(path)}"

    @property
    def logo(self) -> str:
        """Where the portal's logo is on the site; empty: there is none."""
        return places.logo(self.setting.portal)

    @property
    def menu(self) -> tuple[tuple[str, str], ...]:
        """Sections, which have texts of these names, and their first pages."""
        return MENU

    @property
    def languages(self) -> tuple[Link, ...]:
        """The same page in each other language; `note` is the language."""
        others = [each for each in settings(self.setting.portal) if each is not self.setting]
        names = ((LANGUAGE_NAMES.get(each.language[:2], each.language), each) for each in others)
        return tuple(Link(name, self.to(each.root + self.path), each.language) for name, each in names)

    def to(self, target: str) -> str:
        """The address of a file of the site, from here."""
        return self.rooted + addresses.quoted(target) if self.rooted else addresses.relative(self.setting.root + self.path, target)

    def own(self, target: str) -> str:
        """The address of a page in this page's language."""
        # Both stand below the folder of their language.
        return self.to(self.setting.root + target) if self.rooted else addresses.relative(self.path, target)

    def part(self, name: str) -> Markup:
        """A part that all pages share."""
        return self.setting.part(name, self)

    def say(self, key: str, **args: object) -> Markup:
        """A text of `catalog/messages/site.yaml`."""
        return self.setting.words.say(key, args)

    @property
    def texts(self) -> Mapping[str, Markup]:
        """The texts without places to fill in, by key."""
        return self.setting.words.whole

    def word(self, key: str, **args: object) -> str:
        """The same as plain text."""
        return self.setting.words.word(key, args)

    def count(self, key: str, number: int) -> Markup:
        """A text with a number in it; English says one thing otherwise."""
        words = self.setting.words
        if number == 1 and words.has(f"{key}-one"):
            key = f"{key}-one"
        return words.say(key, {"count": f"{number:,}"})

    def label(self, text: Any) -> str:
        """A text that exists in both languages: a label, or words of content."""
        return self.setting.label(text)

    def provider(self, party: Party) -> str:
        """Who provides a dataset, or that nobody is named."""
        return self.label(facets.provider(party))

    def said(self, text: str, limit: int = 0) -> Markup:
        """Text of the data as content: isolated, and marked as Chinese on a page in another language."""
        return texts.said(text, self.setting.foreign, limit)

    def name(self, text: str, limit: int = 0) -> Markup:
        """The same of a name, which is never blank."""
        return texts.said(texts.named(text), self.setting.foreign, limit)

    def paragraphs(self, text: str) -> tuple[Markup, ...]:
        """Text of the data, a paragraph for each line."""
        return tuple(self.said(line) for line in texts.lines(text))

    def show(self, text: str, limit: int = 0) -> Markup:
        """Text of the data for an attribute or a title."""
        return texts.show(text if not limit or len(text) <= limit else text[: limit - 1].rstrip() + "…")

    def example(self, text: str) -> Markup:
        """Text of several lines, as it is, as `code`."""
        return texts.example(text, self.setting.foreign)

    def number(self, count: int) -> str:
        """A number with separators."""
        return f"{count:,}"

    def size(self, count: int | None) -> str:
        """Bytes for people."""
        return "" if count is None else texts.size(count)

    def time(self, date: str) -> Markup:
        """A date of the data."""
        return texts.time(date, self.setting.foreign)

    def link(self, link: Link) -> Markup:
        """A link, or only its text."""
        return self.anchor(link.text, link.href, LONGEST)

    def anchor(self, text: str, href: str = "", limit: int = 0) -> Markup:
        """A link with text of the data or of ours; without an address only the text."""
        return self.setting.anchor(text, href, limit) if href else texts.said(text, self.setting.foreign, limit)


def render(page: Page, template: str, variables: Mapping[str, Any]) -> bytes:
    """A page's bytes."""
    return page.setting.fill(template, {"page": page, **variables}).encode("utf-8")


@functools.lru_cache(maxsize=8)
def rooted(url: str) -> str:
    """Where a site that is served there begins on its host: `/data/`; empty where that is not known."""
    return f"{urlsplit(url).path.rstrip('/')}/" if url else ""
