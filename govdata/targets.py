"""Where a directory is published, and the exceptions from the gate that were signed off: tables of `govdata.toml`."""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from govdata.classes import dataclass, field
from govdata.colours import is_colour
from govdata.errors import SettingsError
from govdata.expressions import expression
from govdata.tomltables import Place, Reader, read_count, read_day, read_maybe, read_table, read_text, read_truth

LOCAL = ("localhost", "127.0.0.1", "::1")
"""Hosts to which data goes without leaving the machine: plain http is enough there."""

_NAME = expression(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_VARIABLE = expression(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_ORGANISATION = expression(r"[a-z0-9_-]{2,100}")
_WORD = expression(r"[a-z][a-z0-9-]{0,39}")

LANGUAGES = ("zh-CN", "en")
"""In which pages of a site, and our words on a CKAN site, can be."""


@dataclass(frozen=True, slots=True)
class CkanTarget:
    """A CKAN site. Of what is secret only the names of environment variables are known here."""

    kind: ClassVar[str] = "ckan"
    name: str
    url: str
    """Without a slash at the end."""
    zone: str
    """The network that the site is in, a code of the list `zone`."""
    token: str
    """The environment variable that holds the token."""
    datastore_url: str = ""
    """The environment variable that holds the write URL of the DataStore's PostgreSQL; empty: none."""
    organisations: Mapping[str, str] = field(default_factory=dict)
    """Code of a provider → name of its organisation on the site."""
    shadows_after: int = 86_400
    """Seconds untouched after which a shadow that another run left is litter."""
    allow_http: bool = False
    language: str = "zh-CN"
    """Of the labels of codes on a site without our form, and of our other words there."""

    @property
    def label(self) -> str:
        """As it is named on the command line: `ckan:open`."""
        return f"{self.kind}:{self.name}"


Worded = Mapping[str, str]
"""A text by language: `zh`, `en`."""


@dataclass(frozen=True, slots=True)
class SiteTarget:
    """A static site, written into a folder."""

    kind: ClassVar[str] = "site"
    name: str
    path: Path
    zone: str
    """The network that the site will be served in, a code of the list `zone`."""
    url: str = ""
    """Where it will be served, without a slash at the end; empty: addresses stay relative."""
    title: Worded = field(default_factory=dict)
    """Empty: a title of ours."""
    description: Worded = field(default_factory=dict)
    languages: tuple[str, ...] = ("zh-CN",)
    """Of the pages; the first stands at the root."""
    owner: str = ""
    """Who runs the site."""
    contact: Mapping[str, str] = field(default_factory=dict)
    """`organisation`, `phone`, `email`, `address`: where a dataset names none of its own."""
    correction: Mapping[str, str] = field(default_factory=dict)
    """`url`, `phone`, `email`: where mistakes are reported, if a dataset names nowhere."""
    licence: str = ""
    """Where a dataset names none."""
    logo: Path | None = None
    colours: Mapping[str, str] = field(default_factory=dict)
    """Name of a colour of the style → CSS colour."""
    texts: Mapping[str, Worded] = field(default_factory=dict)
    """Own wording, by key of `catalog/messages/site.yaml`."""
    templates: Path | None = None
    """A folder of templates that stand before ours, one by one."""
    safe_csv: bool = False
    """Offers a CSV besides in which no cell begins like a formula."""

    @property
    def label(self) -> str:
        """As it is named on the command line: `site:open`."""
        return f"{self.kind}:{self.name}"


Target = CkanTarget | SiteTarget


@dataclass(frozen=True, slots=True)
class SignedException:
    """One exception from one rule of the gate, for one dataset (and field) in one network, that somebody signed off."""

    rule: str
    dataset: str
    """The dataset's code (信息资源代码); where it has none, its folder."""
    zone: str
    reason: str
    by: str
    date: datetime.date
    until: datetime.date
    """The last day on which it holds."""
    field: str = ""
    """The field that the rule names; empty where the rule is broken by the dataset as a whole."""

    def holds(self, today: datetime.date) -> bool:
        """Whether the day lies within its time."""
        return self.date <= today <= self.until


def read_targets(declared: Mapping[str, Any], file: Path) -> tuple[Target, ...]:
    """The targets of `[targets.KIND.NAME]` tables; `SettingsError` with file and key where one is not understood."""
    place = Place(str(file), "targets")
    found: list[Target] = []
    for kind, tables in declared.items():
        if kind not in _KINDS:
            raise place.at(kind).error("settings-key", close=tuple(f"targets.{known}" for known in _KINDS))
        for name, table in _tables(place.at(kind), tables):
            found.append(_KINDS[kind](place.at(kind).at(name), name, table))
    return tuple(found)


def _tables(place: Place, tables: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, table in tables.items() if isinstance(tables, Mapping) else ():
        if isinstance(table, Mapping) and not _NAME.fullmatch(name):
            raise place.at(name).error("settings-target-name")
        if not isinstance(table, Mapping):
            raise place.at(name).wrong(table, f"[{place.key}.NAME]")
        yield name, table
    if not isinstance(tables, Mapping):
        raise place.wrong(tables, f"[{place.key}.NAME]")


def _read_ckan(place: Place, name: str, table: Mapping[str, Any]) -> CkanTarget:
    given = read_table(place, table, _CKAN, ("url", "zone"))
    given.setdefault("token", "GOVDATA_TOKEN_" + re.sub("[^A-Z0-9]", "_", name.upper()))
    target = CkanTarget(name, **given)
    parts = urlsplit(target.url)
    if parts.scheme == "http" and parts.hostname not in LOCAL and not target.allow_http:
        raise place.at("url").error("settings-http")
    return target


def _read_site(place: Place, name: str, table: Mapping[str, Any]) -> SiteTarget:
    given = read_table(place, table, _SITE, ("path", "zone"))
    folder = Path(place.file).parent
    given |= {key: written_path(folder, given[key]) for key in ("path", "logo", "templates") if key in given}
    return SiteTarget(name, **given)


def written_path(folder: Path, written: str) -> Path:
    """A path of `govdata.toml`: relative to its folder; backslashes, as written on Windows, lead into folders everywhere."""
    return folder / written.replace("\\", "/")


def read_exceptions(declared: Sequence[Any], file: Path) -> tuple[SignedException, ...]:
    """The records of `[[exceptions]]`; `SettingsError` with file and key where one is not whole or not understood."""
    found = []
    for number, table in enumerate(declared, 1):
        place = Place(str(file), f"exceptions[{number}]")
        if not isinstance(table, Mapping):
            raise place.wrong(table, "[[exceptions]]")
        given = read_table(place, table, _EXCEPTION, ("rule", "dataset", "zone", "reason", "by", "date", "until"))
        record = SignedException(**given)
        if record.until < record.date:
            raise place.at("until").wrong(record.until, f">= {record.date}")
        found.append(record)
    return tuple(found)


def _variable(place: Place, value: Any) -> str:
    """The name of an environment variable. What is not one may be the secret itself, so it is not repeated."""
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise place.error("settings-secret")
    return value


def _address(place: Place, value: Any) -> str:
    text = read_text(place, value)
    parts = _split(text)
    if parts is not None and (parts.username is not None or parts.password is not None):
        raise place.error("settings-secret")
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise place.wrong(value, "https://…")
    return text.rstrip("/")


def _split(text: str) -> SplitResult | None:
    """The parts of an address; `None` for what is none. A number of a port that is none shows only when it is asked for."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _organisations(place: Place, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise place.wrong(value, '{"code" = "name"}')
    for code, name in value.items():
        if not isinstance(name, str) or not _ORGANISATION.fullmatch(name):
            raise place.at(code).wrong(name, "[a-z0-9_-]{2,100}")
    return dict(value)


def _worded(place: Place, value: Any) -> dict[str, str]:
    """A text in Chinese, or one of each language."""
    if isinstance(value, str):
        return {"zh": read_text(place, value)}
    found: dict[str, str] = _table(("zh", "en"), ("zh",))(place, value)
    return found


def _table(known: Sequence[str], needed: Sequence[str] = ()) -> Reader:
    """A table of texts under known keys."""
    readers = dict.fromkeys(known, read_text)

    def read(place: Place, value: Any) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise place.wrong(value, *(f'{{{name} = "…"}}' for name in known))
        return read_table(place, value, readers, needed)

    return read


def _languages(place: Place, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or len(set(map(str, value))) != len(value) or not set(map(str, value)) <= set(LANGUAGES):
        raise place.wrong(value, *(json.dumps(chosen) for chosen in ([LANGUAGES[0]], [LANGUAGES[1]], LANGUAGES)))
    return tuple(value)


def _language(place: Place, value: Any) -> str:
    if value not in LANGUAGES:
        raise place.wrong(value, *(f'"{language}"' for language in LANGUAGES))
    return str(value)


def _colours(place: Place, value: Any) -> dict[str, str]:
    """Colours as CSS has them. Nothing that could close a style and begin another."""
    if not isinstance(value, Mapping):
        raise place.wrong(value, '{accent = "#0b5cad"}')
    for name, colour in value.items():
        if not _WORD.fullmatch(name) or not isinstance(colour, str) or not is_colour(colour.strip()):
            raise place.at(name).wrong(colour, "#0b5cad", "rgb(11 92 173)", "navy")
    return {name: colour.strip() for name, colour in value.items()}


def _texts(place: Place, value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, Mapping):
        raise place.wrong(value, '{key = "…"}')
    return {key: _worded(place.at(key), text) for key, text in value.items()}


_CKAN: Mapping[str, Reader] = {
    "url": _address, "zone": read_text, "token": _variable, "datastore_url": _variable,
    "organisations": _organisations, "shadows_after": read_count, "allow_http": read_truth, "language": _language,
}  # fmt: skip
_CONTACT = ("organisation", "phone", "email", "address")
_CORRECTION = ("url", "phone", "email")
_SITE: Mapping[str, Reader] = {
    "path": read_text, "zone": read_text, "url": _address, "title": _worded, "description": _worded, "languages": _languages,
    "owner": read_text,
    "contact": _table(_CONTACT), "correction": _table(_CORRECTION), "licence": read_text, "logo": read_text, "colours": _colours,
    "texts": _texts, "templates": read_text, "safe_csv": read_truth,
}  # fmt: skip
_EXCEPTION: Mapping[str, Reader] = {
    "rule": read_text, "dataset": read_text, "zone": read_text, "reason": read_text, "by": read_text, "date": read_day, "until": read_day,
    "field": read_maybe,
}  # fmt: skip
_KINDS: Mapping[str, Callable[[Place, str, Mapping[str, Any]], Target]] = {"ckan": _read_ckan, "site": _read_site}


def find_target(targets: Sequence[Target], named: str) -> Target:
    """The target that `ckan:NAME` or `site:NAME` names; without a name the only one of its kind. `SettingsError` where there is none.

    A site needs no table: what has a slash or a dot in its name, or is a folder, is where it is written, for the public network.
    """
    kind, _, name = named.partition(":")
    found = [target for target in targets if target.kind == kind and name in ("", target.name)]
    if not found and kind == SiteTarget.kind and name and (set(name) & set("/\\.") or os.path.isdir(name)):
        return SiteTarget(name, Path(name), "internet")
    if len(found) != 1:
        if not targets:
            raise SettingsError("no-targets", target=named)
        raise SettingsError("unknown-target", target=named, known=[target.label for target in targets])
    return found[0]
