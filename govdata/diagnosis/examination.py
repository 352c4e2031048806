"""A target looked at from end to end: what `govdata doctor` does, for programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from govdata.diagnosis import rights, searching, server, tables
from govdata.diagnosis.answers import Answer, Diagnosis, answer
from govdata.diagnosis.subject import Asked, Subject, read_subject
from govdata.errors import PublishError, SiteError
from govdata.messages import error_text, text
from govdata.publishing.ckan.publication import named_target, open_site, token_of
from govdata.publishing.ckan.site import Limits, Site

LIMITS = Limits(silence=60, total=120, tries=3)
"""Somebody waits for the answers: what does not come soon is said to be so."""

CHECKS: tuple[tuple[str, Callable[[Subject], Iterator[Answer]]], ...] = (
    ("version", server.version),
    ("plugin", server.plugin),
    ("form", server.form),
    ("directory", rights.directory),
    ("token", rights.token),
    ("rights", rights.rights),
    ("organisations", rights.organisations),
    ("datastore", tables.datastore),
    ("shadows", tables.shadows),
    ("upload", server.upload),
    ("search", searching.chinese),
    ("ghosts", searching.index),
    ("dcat", server.dcat),
    ("activity", server.activity),
    ("clock", server.clock),
)
"""What is looked at, in this order: its name and the function."""


def diagnose(named: str, path: Path, language: str) -> Diagnosis:
    """Look at a target like `ckan:open` of the directory at a path; a missing token is one of the answers.

    Raises `SettingsError` where the target is not in `govdata.toml` or its address cannot be used.
    """
    _, settings, target = named_target(named, path, language)
    try:
        token = token_of(target, os.environ)
    except PublishError:
        token = ""
    database = os.environ.get(target.datastore_url, "").strip() if target.datastore_url else ""
    with open_site(target, token, LIMITS) as site:
        return look_at(site, Asked(target, settings, path, token, database))


def look_at(site: Site, asked: Asked) -> Diagnosis:
    """All answers about a site. Where it fails half-way, what could not be seen is unknown and `failed` says so."""
    label, language = asked.target.label, asked.settings.language
    try:
        subject = read_subject(site, asked)
    except SiteError as error:
        told = Answer("site", "wrong", error_text(error, language), facts={"kind": error.kind})
        return Diagnosis(label, site.url, (told,), failed=True)
    answers = [answer(language, "site", "good", "site", url=site.url)]
    failed = False
    for name, check in CHECKS:
        try:
            answers += check(subject)
        except SiteError as error:
            failed = failed or error.kind != "not-allowed"
            answers.append(Answer(name, "unknown", _interrupted(name, error, language), facts={"kind": error.kind}))
    return Diagnosis(label, site.url, tuple(answers), failed)


def _interrupted(name: str, error: SiteError, language: str) -> str:
    return text("doctor.interrupted", language, {"what": text(f"doctor.check-{name}", language), "why": error_text(error, language)})
