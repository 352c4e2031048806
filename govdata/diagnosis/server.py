"""The site itself: its version, what is installed in it, its clock, its limits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from govdata import __version__
from govdata.diagnosis.answers import Answer
from govdata.diagnosis.subject import Subject
from govdata.errors import SiteError

TRIED = (2, 12)
"""The version of CKAN that publishing is tested against."""
OLDEST = (2, 10)
"""Before it, API tokens and `package_revise` differ from what publishing relies on."""

SKEW = 60
"""Seconds that two clocks may differ: it is what networks and a date in whole seconds never make."""

USUAL_UPLOAD = 10
"""MiB that CKAN takes of a file where its administrator set nothing (`ckan.max_resource_size`)."""
MEBIBYTE = 1 << 20


def version(subject: Subject) -> Iterator[Answer]:
    """Whether publishing was tried with this version of CKAN."""
    there = subject.abilities.version
    match = re.match(r"(\d{1,4})\.(\d{1,4})", there)
    number = (int(match[1]), int(match[2])) if match else (0, 0)
    if number == TRIED:
        yield subject.answer("version", "good", "version", version=there)
    elif match and number < OLDEST:
        yield subject.answer("version", "wrong", "version-old", version=there, tried=".".join(map(str, TRIED)))
    else:
        yield subject.answer("version", "unknown", "version-other", version=there or "?", tried=".".join(map(str, TRIED)))


def plugin(subject: Subject) -> Iterator[Answer]:
    """Our plugin: there, answering, of our version."""
    there = str(subject.capabilities.get("version") or "")
    if "govdata" not in subject.extensions:
        yield subject.answer("plugin", "lost", "plugin-none")
    elif not there:
        yield subject.answer("plugin", "wrong", "plugin-silent")
    elif there != __version__:
        yield subject.answer("plugin", "wrong", "plugin-version", there=there, here=__version__)
    else:
        yield subject.answer("plugin", "good", "plugin", version=there)


def form(subject: Subject) -> Iterator[Answer]:
    """Whether the entry's fields are fields of the site, or extras."""
    if subject.abilities.form.ours:
        yield subject.answer("form", "good", "form")
    elif subject.abilities.form.taken:
        yield subject.answer("form", "lost", "form-other")
    else:
        yield subject.answer("form", "lost", "form-none")


def dcat(subject: Subject) -> Iterator[Answer]:
    """Whether the catalog can be harvested as DCAT: asked for, since a wrong set-up answers 500."""
    if "dcat" not in subject.extensions:
        yield subject.answer("dcat", "lost", "dcat-none")
        return
    try:
        subject.site.act("dcat_catalog_show", {"format": "ttl"})
    except SiteError as error:
        if error.kind == "not-allowed":
            yield subject.answer("dcat", "unknown", "dcat-hidden")
        else:
            yield subject.answer("dcat", "wrong", "dcat-fails", what=str(error.arguments.get("what", "")))
        return
    ours = bool(subject.capabilities.get("dcat"))
    yield subject.answer("dcat", "good" if ours else "lost", "dcat" if ours else "dcat-plain")


def activity(subject: Subject) -> Iterator[Answer]:
    """Whether the site keeps what datasets once were."""
    if subject.abilities.activity:
        yield subject.answer("activity", "lost", "activity")
    else:
        yield subject.answer("activity", "good", "activity-none")


def clock(subject: Subject) -> Iterator[Answer]:
    """How far the site's clock is from ours, by the date of its answers, which is in whole seconds."""
    skew = subject.site.skew()
    if skew is None:
        yield subject.answer("clock", "unknown", "clock-none")
        return
    seconds = round(skew)
    if abs(seconds) <= SKEW:
        yield subject.answer("clock", "good", "clock", seconds=abs(seconds))
    else:
        yield subject.answer("clock", "wrong", "clock-ahead" if seconds > 0 else "clock-behind", seconds=abs(seconds))


def upload(subject: Subject) -> Iterator[Answer]:
    """Whether the directory's largest file is small enough. CKAN itself does not say; our plugin does."""
    largest = -(-subject.wanted.largest // MEBIBYTE)
    facts = {"largest": largest, "file": subject.wanted.file, "usual": USUAL_UPLOAD}
    limits = subject.capabilities.get("limits")
    most = limits.get("upload") if isinstance(limits, dict) else None
    if not isinstance(most, int):
        key = "upload-unseen" if largest <= USUAL_UPLOAD else "upload-unseen-large"
        yield subject.answer("upload", "unknown", key, **facts)
    elif largest > most:
        yield subject.answer("upload", "wrong", "upload-small", most=most, **facts)
    else:
        yield subject.answer("upload", "good", "upload", most=most, **facts)
