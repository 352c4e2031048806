"""What a portal may change: templates, texts, colours, logo; and that the page about it says what is so."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2.meta
import pytest

from govdata import content
from govdata.errors import PublishError, SettingsError
from govdata.messages import error_text
from govdata.publishing.site.addresses import dataset_folder
from govdata.publishing.site.pages import assets, basis, datasets, entries, frame, lists, own, references, resources, shipped, templates
from govdata.publishing.site.pages.datasets import dataset_pages
from govdata.publishing.site.pages.front import Count, site_pages
from govdata.publishing.site.portal import LARGEST_LOGO, Portal
from govdata.publishing.site.preparing import look_of, portal_of
from govdata.publishing.site.records import Label, Record
from govdata.standards import read_library
from govdata.targets import SiteTarget
from tests.site.pages import directory
from tests.unit.test_report_style import contrast

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/site-theming.md").read_text(encoding="utf-8")
VALUES = (
    frame.Page, frame.Link, datasets.Fact, datasets.Due, datasets.Correction, resources.View, resources.File,
    resources.Column, entries.Entry, lists.Pager, Count, basis.Basis, references.Held, references.RuleLink,
)  # fmt: skip
SHARED = {"layout.html", "macros.html", "head.html", "masthead.html", "footer.html"}
"""Templates that others are made of: they use what those are given."""


def told(heading: str) -> set[str]:
    """The names that the guide lists under a heading."""
    part = GUIDE.partition(f"### `{heading}`\n")[2].partition("\n###")[0].partition("\n## ")[0]
    return set(re.findall(r"^- `([a-z_0-9]+)", part, re.MULTILINE))


def given(portal: Portal) -> dict[str, set[str]]:
    """The variables that each template is given while the example portal is made."""
    found: dict[str, set[str]] = {}
    for setting in frame.settings(portal):
        fill = setting.fill

        def noting(name: str, variables: Mapping[str, Any], fill: Any = fill) -> str:
            found.setdefault(name, set()).update(variables)
            return str(fill(name, variables))

        setting.fill = noting  # type: ignore[method-assign]
    for record in directory.RECORDS[:4]:
        list(dataset_pages(record, portal, directory.TITLES))
    list(site_pages(directory.summaries()[:4], portal))
    return found


def test_the_guide_tells_the_variables_of_each_template() -> None:
    found = given(directory.portal(languages=("zh-CN",)))
    assert set(found) | {"layout.html", "macros.html"} == set(templates.names())
    for name, variables in found.items():
        if name not in SHARED:
            assert told(name) | {"page"} == variables, name
        else:
            assert variables == {"page"}


def test_templates_use_only_what_is_told() -> None:
    environment = templates.environment(None)
    for name in templates.names():
        source, _, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
        assert jinja2.meta.find_undeclared_variables(environment.parse(source)) <= told(name) | {"page", "m"}, name


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value.__name__))
def test_the_guide_tells_the_parts_of_each_value(value: type) -> None:
    names = {*getattr(value, "__match_args__", ()), *(name for name in vars(value) if not name.startswith("_"))}
    assert told(value.__name__) == names


def folder(tmp_path: Path, name: str, text: str) -> Portal:
    """A portal with one template of its own."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    return directory.portal(templates=tmp_path, languages=("zh-CN",), standards={}, code_lists={})


def one(portal: Portal, record: Record = directory.RECORDS[0]) -> str:
    """A dataset's page."""
    return dict(dataset_pages(record, portal, {}))[f"{dataset_folder(record.code)}/index.html"].decode("utf-8")


def test_one_template_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    portal = folder(tmp_path, "footer.html", "<footer>我们的页脚 {{ page.site }}</footer>\n")
    text = one(portal)
    assert "<footer>我们的页脚 云间区公共数据开放目录</footer>" in text
    assert "<h1>云间区公共停车场信息</h1>" in text


def test_the_digest_of_the_templates_follows_their_content(tmp_path: Path) -> None:
    (tmp_path / "footer.html").write_text("a", encoding="utf-8")
    first = shipped.digest(tmp_path)
    assert first == shipped.digest(tmp_path) != shipped.digest(None)
    (tmp_path / "footer.html").write_text("b", encoding="utf-8")
    second = shipped.digest(tmp_path)
    assert second != first
    (tmp_path / "备案号.txt").write_text("included", encoding="utf-8")
    assert shipped.digest(tmp_path) != second


def test_own_templates_are_escaped_too(tmp_path: Path) -> None:
    portal = folder(tmp_path, "tombstone.html", "{{ record.title }}{{ record.code }}")
    record = Record("<i>", "i", "<b>x</b>\u202e", directory.party("a"), "withdrawn")
    assert one(portal, record) == "&lt;b&gt;x&lt;/b&gt;\\u202e&lt;i&gt;"


@pytest.mark.parametrize(
    ("text", "line", "variable"),
    [
        ("一\n{{ nothing }}", 2, "nothing"),
        ("{{ record.titel }}", 1, "titel"),
        ("\n\n{% if %}", 3, "–"),
        ("{{ page.say('no-such-text') }}", 1, "–"),
        ("{{ 1 // 0 }}", 1, "–"),
        ("{{ record.title.nothing.more }}", 1, "nothing"),
        ("{% include 'none.html' %}", 1, "–"),
        ("{% extends 'layout.html' %}\n{% block main %}\n{{ m.nothing(page) }}\n{% endblock %}", 3, "nothing"),
        ("{{ ''.__class__.__mro__ }}", 1, "–"),
        ("{{ page.setting.fill.__globals__ }}", 1, "–"),
        ("{{ record|nofilter }}", 1, "–"),
        ("{{ (page.portal.templates / '/etc/hostname').read_text() }}", 1, "–"),
        ("{{ page.portal.templates.joinpath('made').write_text('') }}", 1, "–"),
        ("{{ page.setting.template('footer.html').environment.loader }}", 1, "–"),
        ("{{ page|attr('setting') }}", 1, "–"),
        ("{{ '一' * 100000000000000 }}", 1, "–"),
        ("{% for each in '一' %}" * 25 + "{% endfor %}" * 25, 1, "–"),
    ],
)
def test_an_error_in_a_template_names_file_line_and_variable(tmp_path: Path, text: str, line: int, variable: str) -> None:
    portal = folder(tmp_path, "dataset.html", text)
    with pytest.raises(PublishError) as caught:
        one(portal)
    said = caught.value.arguments
    assert (caught.value.key, said["line"]) == ("site-template", line)
    assert variable in ("–", said["variable"])
    assert str(said["file"]).endswith("dataset.html")
    for language in ("zh-CN", "en"):
        assert str(tmp_path / "dataset.html") in error_text(caught.value, language)


@pytest.mark.parametrize(
    ("name", "close"),
    [("datset.html", "dataset.html"), ("teile/Footer.HTML", "footer.html"), ("home.html.txt", "home.html"), ("x.htm", "")],
)
def test_a_template_that_stands_for_none_is_told_with_the_names_there_are(tmp_path: Path, name: str, close: str) -> None:
    (tmp_path / "teile").mkdir()
    portal = folder(tmp_path, name, "x")
    with pytest.raises(PublishError) as caught:
        own.refuse_unfit(portal)
    said = caught.value.arguments
    assert (caught.value.key, said["file"]) == ("site-template-name", str(tmp_path / name))
    assert close in said["close"] if close else said["close"] == list(templates.names())


@pytest.mark.parametrize(
    "text", ["{% include 'teil.html' %}", "{% include ['none.html', 'teil.html'] %}", "{% include 'te' ~ 'il.html' %}"]
)
def test_a_template_that_another_uses_may_be_called_anything(tmp_path: Path, text: str) -> None:
    for name in ("teil.html", "._dataset.html", "备案号.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    own.refuse_unfit(folder(tmp_path, "footer.html", text))


@pytest.mark.parametrize(
    ("name", "text"), [("tombstone.html", "{{ record.titel }}"), ("code-list.html", "{% if %}"), ("resource.html", "{{ page|nofilter }}")]
)
def test_templates_that_are_not_filled_in_yet_are_looked_over(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(PublishError, match="site-template"):
        own.refuse_unfit(folder(tmp_path, name, text))


def test_a_template_in_another_encoding_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "layout.html").write_bytes("<p>\n页脚".encode("gb18030"))
    with pytest.raises(PublishError) as caught:
        one(folder(tmp_path, "dataset.html", "{% extends 'layout.html' %}"))
    assert caught.value.arguments["file"] == str(tmp_path / "layout.html")
    assert caught.value.arguments["line"] == 2


def test_the_mark_at_the_beginning_of_a_template_stays_out_of_the_page(tmp_path: Path) -> None:
    assert one(folder(tmp_path, "dataset.html", "\ufeff<p>")) == "<p>"


def test_own_texts_stand_before_ours() -> None:
    portal = directory.portal(texts={"skip": Label("", "去<正文>", "Jump")}, languages=("zh-CN", "en"))
    found = dict(dataset_pages(directory.RECORDS[0], portal, {}))
    assert any("去&lt;正文&gt;" in body.decode("utf-8") for body in found.values())
    assert any(">Jump<" in body.decode("utf-8") for body in found.values())


def test_a_text_that_is_none_is_refused() -> None:
    with pytest.raises(PublishError) as caught:
        one(directory.portal(texts={"skipp": Label("", "x")}))
    assert caught.value.arguments["close"] == ["skip"]


def test_a_place_that_nothing_fills_is_refused_with_the_text_not_with_a_template_of_ours() -> None:
    with pytest.raises(PublishError) as caught:
        one(directory.portal(texts={"rows": Label("", "{count} 行", "{number} rows")}, languages=("zh-CN",)))
    assert (caught.value.key, caught.value.arguments) == ("site-text-place", {"key": "rows", "place": "number", "known": ["count"]})
    assert one(directory.portal(texts={"rows-one": Label("", "{count} 行", "{count} row")}))


def test_own_colours_are_a_style_sheet_for_each_scheme() -> None:
    portal = directory.portal(colours={"band": "#800000", "dark-band": "rgb(40 0 0)"}, standards={}, code_lists={})
    found = dict(site_pages((), portal))
    assert found["assets/colours.css"].decode() == (
        "@media screen and (prefers-color-scheme: light) { :root { --band: #800000; } }\n"
        "@media screen and (prefers-color-scheme: dark) { :root { --band: rgb(40 0 0); } }\n"
    )
    assert b'href="assets/colours.css"' in found["index.html"]


@pytest.mark.parametrize(
    "colours", [{"brand": "#fff"}, {"band": "red; } body { display: none"}, {"band": "url(x)"}, {"band": "nocolour"}, {"sans": "red"}]
)
def test_colours_that_are_none_are_refused(colours: Mapping[str, str]) -> None:
    with pytest.raises(PublishError):
        dict(site_pages((), directory.portal(colours=colours, standards={}, code_lists={})))


def test_the_logo_stands_on_every_page(tmp_path: Path) -> None:
    logo = tmp_path / "徽标.SVG"
    logo.write_bytes(b"<svg/>")
    portal = directory.portal(logo=logo, standards={}, code_lists={})
    found = dict(site_pages((), portal))
    assert found["assets/logo.svg"] == b"<svg/>"
    assert b'<img src="assets/logo.svg" alt="">' in found["index.html"]
    assert '<img src="../../../assets/logo.svg" alt="">' in one(portal)


@pytest.mark.parametrize(
    "begin", [b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0", b"RIFF\x24\0\0\0WEBPVP8 ", "<?xml?>\n<svg".encode("utf-16")]
)
def test_a_logo_is_known_by_how_it_begins(tmp_path: Path, begin: bytes) -> None:
    (tmp_path / "logo.png").write_bytes(begin)
    found = dict(site_pages((), directory.portal(logo=tmp_path / "logo.png", standards={}, code_lists={})))
    assert found["assets/logo.png"] == begin


def test_pages_are_made_anew_where_a_logo_gets_another_ending(tmp_path: Path) -> None:
    for name in ("logo.png", "logo.jpg"):
        (tmp_path / name).write_bytes(b"\xff\xd8\xff")
    assert look_of(directory.portal(logo=tmp_path / "logo.png")) != look_of(directory.portal(logo=tmp_path / "logo.jpg"))


@pytest.mark.parametrize("key", ["logo", "templates"])
def test_a_file_of_a_setting_that_is_not_there_is_told_with_the_setting(key: str, tmp_path: Path) -> None:
    target = SiteTarget("open", path=tmp_path / "site", zone="internet", **{key: tmp_path / "lost"})
    with pytest.raises(SettingsError) as caught:
        portal_of(target, read_library(), (), None)
    assert f"targets.site.open.{key} " in error_text(caught.value, "zh-CN")


def test_a_logo_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big.png").write_bytes(b"x" * (LARGEST_LOGO + 1))
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(1 << 40)
    (tmp_path / "page.png").write_bytes(b"<!doctype html><title>404</title>")
    (tmp_path / "empty.svg").write_bytes(b"")
    for name in ("logo.bmp", "absent.png", "big.png", "huge.png", "page.png", "empty.svg"):
        portal = directory.portal(logo=tmp_path / name, standards={}, code_lists={})
        if name != "logo.bmp":
            assert look_of(portal)
        with pytest.raises(PublishError):
            dict(site_pages((), portal))


def test_a_logo_that_would_never_end_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.svg").symlink_to("/dev/zero")
    for name in ("pipe.png", "zero.svg"):
        portal = directory.portal(logo=tmp_path / name, standards={}, code_lists={})
        assert look_of(portal)
        with pytest.raises(PublishError) as error:
            dict(site_pages((), portal))
        assert error.value.key == "site-logo-unread"


TEXTS = {
    "paper": "ink soft link warning error note",
    "card": "ink soft link warning",
    "sunk": "ink soft link",
    "band": "band-ink band-soft",
    "gold": "gold-ink",
    "action": "action-ink",
    "warning-ground": "ink warning link soft",
}
TEXT_ON_GROUND = [(name, ground) for ground, names in TEXTS.items() for name in names.split()]
SHAPES = [("edge", "paper"), ("edge", "card"), ("link", "paper"), ("link", "card"), ("gold", "band")]


def palettes() -> dict[str, dict[str, str]]:
    """The colours of the style sheet: light, dark, print."""
    blocks = re.findall(r":root \{(.*?)\}", content.read_text(assets.SHEET), re.DOTALL)
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block)) for block in blocks]
    return dict(zip(("light", "dark", "print"), [colours for colours in found if colours], strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_contrast(scheme: str) -> None:
    colours = palettes()[scheme]
    assert [pair for pair in TEXT_ON_GROUND if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []
    assert [pair for pair in SHAPES if contrast(colours[pair[0]], colours[pair[1]]) < 3] == []


def test_the_figures_in_the_written_check_are_the_figures() -> None:
    page = (ROOT / "docs/accessibility.md").read_text(encoding="utf-8").partition("# Accessibility of the public site")[2]
    row = r"^\| `([a-z-]+)` \| `([a-z-]+)` \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|"
    wanted = [
        (name, ground, *(f"{contrast(colours[name], colours[ground]):.1f}" for colours in palettes().values()))
        for name, ground in TEXT_ON_GROUND
    ]
    assert re.findall(row, page, re.MULTILINE) == wanted


def test_the_guide_tells_every_colour() -> None:
    assert set(re.findall(r"^\| `([a-z-]+)` \|", GUIDE, re.MULTILINE)) == assets.colours()


def test_every_text_is_used() -> None:
    sources = [*(ROOT / "govdata/publishing/site").rglob("*.py"), *(ROOT / "catalog/site").rglob("*.html")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    known = content.load("catalog/messages/site.yaml")
    named = set(re.findall(r"[\"']([a-z0-9-]+)[\"']", code))
    prefixes = tuple(re.findall(r"(?:say\(|word\(|has\(|count\(|(?:texts|words)\[)f?\"([a-z]+-)(?:\{|\")", code))
    unused = [key for key in known if key.removesuffix("-one") not in named and not key.startswith(prefixes)]
    assert unused == []
    asked = set(re.findall(r'(?:say\(|word\(|count\(|texts\[)"([a-z0-9-]*[a-z0-9])"', code))
    assert asked <= set(known)
