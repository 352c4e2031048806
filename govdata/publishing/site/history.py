"""What was published before: events, one a line of `history.jsonl`. They are an input of a build, never a guess of it.

They give each dataset its versions, the feeds their entries, and those that are gone their tombstones, even where the old site is
not at hand. A site carries its history with it (`history.jsonl` at its root); a directory may keep a copy beside `govdata.toml`.
"""

from __future__ import annotations

import functools
import itertools
import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from govdata.checks.named import as_day
from govdata.checks.personal import scrub
from govdata.errors import PublishError
from govdata.fastjson import compact, parsed
from govdata.publishing.selection import HISTORY
from govdata.publishing.site.records import Party, Version

FILE = HISTORY

LARGEST = 512 << 20
"""Bytes of a history; more is none."""

LARGEST_LINE = 1 << 20

AT_ONCE = 1 << 16
"""Bytes of an answer that are taken together."""

WAIT, LONGEST = 30, 600
"""Seconds for an answer or the next part of it, and for all of it."""

EVENTS = ("published", "changed", "data", "withdrawn", "restored", "deleted")
"""A dataset of which even the tombstone was deleted has no versions any more, and begins anew where it is published again."""


class Event(NamedTuple):
    """One publication of a dataset."""

    date: str
    """ISO date."""
    event: str
    """One of `EVENTS`."""
    code: str
    title: str
    publisher: str
    publisher_code: str
    publisher_id: str
    digest: str
    """Of the record (`Record.digest`); empty of one that was withdrawn."""
    data: str = ""
    """A digest of the files' digests."""

    @property
    def party(self) -> Party:
        """Who provided it."""
        return Party(self.publisher_id, self.publisher, self.publisher_code)


def line_of(event: Event) -> bytes:
    """The event as a line of JSON."""
    return compact({name: value for name, value in zip(Event._fields, event, strict=True) if value}) + b"\n"


def _masked(event: Event) -> Event:
    """An event as it may be told for ever: a title may have been published with the number of a person in it."""
    title = scrub(event.title, sure=True)
    return event if title == event.title else event._replace(title=title)


class History:
    """The events of a site by code, oldest first.

    Of what several sources tell, all of them tell the most: an event that stands twice in one of them came about twice.
    """

    def __init__(self, *sources: Iterable[Event]) -> None:
        self._of: dict[str, tuple[Event, ...]] = {}
        for source in sources:
            before, here = dict(self._of), dict[str, tuple[Event, ...]]()
            for event in map(_masked, source):
                code = event.code
                if code in before:
                    here[code] = (*here.get(code, ()), event)
                    if here[code].count(event) <= before[code].count(event):
                        continue
                self._of[code] = (*self._of.get(code, ()), event)
        for code, listed in self._of.items():
            # Sorting is stable: of one day, what came first stays first.
            self._of[code] = tuple(sorted(listed, key=lambda event: event.date))

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __contains__(self, code: object) -> bool:
        return code in self._of

    def last(self, code: str) -> Event | None:
        """The newest event of a dataset; `None` where that was the end of its tombstone."""
        last = self._newest(code)
        return last if last is not None and last.event != "deleted" else None

    def _newest(self, code: str) -> Event | None:
        return self._of[code][-1] if code in self._of else None

    def add(self, event: Event) -> None:
        """Note an event. Days only go forward: one that would lie before the last is of the last's day."""
        last = self._newest(event.code)
        day = max(event.date, last.date) if last is not None else event.date
        self._of[event.code] = (*self._of.get(event.code, ()), _masked(event)._replace(date=day))

    def versions(self, code: str) -> tuple[Version, ...]:
        """The versions of a dataset since its tombstone was deleted, newest first."""
        found = itertools.takewhile(lambda event: event.event != "deleted", reversed(self._of.get(code, ())))
        return tuple(Version(event.date, event.event, event.digest) for event in found)  # type: ignore[arg-type]

    def newest_day(self) -> str:
        """The newest day of all; empty where there is no event."""
        return max((listed[-1].date for listed in self._of.values()), default="")

    def lines(self) -> Iterator[bytes]:
        """All events as lines, oldest first, those of one day by code."""
        every = sorted(((event.date, code, place) for code, listed in self._of.items() for place, event in enumerate(listed)))
        return (line_of(self._of[code][place]) for _, code, place in every)


def read_history(source: str | Path, needed: bool = True) -> list[Event]:
    """The events of a file, of a folder's `history.jsonl`, or of a site at an address. `PublishError` where they cannot be read.

    `needed`: a file that is not there is an error.
    """
    shown = str(source)
    if shown.lower().startswith(("http://", "https://")):
        return list(_events(_fetched(shown), shown))
    path = Path(source) / FILE if Path(source).is_dir() else Path(source)
    try:
        with path.open("rb") as file:
            return list(_events(file, str(path)))
    except FileNotFoundError as error:
        if needed:
            raise PublishError("no-history", path=str(path)) from error
        return []
    except OSError as error:
        raise PublishError("history-unread", path=str(path), what=error.strerror or str(error)) from error


def _events(lines: Iterable[bytes], shown: str) -> Iterator[Event]:
    for number, written in enumerate(lines, 1):
        line = written.removeprefix(BOM_UTF8) if number == 1 else written
        if not line.strip():
            continue
        try:
            found = _written(line) or _checked(json.loads(line.decode("utf-8")))
            # JSON can tell halves of characters, a page cannot.
            "".join(found).encode("utf-8")
        except (ValueError, RecursionError) as error:
            raise PublishError("history-form", path=shown, line=number, what=str(error)) from error
        yield found


def _written(line: bytes) -> Event | None:
    """The event of a line as we write it; `None` where there is anything to be looked at more closely."""
    try:
        told = parsed(line)
    except ValueError:
        return None
    if told.__class__ is not dict or set(map(type, told.values())) != {str}:
        return None
    found = Event(*map(told.get, Event._fields, _EMPTY))
    return found if _is_event(found) else None


_EMPTY = ("",) * len(Event._fields)


def _checked(told: Any) -> Event:
    if not isinstance(told, Mapping):
        raise ValueError("{…}")
    found = Event(*[str(told.get(name) or "") for name in Event._fields])
    if not _is_event(found):
        raise ValueError("date, event, code")
    return found


def _is_event(found: Event) -> bool:
    return found.event in EVENTS and bool(found.code) and _is_day(found.date)


@functools.lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    """Whether a text is a day and nothing else. Many events are of the same one."""
    return len(text) == len("2026-01-05") and as_day(text) is not None


def _fetched(address: str) -> Iterator[bytes]:
    """The lines of the history at an address: of the site there, or the file itself. It may lead on to the web only, and has limits."""
    import time
    from http import HTTPStatus
    from http.client import HTTPException, IncompleteRead
    from urllib.request import (
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        HTTPHandler,
        HTTPRedirectHandler,
        HTTPSHandler,
        OpenerDirector,
        ProxyHandler,
        Request,
        UnknownHandler,
    )

    opener = OpenerDirector()
    for handler in (
        ProxyHandler,
        HTTPHandler,
        HTTPSHandler,
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        HTTPRedirectHandler,
        UnknownHandler,
    ):
        opener.add_handler(handler())
    until, taken, rest = time.monotonic() + LONGEST, 0, b""
    url = address
    try:
        url = _url(address)
        with _begun(opener, Request(url, headers={"Accept": "application/x-ndjson"})) as answer:
            # What waits for something else (202) is empty, as a site that has published nothing.
            if answer.status != HTTPStatus.OK:
                raise HTTPException(f"{answer.status} {answer.reason}")
            # What there is, not a line: the answer itself would wait for the end of one for ever.
            while part := answer.read1(AT_ONCE):
                taken += len(part)
                *lines, rest = (rest + part).split(b"\n")
                if taken > LARGEST or len(rest) >= LARGEST_LINE or time.monotonic() > until:
                    raise PublishError("history-size", path=url, most=LARGEST >> 20, seconds=LONGEST)
                yield from lines
            if answer.length:
                raise IncompleteRead(b"", answer.length)
            yield rest
    except (OSError, HTTPException, ValueError) as error:
        getattr(error, "close", bool)()  # an answer that refuses is an error and an open connection at once
        raise PublishError("history-unread", path=url, what=str(getattr(error, "reason", "") or error)) from error


def _begun(opener: Any, request: Any) -> Any:
    """The answer once its head is there. The waiting of a socket begins anew with each byte, so a slow head is given up from here."""
    import threading
    from http.client import HTTPException

    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(opener.open(request, timeout=WAIT))
        except (OSError, HTTPException, ValueError) as error:
            found.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(LONGEST)
    if not found:
        raise PublishError("history-size", path=request.full_url, most=LARGEST >> 20, seconds=LONGEST)
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _url(address: str) -> str:
    """The address of the history of a site, or of the file itself, in the signs that HTTP knows. ValueError where it is none."""
    from urllib.parse import quote, urlsplit

    parts = urlsplit(address)
    host, colon, port = parts.netloc.partition(":")
    netloc = parts.netloc if parts.netloc.isascii() else host.encode("idna").decode("ascii") + colon + port
    path = parts.path if parts.path.endswith(".jsonl") else f"{parts.path.rstrip('/')}/{FILE}"
    return parts._replace(netloc=netloc, path=quote(path, safe="%/:=&?~#+!$,;'@()*[]")).geturl()
