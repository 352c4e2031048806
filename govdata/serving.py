"""A server for this machine alone."""

from __future__ import annotations

import http.server
import os

from govdata.errors import ReadError

HOST = "127.0.0.1"


class LocalServer(http.server.ThreadingHTTPServer):
    """Answers this machine at a port, or at any free one (0); `ReadError` where it cannot have it."""

    daemon_threads = True
    # A second server at the same port would be answered by either.
    allow_reuse_address = os.name == "posix"

    def __init__(self, port: int, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        try:
            super().__init__((HOST, port), handler)
        except OSError as error:
            raise ReadError("port-taken", port=port, what=error.strerror or str(error)) from error
