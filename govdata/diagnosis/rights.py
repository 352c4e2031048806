"""The token: whose it is, what it may do, how long; and the organisations that the directory wants."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from govdata.diagnosis.answers import Answer, State
from govdata.diagnosis.subject import Subject
from govdata.publishing.ckan.organisations import CODE, show_organisation
from govdata.publishing.ckan.state import each

SOON = 14
"""Days before its end from which on a token is to be renewed."""
JOBS = 4


def directory(subject: Subject) -> Iterator[Answer]:
    """Whether the directory can own what it publishes."""
    if subject.asked.settings.directory:
        yield subject.answer("directory", "good", "directory", directory=subject.asked.settings.directory, count=subject.wanted.count)
    else:
        yield subject.answer("directory", "wrong", "directory-none")


def token(subject: Subject) -> Iterator[Answer]:
    """Whose the token is, and when it ends."""
    asked = subject.asked
    if not asked.token:
        yield subject.answer("token", "wrong", "token-none", variable=asked.target.token)
        return
    if subject.user is None:
        yield subject.answer("token", "wrong", "token-refused", variable=asked.target.token)
        return
    yield subject.answer("token", "good", "token", user=str(subject.user.get("name", "")))
    yield _expiry(subject)


def _expiry(subject: Subject) -> Answer:
    claims = claims_of(subject.asked.token)
    if claims is None:
        return subject.answer("expiry", "unknown", "expiry-unseen")
    ends = claims.get("exp")
    if not isinstance(ends, (int, float)) or isinstance(ends, bool):
        return subject.answer("expiry", "good", "expiry-none")
    try:
        moment = datetime.fromtimestamp(ends, UTC)
    except (OverflowError, OSError, ValueError):
        return subject.answer("expiry", "good", "expiry-none")
    days = (moment - subject.site.clock()).days
    soon = days < SOON
    return subject.answer(
        "expiry", "wrong" if soon else "good", "expiry-soon" if soon else "expiry", until=moment.date().isoformat(), days=days
    )


def claims_of(token: str) -> Mapping[str, Any] | None:
    """What a token says of itself (CKAN's are JSON Web Tokens, RFC 7519); `None` where it is none. Nothing is verified: the site did."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def rights(subject: Subject) -> Iterator[Answer]:
    """Where the token may publish."""
    if subject.user is None:
        yield subject.answer("rights", "unknown", "rights-unknown")
    elif subject.sysadmin:
        yield subject.answer("rights", "good", "rights-sysadmin")
    elif subject.editable:
        yield subject.answer("rights", "good", "rights", organisations=sorted(subject.editable))
    else:
        yield subject.answer("rights", "wrong", "rights-none", user=str(subject.user.get("name", "")))


def organisations(subject: Subject) -> Iterator[Answer]:
    """The organisations of the directory's providers, against those that the site has."""
    names = sorted(subject.wanted.organisations)
    if not names:
        yield subject.answer("organisations", "unknown", "organisations-none")
        return
    found = dict(zip(names, each(lambda name: show_organisation(subject.site, name), names, JOBS), strict=True))
    told: dict[tuple[State, str], list[str]] = {}
    for name in names:
        told.setdefault(_judged(subject, name, found[name]), []).append(name)
    for (state, key), listed in sorted(told.items()):
        yield subject.answer("organisations", state, key, organisations=listed, count=len(listed))


def _judged(subject: Subject, name: str, there: Mapping[str, Any] | None) -> tuple[State, str]:
    code = subject.wanted.organisations[name]
    given = code in subject.asked.target.organisations
    if there is not None and there.get("state", "active") == "active":
        may = subject.sysadmin or name in subject.editable
        if subject.user is None:
            return "unknown", "organisations-there"
        return ("good", "organisations") if may else ("wrong", "organisations-closed")
    if given:
        return "wrong", "organisations-missing"
    if there is not None and not any(item.get("key") == CODE and item.get("value") == code for item in there.get("extras") or ()):
        return "wrong", "organisations-deleted"
    return ("good", "organisations-made") if subject.sysadmin else ("unknown", "organisations-unmade")
