"""The server of the page: of this machine only, and of nobody who does not come from the page itself.

Three locks, each enough alone against a page of another site: the name that is asked for (`Host`) must be this machine's own,
so that no foreign name can be led here; `Origin` and `Sec-Fetch-Site` must be the page's own; and whatever reads or changes
anything wants a token in a header of its own, which no foreign page, form or image can send. There is no cookie: cookies of
127.0.0.1 would be seen by every other port of it.
"""

from __future__ import annotations

import http.server
import json
import os
import shutil
import threading
import urllib.parse
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, cast

from govdata import content
from govdata.classes import dataclass
from govdata.errors import GovdataError
from govdata.expressions import expression
from govdata.messages import LANGUAGES, error_text, io_text
from govdata.messages import text as word
from govdata.serving import HOST, LocalServer
from govdata.ui import pages
from govdata.ui.entries import prepare
from govdata.ui.routes import Asked, Given, given, route
from govdata.ui.sessions import Session

TOKEN = "X-Govdata-Token"
LONGEST = 16 << 20
"""Bytes of what is sent in JSON."""
DRAINED = 1 << 20
"""Bytes that are read to their end before a refusal: a browser reads no answer while it is still sending."""
_LENGTH = expression("[0-9]{1,15}")
_REPORT_POLICY = expression(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


class Server(LocalServer):
    """A server of one session."""

    def __init__(self, session: Session, port: int) -> None:
        self.session = session
        self.is_closed = False
        super().__init__(port, Handler)
        threading.Thread(target=prepare, args=(session.language,), daemon=True).start()

    @property
    def origins(self) -> tuple[str, ...]:
        """The page's own origins."""
        return tuple(f"http://{name}:{self.server_address[1]}" for name in (HOST, "localhost"))

    def address(self, once: bool = False) -> str:
        """Where the page is to be opened; the token stands behind `#`, which a browser sends to nobody."""
        key = f"once={self.session.one_use()}" if once else f"token={self.session.token}"
        return f"{self.origins[0]}/{self.session.language}/#{key}"

    def server_close(self) -> None:
        """Ask for nothing more."""
        self.is_closed = True
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that goes away is no error, nor is that a question is cut off by the end of the program."""
        import sys

        if not self.is_closed and not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def told_of(error: GovdataError | OSError, language: str) -> str:
    """What went wrong, as a sentence."""
    return error_text(error, language) if isinstance(error, GovdataError) else io_text(error, Path(error.filename or "").name, language)


@dataclass(slots=True)
class Incoming:
    """A file as it is sent: no byte beyond its end is read, and what is left of it is known."""

    source: BinaryIO
    left: int

    def read(self, size: int) -> bytes:
        """So many bytes at most; none at the end, or where the sender broke off."""
        piece = self.source.read(min(size, self.left))
        self.left -= len(piece)
        return piece


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "govdata"
    sys_version = ""
    timeout = 120
    """Seconds without a byte."""
    # Head and body go out together, and what is longer does not wait 40 ms for the word that its beginning has come.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    @property
    def session(self) -> Session:
        """What is worked on."""
        return self.server.session

    def do_GET(self) -> None:
        """The page, its parts, reports and downloads, and questions of its script."""
        self.answer()

    do_POST = do_PUT = do_DELETE = do_GET

    def answer(self) -> None:
        """One request, behind the three locks."""
        path, _, query = self.path.partition("?")
        steps = tuple(urllib.parse.unquote(step) for step in path.removeprefix("/").split("/"))
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin")
        if f"http://{host}" not in self.server.origins:
            self.refuse(HTTPStatus.MISDIRECTED_REQUEST, "ui-foreign")
        elif origin is not None and origin != f"http://{host}":
            self.refuse(HTTPStatus.FORBIDDEN, "ui-foreign")
        elif steps[0] == "api":
            self.answer_script(steps[1:], dict(urllib.parse.parse_qsl(query, keep_blank_values=True)))
        elif self.command != "GET":
            self.refuse(HTTPStatus.METHOD_NOT_ALLOWED, "ui-not-understood")
        elif steps[0] == "check" and len(steps) > 2:
            self.answer_key(steps[1:], "keep" in query)
        else:
            self.answer_page(steps)

    def answer_page(self, steps: tuple[str, ...]) -> None:
        """The page and its parts: they hold nothing of anybody's and need no token."""
        if len(steps) == 2 and steps[0] in LANGUAGES and not steps[1]:
            body = pages.page(steps[0], self.facts())
            self.send(body, "text/html; charset=utf-8", {"Content-Security-Policy": pages.POLICY})
        elif steps == ("",):
            self.send(b"", "text/plain", {"Location": f"/{self.session.language}/"}, HTTPStatus.SEE_OTHER)
        elif steps == ("ui.css",):
            self.send(pages.styles(), "text/css; charset=utf-8")
        elif steps == ("ui.js",):
            self.send(pages.script(), "text/javascript; charset=utf-8")
        elif steps == ("icon.svg",):
            self.send(content.read_bytes("catalog/site/styles/icon.svg"), "image/svg+xml")
        else:
            self.refuse(HTTPStatus.NOT_FOUND, "ui-not-understood")

    def facts(self) -> Mapping[str, Any]:
        """What the page must know."""
        limits = self.session.limits
        return {"file": limits.file, "files": limits.files, "total": limits.session}

    def answer_key(self, steps: tuple[str, ...], keep: bool) -> None:
        """A report or a download: its address holds a key that nobody can guess."""
        try:
            found = given(self.session, steps) if self.own() else None
        except (GovdataError, OSError) as error:
            # The disk may be full while workbooks are packed.
            self.send_json({"error": told_of(error, self.language())}, HTTPStatus.CONFLICT)
            return
        if found is None:
            self.refuse(HTTPStatus.NOT_FOUND, "ui-no-work")
            return
        if found.name == "report.html" and not keep:
            data = cast(bytes, found.data)
            policy = _REPORT_POLICY.search(data[:2000].decode("utf-8", "replace"))
            named = f"{policy[1] if policy else 'default-src none'}; frame-ancestors 'self'"
            self.send(data, found.type, {"Content-Security-Policy": named.replace("&#39;", "'")})
        else:
            self.send_file(found)

    def own(self) -> bool:
        """Whether a browser says that the page itself, or the officer, asks; one that says nothing is no browser of today."""
        return self.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")

    def answer_script(self, steps: tuple[str, ...], query: Mapping[str, str]) -> None:
        """What the page's script asks."""
        if not self.own():
            self.refuse(HTTPStatus.FORBIDDEN, "ui-foreign")
        elif steps == ("open",) and self.command == "POST":
            body = self.body()
            token = self.session.redeem(str(body.get("once"))) if body is not None else ""
            if token:
                self.send_json({"token": token})
            elif body is not None:
                self.refuse(HTTPStatus.FORBIDDEN, "ui-token", read=True)
        elif not self.session.is_token(self.headers.get(TOKEN, "")):
            self.refuse(HTTPStatus.FORBIDDEN, "ui-token")
        else:
            self.answer_route(steps, query)

    def answer_route(self, steps: tuple[str, ...], query: Mapping[str, str]) -> None:
        """A question with the right token."""
        found = route(self.command, steps)
        if found is None:
            self.refuse(HTTPStatus.NOT_FOUND, "ui-not-understood")
            return
        is_file = steps[-1] == "files"
        length = self.headers.get("Content-Length", "")
        if is_file and not _LENGTH.fullmatch(length):
            self.refuse(HTTPStatus.LENGTH_REQUIRED, "ui-not-understood")
            return
        body: Mapping[str, Any] | None = {} if is_file or self.command in ("GET", "DELETE") else self.body()
        if body is None:
            return
        sent = Incoming(cast(Any, self.rfile), int(length) if is_file else 0)
        asked = Asked(self.session, steps, query, body, cast(Any, sent), sent.left)
        told: Mapping[str, Any] | None = None
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        # What nobody foresaw is a bug of ours: its trace goes where the program was started, the page gets this sentence.
        said = word("ui.bug", self.language(query))
        try:
            told = found(asked)
        except (GovdataError, OSError) as error:
            status, said = HTTPStatus.CONFLICT, told_of(error, self.language(query))
        finally:
            # A browser that is still sending would take the answer for a broken connection.
            self.drain(sent.left, self.session.limits.file)
            if told is None:
                self.close_connection = self.close_connection or is_file
                self.send_json({"error": said}, status)
        if told is not None:
            self.send_json(told)

    def body(self) -> Mapping[str, Any] | None:
        """A mapping that was sent as JSON; `None` after a refusal."""
        length = self.headers.get("Content-Length", "")
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip()
        if kind != "application/json" or not _LENGTH.fullmatch(length) or int(length) > LONGEST:
            self.refuse(HTTPStatus.BAD_REQUEST, "ui-not-understood")
            return None
        try:
            found = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, Mapping):
            return found
        self.refuse(HTTPStatus.BAD_REQUEST, "ui-not-understood", read=True)
        return None

    def language(self, query: Mapping[str, str] | None = None) -> str:
        """The language of the page that asks, else the program's."""
        asked = (query or {}).get("language") or self.headers.get("Accept-Language", "")
        return asked if asked in LANGUAGES else self.session.language

    def refuse(self, status: HTTPStatus, key: str, read: bool = False) -> None:
        """Say no, in a sentence."""
        length = self.headers.get("Content-Length", "0")
        if not read and _LENGTH.fullmatch(length):
            self.drain(int(length))
        self.close_connection = True
        self.send_json({"error": word(f"error.{key}", self.language())}, status)

    def drain(self, size: int, most: int = DRAINED) -> None:
        """Read what comes and is not wanted; what is too much, or breaks off, ends the connection."""
        self.close_connection = self.close_connection or size > most
        left = min(size, most)
        while left:
            try:
                piece = self.rfile.read(min(1 << 16, left))
            except OSError:
                piece = b""
            if not piece:
                self.close_connection = True
                return
            left -= len(piece)

    def send_json(self, value: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        """A value as JSON."""
        self.send(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), "application/json", {}, status)

    def send_file(self, found: Given) -> None:
        """A file to be kept."""
        quoted = urllib.parse.quote(found.name, safe="")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quoted}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        if isinstance(found.data, bytes):
            self.send(found.data, found.type, headers)
            return
        with Path(found.data).open("rb") as file:
            self.send_head(found.type, os.fstat(file.fileno()).st_size, headers)
            shutil.copyfileobj(file, self.wfile)

    def send(self, body: bytes, kind: str, headers: Mapping[str, str] | None = None, status: HTTPStatus = HTTPStatus.OK) -> None:
        """A whole answer."""
        self.send_head(kind, len(body), headers or {}, status)
        self.wfile.write(body)

    def send_head(self, kind: str, size: int, headers: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK) -> None:
        """Status and headers; nothing is kept by the browser, read as something else, or told to another site."""
        fixed = {
            "Content-Type": kind,
            "Content-Length": str(size),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Frame-Options": "SAMEORIGIN",
        }
        self.send_response(status)
        for name, value in {**fixed, **headers}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is told of single requests."""
