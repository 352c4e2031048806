"""What the page asks for: each address is a function of the session and what was sent, and gives a value for JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from govdata.classes import dataclass
from govdata.errors import ReadError
from govdata.messages import LANGUAGES
from govdata.ui.entries import read_form, saved_text, write_form
from govdata.ui.marked import make_marked, packed
from govdata.ui.sessions import Session
from govdata.ui.works import Work, entry_of, summary

LONGEST_WAIT = 20.0
"""Seconds for which a question for news waits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose token was right."""

    session: Session
    steps: tuple[str, ...]
    """The address without its beginning, decoded."""
    query: Mapping[str, str]
    body: Mapping[str, Any]
    source: BinaryIO
    """A file that is sent, of `size` bytes."""
    size: int

    @property
    def work(self) -> Work:
        """The work that the address names. `ReadError` where it is over."""
        found = self.session.works.get(self.steps[1])
        if found is None:
            raise ReadError("ui-no-work")
        return found

    @property
    def number(self) -> int:
        """The dataset that the address names."""
        step = self.steps[3]
        if not step.isascii() or not step.isdigit() or len(step) > 9:
            raise ReadError("ui-no-entry")
        return int(step)

    @property
    def language(self) -> str:
        """The language of the page that asks."""
        given = str(self.body.get("language") or self.query.get("language") or "")
        return given if given in LANGUAGES else self.session.language


def begin(asked: Asked) -> dict[str, Any]:
    """A new work."""
    return summary(asked.session.begin(str(asked.body.get("path") or "")))


def take(asked: Asked) -> dict[str, Any]:
    """One file of a work."""
    return {"kept": asked.session.receive(asked.work, asked.query.get("name", ""), asked.source, asked.size)}


def start(asked: Asked) -> dict[str, Any]:
    """Check."""
    asked.session.start(asked.work, asked.language)
    return summary(asked.work)


def news(asked: Asked) -> dict[str, Any]:
    """What is known, as soon as it is more than the page has seen."""
    seen = asked.query.get("seen", "")
    if seen.isascii() and seen.isdigit() and len(seen) <= 9:
        asked.work.wait(int(seen), LONGEST_WAIT)
    return summary(asked.work)


def stop(asked: Asked) -> dict[str, Any]:
    """Stop a check."""
    asked.work.stopping = True
    return summary(asked.work)


def drop(asked: Asked) -> dict[str, Any]:
    """Forget a work."""
    asked.session.end(asked.work)
    return {}


def form(asked: Asked) -> dict[str, Any]:
    """The form of an entry."""
    return read_form(asked.work, asked.number, asked.language)


def save(asked: Asked) -> dict[str, Any]:
    """Write an entry."""
    values = asked.body.get("values")
    if not isinstance(values, Mapping):
        raise ReadError("ui-not-understood")
    outcome = write_form(asked.work, asked.number, str(asked.body.get("digest")), values)
    return {**outcome, "told": saved_text(outcome, asked.language)}


def mark(asked: Asked) -> dict[str, Any]:
    """Make the marked workbooks."""
    made, left = make_marked(asked.work, asked.language)
    return {"files": [path.name for path in made], "left": list(left)}


ROUTES: Mapping[tuple[str, str], Callable[[Asked], dict[str, Any]]] = {
    ("POST", "works"): begin,
    ("GET", "works/*"): news,
    ("DELETE", "works/*"): drop,
    ("PUT", "works/*/files"): take,
    ("POST", "works/*/check"): start,
    ("POST", "works/*/stop"): stop,
    ("POST", "works/*/marked"): mark,
    ("GET", "works/*/entries/*"): form,
    ("PUT", "works/*/entries/*"): save,
}
"""Method and address → what answers; `*` is any one step."""


def route(method: str, steps: tuple[str, ...]) -> Callable[[Asked], dict[str, Any]] | None:
    """What answers an address."""
    pattern = "/".join("*" if number % 2 else step for number, step in enumerate(steps))
    return ROUTES.get((method, pattern))


@dataclass(frozen=True, slots=True)
class Given:
    """A file to be kept by the officer."""

    name: str
    type: str
    data: bytes | Path


def given(session: Session, steps: tuple[str, ...]) -> Given | None:
    """What an address leads to that holds a check's key: the report to be looked at, files to be kept."""
    work = next((each for each in list(session.works.values()) if each.outcome is not None and each.outcome.key == steps[0]), None)
    if work is None or work.outcome is None:
        return None
    match steps[1:]:
        case ("report.html",):
            return Given("report.html", "text/html; charset=utf-8", work.outcome.page.encode())
        case ("entry", number) if number.isascii() and number.isdigit() and len(number) < 9:
            if int(number) >= len(work.outcome.report.datasets):
                return None
            path = entry_of(work, int(number))
            return Given(path.name, "application/yaml", path) if path is not None else None
        case ("marked",):
            return _marked(work)
    return None


def _marked(work: Work) -> Given | None:
    """The marked workbooks: one as it is, several in one archive."""
    found = packed(work)
    if found is None:
        return None
    if found.suffix == ".zip":
        return Given("marked-workbooks.zip", "application/zip", found)
    return Given(found.name, "application/octet-stream", found)
