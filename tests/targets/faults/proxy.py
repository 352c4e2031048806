"""An HTTP proxy in front of a real CKAN that does to single calls what networks, servers and people do.

A rule is asked about every call, with a function that sends it on: it may answer itself, change the answer, or do something before or
after. What a rule does not touch arrives as it was sent.
"""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

READS = ("_show", "_list", "_search", "_state", "_capabilities")
"""Ends of the names of actions that change nothing."""

ACTION = "/api/3/action/"


@dataclass(frozen=True)
class Call:
    """One request."""

    number: int
    """From 1, over all requests since the proxy was started."""
    path: str
    body: bytes

    @property
    def action(self) -> str:
        """The action of the API."""
        return self.path.partition(ACTION)[2]

    @property
    def writes(self) -> bool:
        """Whether the action may change something."""
        return not self.action.endswith(READS)

    def holds(self, text: str) -> bool:
        """Whether a text is in what was sent."""
        return text.encode() in self.body


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    half: bool = False
    """Cut off half-way, after a head that promised all."""


class Lost(Exception):
    """The connection is closed without an answer."""


Forward = Callable[[], Answer]
Rule = Callable[[Call, Forward], Answer]


def unchanged(call: Call, forward: Forward) -> Answer:
    """What comes, goes."""
    del call
    return forward()


@dataclass
class Proxy:
    """A proxy under way; `rule` may be changed at any time."""

    upstream: str
    rule: Rule = unchanged
    calls: list[Call] = field(default_factory=list)
    url: str = ""
    open: int = 0
    """Connections whose calls have not all been done or dropped; one of a client that was killed ends once they are."""

    def writes(self) -> int:
        """How many calls may have changed something."""
        return sum(call.writes for call in self.calls)


@contextmanager
def open_proxy(upstream: str) -> Iterator[Proxy]:
    """A proxy of a site, on a free port of this machine."""
    proxy = Proxy(upstream)
    server = _Server(proxy, type("Handler", (_Handler,), {"proxy": proxy, "numbers": _Numbers()}))
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """Counts its connections, each from before its thread is started to its end."""

    daemon_threads = True

    def __init__(self, proxy: Proxy, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._proxy, self._lock = proxy, threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """As it is, and counted."""
        self._count(1)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """As it is, and counted."""
        super().shutdown_request(request)
        self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._proxy.open += more


class _Numbers:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def next(self) -> int:
        return next(self._numbers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    numbers: _Numbers

    def handle_one_request(self) -> None:
        """As it is; a client that was killed is no failure."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def do_GET(self) -> None:
        self._pass()

    def do_POST(self) -> None:
        self._pass()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _pass(self) -> None:
        try:
            call = Call(self.numbers.next(), self.path, self._body())
        except (OSError, ValueError):
            self.close_connection = True
            return
        self.proxy.calls.append(call)
        try:
            answer = self.proxy.rule(call, lambda: self._forward(call))
            self._give(answer)
        except (Lost, OSError, http.client.HTTPException):
            self.close_connection = True

    def _give(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if answer.half else answer.body)
        if answer.half:
            self.close_connection = True

    def _forward(self, call: Call) -> Answer:
        parts = urlsplit(self.proxy.upstream)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)
        try:
            left_out = ("host", "connection", "transfer-encoding", "content-length")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
            connection.request(self.command, call.path, call.body, headers)
            response = connection.getresponse()
            body = response.read()
            kept = [item for item in response.getheaders() if item[0].lower() not in ("connection", "transfer-encoding", "content-length")]
            return Answer(response.status, body, tuple(kept))
        finally:
            connection.close()


def error(status: int, kind: str = "", **fields: Any) -> Answer:
    """An error as CKAN says it."""
    told = {"__type": kind or "Internal Server Error", "message": f"HTTP {status}", **fields}
    return Answer(status, json.dumps({"help": "", "success": False, "error": told}).encode())


def page(status: int, text: str = "<html><body><h1>nginx</h1></body></html>", *headers: tuple[str, str]) -> Answer:
    """A page of whatever stands before the site."""
    return Answer(status, text.encode(), (("Content-Type", "text/html"), *headers))
