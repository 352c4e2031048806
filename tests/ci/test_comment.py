"""The example's comment script against servers that answer as the services do: one comment, renewed in place, only when it changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest

from tests.ci.runner import EXAMPLE

SCRIPT = EXAMPLE / "repository/.ci/comment.py"
LISTS = {
    "github": ("/repos/office/data/issues/7/comments", "PATCH", r"/repos/office/data/issues/comments/(\d+)"),
    "gitea": ("/api/v1/repos/office/data/issues/7/comments", "PATCH", r"/api/v1/repos/office/data/issues/comments/(\d+)"),
    "gitlab": ("/api/v4/projects/12/merge_requests/7/notes", "PUT", r"/api/v4/projects/12/merge_requests/7/notes/(\d+)"),
}


class Service(ThreadingHTTPServer):
    """The comments of one pull request, listed thirty a page at most."""

    def __init__(self, kind: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.list, self.method, self.one = LISTS[kind]
        self.comments: list[dict[str, object]] = [{"id": number, "body": f"talk {number}"} for number in range(45)]
        self.calls: list[str] = []

    def handle_error(self, request: object, client_address: object) -> None:
        raise AssertionError("the server of the test failed")


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        text = json.loads(self.rfile.read(length))["body"] if length else ""
        address = urlparse(self.path)
        if self.headers["Authorization"] != "Bearer secret":
            self._answer(401, {})
        elif address.path == self.server.list and method == "GET":
            start = (int(parse_qs(address.query)["page"][0]) - 1) * 30
            self._answer(200, self.server.comments[start : start + 30])
        elif address.path == self.server.list and method == "POST":
            self.server.calls.append("POST")
            self.server.comments.append({"id": len(self.server.comments), "body": text})
            self._answer(201, self.server.comments[-1])
        elif (found := re.fullmatch(self.server.one, address.path)) and method == self.server.method:
            self.server.calls.append(method)
            self.server.comments[int(found[1])]["body"] = text
            self._answer(200, self.server.comments[int(found[1])])
        else:
            self._answer(404, {})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(params=sorted(LISTS))
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with Service(request.param) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def comment(service: Service, path: Path, text: str, token: str = "secret") -> int:
    path.write_text(text, encoding="utf-8")
    api = f"http://127.0.0.1:{service.server_port}{service.list}"
    environment = {"API": api, "TOKEN": token, "PATH": os.environ["PATH"], "PYTHONUTF8": "1", "no_proxy": "*"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(path)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert token not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def test_one_comment_is_renewed_in_place(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "govdata.md"
    first, second = "<!-- govdata -->\n有问题 2 处\n", "<!-- govdata -->\n没有问题\n"
    assert [comment(service, path, text) for text in (first, first, second, second)] == [0] * 4
    assert service.calls == ["POST", service.method]
    assert [found["body"] for found in service.comments[45:]] == [second]


def test_a_long_text_is_cut_at_a_line(service: Service, tmp_path: Path) -> None:
    assert comment(service, tmp_path / "long.md", "<!-- govdata -->\n" + "一行文字\n" * 30000) == 0
    body = str(service.comments[-1]["body"])
    assert len(body) < 65536
    assert body.endswith("一行文字\n\n…\n")


def test_what_cannot_be_done_is_said(service: Service, tmp_path: Path) -> None:
    assert comment(service, tmp_path / "a.md", "no mark\n") == 2
    assert comment(service, tmp_path / "a.md", "<!-- govdata -->\n", token="wrong") == 4
    assert service.calls == []
