"""Targets and signed exceptions in `govdata.toml`: read as written, refused with file and key, and never a secret repeated."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from govdata import content
from govdata.colours import is_colour
from govdata.errors import SettingsError
from govdata.messages import error_text
from govdata.settings import FILE, Settings, read_settings
from govdata.targets import CkanTarget, SignedException, SiteTarget
from govdata.zones import zones

WHOLE = """
[targets.ckan.open]
url = "https://data.example.org/catalog/"
zone = "internet"
datastore_url = "GOVDATA_DATASTORE_URL"
organisations = {"113101990000000434" = "yunjian-jianguanwei"}
shadows_after = 60
[targets.ckan.test-stack]
url = "http://127.0.0.1:5000"
zone = "extranet"
token = "OUR_TOKEN"
[targets.site.public]
path = "public"
zone = "internet"
url = "https://open.example.org"
[[exceptions]]
rule = "gate/personal-field"
dataset = "102001/000004"
field = "法定代表人"
zone = "internet"
reason = "依法公示"
by = "科长"
date = 2026-11-01
until = "2027-10-31"
"""
EXCEPTION = """[[exceptions]]
rule = "gate/not-open"
dataset = "a/1"
zone = "internet"
reason = "依法"
by = "甲"
date = 2026-11-01
until = 2026-11-30
"""


def read(folder: Path, text: str) -> Settings:
    (folder / FILE).write_text(text, encoding="utf-8")
    return read_settings(folder, {})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    assert found.targets == (
        CkanTarget(
            "open", "https://data.example.org/catalog", "internet", "GOVDATA_TOKEN_OPEN", "GOVDATA_DATASTORE_URL",
            {"113101990000000434": "yunjian-jianguanwei"}, 60,
        ),
        CkanTarget("test-stack", "http://127.0.0.1:5000", "extranet", "OUR_TOKEN"),
        SiteTarget("public", tmp_path / "public", "internet", "https://open.example.org"),
    )  # fmt: skip
    days = (date(2026, 11, 1), date(2027, 10, 31))
    record = SignedException("gate/personal-field", "102001/000004", "internet", "依法公示", "科长", *days, "法定代表人")
    assert found.exceptions == (record,)
    assert [target.label for target in found.targets] == ["ckan:open", "ckan:test-stack", "site:public"]


def test_the_token_has_a_usual_name(tmp_path: Path) -> None:
    found = read(tmp_path, '[targets.ckan.in-2_b]\nurl = "https://a.example"\nzone = "extranet"\n')
    assert [target.token for target in found.targets if isinstance(target, CkanTarget)] == ["GOVDATA_TOKEN_IN_2_B"]


def test_a_target_is_found_by_its_name(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    assert settings.target("ckan:test-stack").label == "ckan:test-stack"
    assert settings.target("site:").label == "site:public"
    for named in ("ckan:", "ckan:nothing", "nothing", "site:open", ""):
        with pytest.raises(SettingsError) as caught:
            settings.target(named)
        assert "ckan:open" in error_text(caught.value, "en")


def ckan(*lines: str) -> str:
    return "\n".join(["[targets.ckan.open]", *lines, ""])


URL, ZONE = 'url = "https://a.example"', 'zone = "internet"'
REFUSED = [
    ("targets = 5\n", "settings-value", "targets"),
    ("[targets.ftp.open]\n", "settings-key", "targets.ftp"),
    ("targets.ckan = 5\n", "settings-value", "targets.ckan"),
    ("targets.ckan.open = 5\n", "settings-value", "targets.ckan.open"),
    ("[targets.ckan]\nurl = 'https://a.example'\n", "settings-value", "targets.ckan.url"),
    ("[targets.ckan.'甲']\nurl = 'https://a.example'\n", "settings-target-name", "targets.ckan.甲"),
    (ckan(ZONE), "settings-missing", "targets.ckan.open.url"),
    (ckan(URL), "settings-missing", "targets.ckan.open.zone"),
    (ckan(URL, ZONE, "tokn = 'A'"), "settings-key", "targets.ckan.open.tokn"),
    (ckan(URL, ZONE, "shadows_after = true"), "settings-value", "targets.ckan.open.shadows_after"),
    (ckan(URL, ZONE, "allow_http = 1"), "settings-value", "targets.ckan.open.allow_http"),
    (ckan(URL, ZONE, "organisations = {a = 'Ä'}"), "settings-value", "targets.ckan.open.organisations.a"),
    (ckan(URL, ZONE, "organisations = 'a'"), "settings-value", "targets.ckan.open.organisations"),
    (ckan("url = 'ftp://a.example'", ZONE), "settings-value", "targets.ckan.open.url"),
    (ckan("url = 'https://'", ZONE), "settings-value", "targets.ckan.open.url"),
    (ckan("url = 'https://a.example:port'", ZONE), "settings-value", "targets.ckan.open.url"),
    (ckan("url = 'https://[a.example'", ZONE), "settings-value", "targets.ckan.open.url"),
    (ckan("url = 'https://a.example/?a=b'", ZONE), "settings-value", "targets.ckan.open.url"),
    (ckan("url = 'http://a.example'", ZONE), "settings-http", "targets.ckan.open.url"),
    (ckan("url = 5", ZONE), "settings-value", "targets.ckan.open.url"),
    (ckan(URL, "zone = ''"), "settings-value", "targets.ckan.open.zone"),
    ("[targets.site.a]\nzone = 'internet'\n", "settings-missing", "targets.site.a.path"),
    ("exceptions = [5]\n", "settings-value", "exceptions[1]"),
    ("[exceptions]\n", "settings-value", "exceptions"),
    (EXCEPTION.replace('by = "甲"\n', ""), "settings-missing", "exceptions[1].by"),
    (EXCEPTION.replace("甲", " "), "settings-value", "exceptions[1].by"),
    (EXCEPTION + EXCEPTION.replace("reason", "reasons"), "settings-key", "exceptions[2].reasons"),
    (EXCEPTION.replace("2026-11-30", "2026-10-30"), "settings-value", "exceptions[1].until"),
    (EXCEPTION.replace("2026-11-30", "'never'"), "settings-value", "exceptions[1].until"),
    (EXCEPTION.replace("2026-11-30", "2026-11-30T08:00:00"), "settings-value", "exceptions[1].until"),
    (EXCEPTION.replace("2026-11-30", "0"), "settings-value", "exceptions[1].until"),
]


@pytest.mark.parametrize(("text", "key", "place"), REFUSED)
def test_what_is_not_understood_is_refused(text: str, key: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert (caught.value.key, caught.value.arguments["key"], caught.value.exit_code) == (key, place, 2)
    for language in ("zh-CN", "en"):
        told = error_text(caught.value, language)
        assert FILE in told
        assert place in told


SECRETS = [
    (ckan(URL, ZONE, "token = 'eyJ0eXAiOi.S3cr3t'"), "S3cr3t"),
    (ckan(URL, ZONE, "datastore_url = 'postgresql://u:S3cr3t@db/x'"), "S3cr3t"),
    (ckan("url = 'https://u:S3cr3t@a.example'", ZONE), "S3cr3t"),
    (ckan(URL, ZONE, "token = 12345678"), "12345678"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_in_the_file_is_refused_and_not_repeated(text: str, secret: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert caught.value.key == "settings-secret"
    assert secret not in str(caught.value) + "".join(error_text(caught.value, language) for language in ("zh-CN", "en"))


def test_plain_http_can_be_allowed(tmp_path: Path) -> None:
    found = read(tmp_path, ckan("url = 'http://a.example'", ZONE, "allow_http = true"))
    assert [target.zone for target in found.targets] == ["internet"]


def schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(content.load("schemas/settings.schema.json"))


def as_json(text: str) -> Any:
    import tomllib

    return json.loads(json.dumps(tomllib.loads(text), default=str))


def test_the_schema_says_the_same() -> None:
    """What the program reads the schema allows; what it refuses by its form the schema refuses too, rules over several keys aside."""
    assert not list(schema().iter_errors(as_json(WHOLE)))
    beyond = ("settings-http", "2026-10-30", ":port'", "[a.example", "shadows_after = true")
    for text, key, place in REFUSED:
        if not any(sign in key + text for sign in beyond):
            assert list(schema().iter_errors(as_json(text))), place
    for text, secret in SECRETS:
        assert list(schema().iter_errors(as_json(text))), secret
    assert tuple(content.load("schemas/settings.schema.json")["$defs"]["zone"]["enum"]) == zones()


def test_a_site_has_words_and_looks_of_its_own(tmp_path: Path) -> None:
    more = """
title = {zh = "云间", en = "Yunjian"}
description = "介绍"
languages = ["zh-CN", "en"]
contact = {phone = "021"}
colours = {accent = "#0b5cad"}
logo = "logo.svg"
texts = {home = "欢迎"}
safe_csv = true
"""
    (target,) = read(tmp_path, f'[targets.site.public]\npath = "public"\nzone = "internet"\n{more}').targets
    assert isinstance(target, SiteTarget)
    assert (target.title, target.description, target.languages) == ({"zh": "云间", "en": "Yunjian"}, {"zh": "介绍"}, ("zh-CN", "en"))
    assert (target.logo, target.colours, target.texts, target.safe_csv) == (
        tmp_path / "logo.svg", {"accent": "#0b5cad"}, {"home": {"zh": "欢迎"}}, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('colours = {accent = "red; } body { display: none"}', "colours.accent"),
        ('colours = {accent = "nocolour"}', "colours.accent"),
        ('colours = {accent = "#12345"}', "colours.accent"),
        ('languages = ["fr"]', "languages"),
        ("languages = []", "languages"),
        ('title = {en = "A"}', "title.zh"),
        ('contact = {person = "张三"}', "contact.person"),
        ("texts = 7", "texts"),
    ],
)
def test_what_a_site_cannot_have_is_refused(text: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        read(tmp_path, f'[targets.site.public]\npath = "public"\nzone = "internet"\n{text}\n')
    assert raised.value.arguments["key"] == f"targets.site.public.{key}"


def test_a_site_can_be_named_by_its_folder(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    found = settings.target("site:./public")
    assert isinstance(found, SiteTarget)
    assert (found.path, found.zone, found.languages, found.label) == (Path("public"), "internet", ("zh-CN",), "site:./public")
    assert settings.target("site:public").name == "public", "a table comes first"
    with pytest.raises(SettingsError, match="unknown-target"):
        settings.target("site:nothing")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "#fff",
            "#FFF8",
            "#16324f",
            "#16324f80",
            "Navy",
            "transparent",
            "rgb(11 92 173)",
            "rgba(11, 92, 173, .5)",
            "rgb(4% 36% 68% / 50%)",
        ),
        *("hsl(210deg 50% 20%)", "hsla(210, 50%, 20%, 0.5)", "hwb(none 20% 10%)", "lab(50% -20 +30)", "oklch(0.5 .1 250 / none)"),
    ],
)
def test_colours_as_css_has_them(text: str) -> None:
    assert is_colour(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "nocolour",
            "inherit",
            "#12345",
            "#1234567",
            "url(x)",
            "rgb(1 2)",
            "rgb(1 2, 3)",
            "rgb(1, 2, none)",
            "rgb(a b c)",
            "hsl(1,2,3)",
        ),
        *("rgb(1% 2% 3%", "lch(1 2 3%)", "rgb(1 2 3 / 4 / 5)", "rgb(1px 2px 3px)", "red; }", "rgb(\u0661 2 3)"),
    ],
)
def test_what_a_browser_takes_for_no_colour(text: str) -> None:
    assert not is_colour(text)
