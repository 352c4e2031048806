"""A CKAN site over HTTP: one call, one answer, one kind of error. Thread-safe; nothing here knows what is published."""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from govdata import __version__
from govdata.classes import dataclass
from govdata.errors import PublishError, SettingsError, SiteError

if TYPE_CHECKING:
    import httpx

MEBIBYTE = 1 << 20
PIECE = 1 << 16
"""Bytes that are given to the connection at once."""
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
BUSY = (429, 502, 503, 504)
"""Answers of a server or of what stands before it that say: later."""
READS = ("_show", "_list", "_search")
"""How actions end that only read: of them a 500 too is worth another try, since a busy CKAN gives one now and then."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much is waited for. Times are in seconds, sizes in bytes."""

    connect: float = 10
    silence: float = 120
    """Without one byte, while reading or writing."""
    total: float = 900
    """From the first byte of an answer to its last."""
    answer: int = 64 * MEBIBYTE
    tries: int = 6
    pause: float = 0.5
    """Before the second try; doubled each time."""
    longest_pause: float = 60
    """A server that wants a longer one (`Retry-After`) is left for the next run."""


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send, with the name that the site is to give it."""

    path: Path
    name: str
    media_type: str = "application/octet-stream"
    sha256: str = ""
    """Of the file that was checked. Where it is another by now, the call is broken off before its end: `PublishError`."""


class Site:
    """A CKAN site. `act` calls an action of its API; the token goes into one header and nowhere else."""

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        allow_http: bool = False,
        limits: Limits = USUAL,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`url` is the address of the front page. Raises `SettingsError` where it is not one, or would send the token unprotected."""
        import ssl

        import httpx

        self.url = checked_url(url, allow_http)
        self.limits = limits
        self._sleep = sleep
        self._token = token
        self._dated: tuple[datetime, float] | None = None
        headers = {"User-Agent": f"govdata/{__version__}", "Accept": "application/json"}
        if token:
            headers["Authorization"] = _header_value(token)
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(limits.silence, connect=limits.connect, pool=None),
            follow_redirects=False,
            # The system's certificates, so that an authority of the government's own is known; no proxy for this machine itself.
            verify=ssl.create_default_context(),
            trust_env=urlsplit(self.url).hostname not in LOCAL_HOSTS,
            transport=transport,
        )

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def act(
        self,
        action: str,
        data: Mapping[str, Any] | bytes | None = None,
        *,
        again: bool = True,
        files: Mapping[str, Upload] | None = None,
        holds: Collection[str] = (),
    ) -> Any:
        """The `result` of an action. `again` says that repeating the call does no harm (reads, writes of a wanted state).

        `data` may have been written as JSON already. With `files` (form field → upload) the call is a form, in which values that are not
        texts stand as JSON; files are streamed. A result without one of the keys `holds` is not from a CKAN that works.
        Raises `SiteError`. Where it may be repeated, it is, with growing pauses; where it may not, only if it surely never arrived.
        """
        for number in range(1, self.limits.tries + 1):
            try:
                result = self._once(action, data or {}, files or {})
                if holds and not (isinstance(result, dict) and all(result.get(key) is not None for key in holds)):
                    raise SiteError("not-ckan", unsure=True, url=self.url, action=action, status=200, what="HTTP 200, result")
                return result
            except SiteError as error:
                wait = self._wait(error, number, again)
                if wait is None:
                    raise
            self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    def upload(self, resource_id: str, upload: Upload, **fields: str) -> Any:
        """Store a file as the content of a resource that exists; gives the resource. The same file twice is the same as once."""
        return self.act("resource_patch", {"id": resource_id, **fields}, files={"upload": upload})

    def _wait(self, error: SiteError, number: int, again: bool) -> float | None:
        """Seconds to wait before the next try; `None` where there is none."""
        worth = error.arguments.get("busy") or (error.arguments.get("status") == 500 and str(error.arguments["action"]).endswith(READS))
        if not worth or number == self.limits.tries or (error.unsure and not again):
            return None
        asked = error.arguments.get("retry_after")
        wait = float(asked) if isinstance(asked, (int, float)) else self.limits.pause * 2 ** (number - 1) * random.uniform(0.75, 1.25)
        return wait if wait <= self.limits.longest_pause else None

    def _once(self, action: str, data: Mapping[str, Any] | bytes, files: Mapping[str, Upload]) -> Any:
        with _told(self, action), ExitStack() as opened:
            content = _content(data, files, opened)
            with self._client.stream("POST", f"{self.url}/api/3/action/{action}", **content) as response:
                return self._read(action, response)

    def _read(self, action: str, response: httpx.Response) -> Any:
        self._read_clock(response)
        if response.is_redirect or response.status_code in (301, 302, 303, 307, 308):
            raise SiteError("redirect", url=self.url, action=action, location=self.told(response.headers.get("Location", "")))
        body = self._body(action, response)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if response.status_code == 200 and isinstance(answer, dict) and answer.get("success") is True and "result" in answer:
            return answer["result"]
        raise _refusal(self, action, response, answer)

    def _body(self, action: str, response: httpx.Response) -> bytes:
        kept = bytearray()
        started = time.monotonic()
        for part in response.iter_bytes():
            kept += part
            if len(kept) > self.limits.answer:
                raise SiteError("limit", unsure=True, url=self.url, action=action, what=f"> {self.limits.answer // MEBIBYTE} MiB")
            if time.monotonic() - started > self.limits.total:
                what = f"> {self.limits.total:g} s"
                raise SiteError("unavailable", said="unreachable", unsure=True, url=self.url, action=action, what=what, busy=True)
        return bytes(kept)

    def clock(self) -> datetime:
        """The time by the site's own clock, from its last answer; by ours where it has given none."""
        if self._dated is None:
            return datetime.now(UTC)
        moment, read = self._dated
        return moment + timedelta(seconds=time.monotonic() - read)

    def skew(self) -> float | None:
        """Seconds by which the site's clock is ahead of ours; `None` where its answers have no date."""
        return None if self._dated is None else (self.clock() - datetime.now(UTC)).total_seconds()

    def _read_clock(self, response: httpx.Response) -> None:
        with suppress(KeyError, ValueError, TypeError):
            self._dated = (parsedate_to_datetime(response.headers["Date"]), time.monotonic())

    def told(self, text: object) -> str:
        """A text of the server's as it may be shown: short, one line, without the token."""
        line = " ".join(str(text).split())
        return (line.replace(self._token, "***") if self._token else line)[:300]


def checked_url(url: str, allow_http: bool = False) -> str:
    """An address without its closing `/`; refused where it is none, carries a password, or is http without leave."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment:
        raise SettingsError("target-url", url=url)
    if parts.username or parts.password:
        raise SettingsError("target-url-secret", host=parts.hostname)
    if parts.scheme == "http" and not allow_http and parts.hostname not in LOCAL_HOSTS:
        raise SettingsError("target-http", url=url)
    return url.rstrip("/")


def _header_value(token: str) -> str:
    if not token.isascii() or not token.isprintable() or token != token.strip():
        raise SettingsError("token-form")
    return token


def written(data: Mapping[str, Any]) -> bytes:
    """The arguments of an action as the JSON that is sent."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _content(data: Mapping[str, Any] | bytes, files: Mapping[str, Upload], opened: ExitStack) -> dict[str, Any]:
    if not files or isinstance(data, bytes):
        body = data if isinstance(data, bytes) else written(data)
        headers = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body))}
        return {"content": _pieces(body), "headers": headers}
    form = {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, allow_nan=False) for key, value in data.items()}
    sent = {key: (upload.name, _opened(upload, opened), upload.media_type) for key, upload in files.items()}
    return {"data": form, "files": sent}


def _opened(upload: Upload, opened: ExitStack) -> Any:
    file = opened.enter_context(upload.path.open("rb"))
    return _Checked(file, upload) if upload.sha256 else file


class _Checked:
    """A file while it is sent. What ends otherwise than it was checked has no end: the site is left without a whole request."""

    def __init__(self, file: BinaryIO, upload: Upload) -> None:
        self._file, self._upload = file, upload
        self._size = os.fstat(file.fileno()).st_size
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        if (not data or self._file.tell() > self._size) and self._digest.hexdigest() != self._upload.sha256:
            raise PublishError("file-moved", file=self._upload.path.name, what=self._digest.hexdigest()[:12])
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        self._digest = hashlib.sha256()  # only its beginning is sought, for another try
        return self._file.seek(offset, whence)

    def fileno(self) -> int:
        return self._file.fileno()


def _pieces(body: bytes) -> Iterator[bytes]:
    """A body in pieces, after which nothing holds it: a request and its answer refer to each other, and stay until Python looks for
    circles, which is seldom."""
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


@contextmanager
def _told(site: Site, action: str) -> Iterator[None]:
    """Failures of the connection as `SiteError`s; whether the call may have been carried out depends on how far it came."""
    import httpx

    args: dict[str, Any] = {"url": site.url, "action": action}
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        if _is_certificate(error):
            raise SiteError("certificate", what=site.told(error), **args) from error
        raise SiteError("unavailable", said="unreachable", what=site.told(error), busy=True, **args) from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.DecodingError) as error:
        raise SiteError("not-ckan", unsure=True, status=0, what=site.told(error), **args) from error
    except httpx.HTTPError as error:
        what = site.told(error) or type(error).__name__
        raise SiteError("unavailable", said="unreachable", unsure=True, what=what, busy=True, **args) from error


def _is_certificate(error: BaseException | None) -> bool:
    import ssl

    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _refusal(site: Site, action: str, response: httpx.Response, answer: object) -> SiteError:
    """What an answer that is no success means: CKAN's `{"success": false, "error": {"__type": …, "message": …}}`, or any other."""
    status = response.status_code
    args: dict[str, Any] = {"url": site.url, "action": action, "status": status}
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict):
        return _refusal_of_ckan(site, error, args)
    if status in BUSY:
        kind = "limit" if status == 429 else "unavailable"
        what = f"HTTP {status}"
        return SiteError(kind, unsure=status in (502, 504), what=what, busy=True, retry_after=_retry_after(response), **args)
    if status in (401, 403):
        return SiteError("not-allowed", said="barred", what=f"HTTP {status}", **args)
    if status == 413:
        return SiteError("limit", what=f"HTTP {status}", **args)
    if isinstance(answer, str) and status < 500:
        return SiteError("refused", what=site.told(answer), **args)
    if status >= 500:
        return SiteError("unavailable", unsure=True, what=f"HTTP {status}", **args)
    what = ", ".join(filter(None, (f"HTTP {status}", site.told(response.headers.get("Content-Type", "")))))
    return SiteError("not-ckan", unsure=status == 200, what=what, **args)


def _refusal_of_ckan(site: Site, error: Mapping[str, Any], args: dict[str, Any]) -> SiteError:
    kind = str(error.get("__type", ""))
    fields = {key: value for key, value in error.items() if not key.startswith("__")}
    what = site.told(error.get("message") or json.dumps(fields, ensure_ascii=False))
    if kind == "Validation Error":
        # `package_revise` answers so where what is stored is not what was to be matched.
        return SiteError("conflict" if "match" in fields else "invalid", fields=fields, what=what, **args)
    if kind == "Not Found Error":
        return SiteError("not-found", what=what, **args)
    if kind == "Authorization Error" or args["status"] in (401, 403):
        # One that says not what kind of error it is, is of what stands before CKAN.
        return SiteError("not-allowed", said="" if kind else "barred", what=what if kind else f"HTTP {args['status']}", **args)
    if args["status"] >= 500 or "Search" in kind:
        return SiteError("unavailable", unsure=True, what=f"{kind} {what}".strip(), busy=args["status"] in BUSY, **args)
    return SiteError("refused", fields=fields, what=f"{kind} {what}".strip(), **args)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait: a number, or a moment (RFC 9110), compared with the server's own clock."""
    written = response.headers.get("Retry-After", "").strip()
    if written.isascii() and written.isdigit():
        return float(written[:9])
    try:
        return max(0.0, (parsedate_to_datetime(written) - parsedate_to_datetime(response.headers["Date"])).total_seconds())
    except (KeyError, ValueError, TypeError):
        return None
