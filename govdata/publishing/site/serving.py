"""A site shown on this machine as a web server would: right media types, the page for what is not there, no request to anywhere else."""

from __future__ import annotations

import http.server
import os
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from govdata.serving import HOST, LocalServer

POLICY = "; ".join((
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'"),
    *("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
))  # fmt: skip
"""The Content-Security-Policy that the pages keep: nothing inline, nothing from anyone else."""

TYPES = {
    "": "application/octet-stream",
    ".csv": "text/csv; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".png": "image/png",
    ".rdf": "application/rdf+xml",
    ".svg": "image/svg+xml",
    ".ttl": "text/turtle; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml; charset=utf-8",
}
"""Ending of a name → media type; the same everywhere, whatever the machine has in its own table."""

FEEDS = {"feed.xml": "application/atom+xml; charset=utf-8", "feed.json": "application/feed+json"}


class Server(LocalServer):
    """A server of one folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        super().__init__(port, Handler)

    @property
    def address(self) -> str:
        """Where it is to be opened."""
        return f"http://{HOST}:{self.server_address[1]}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that goes away is no error."""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers from the folder; lists no folder and shows no hidden file."""

    extensions_map = TYPES

    def __init__(self, request: Any, client_address: Any, server: Server) -> None:
        super().__init__(request, client_address, server, directory=str(server.folder))

    def guess_type(self, path: Any) -> str:
        """The media type of a file."""
        return FEEDS.get(os.path.basename(path)) or super().guess_type(path)

    def send_head(self) -> Any:
        """The answer's head; what is hidden is not there, and only this machine's own names are answered."""
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in ("", HOST, "localhost"):
            # A page elsewhere could else read what is shown here, under a name that leads to this machine.
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        path = unquote(self.path.partition("?")[0])
        if "\0" in path or any(part.startswith(".") for part in path.split("/")) or not self._is_inside():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _is_inside(self) -> bool:
        """Whether what is asked for is in the folder: a link may lead out of it, to what nobody meant to show."""
        found = Path(self.translate_path(self.path))
        found = found / "index.html" if found.is_dir() else found
        inside = Path(self.directory).resolve()
        shown = found.resolve()
        return shown.is_relative_to(inside) and not any(part.startswith(".") for part in shown.relative_to(inside).parts)

    def list_directory(self, path: Any) -> None:
        """A folder without a page is not there."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The site's own page for what is not there."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", TYPES[".html"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def end_headers(self) -> None:
        """Every answer says what a page may do, and is asked for anew, as the site may be built again."""
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is told of single requests."""
