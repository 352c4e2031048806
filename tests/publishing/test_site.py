"""The client of a CKAN site, through a transport that plays the site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from govdata.errors import PublishError, SettingsError, SiteError
from govdata.messages import error_text

httpx = pytest.importorskip("httpx")

from govdata.publishing.ckan.site import Limits, Site, Upload  # noqa: E402

TOKEN = "the-secret-token"
Handler = Callable[[Any], Any]


def site(handler: Handler, waits: list[float] | None = None, **limits: Any) -> Site:
    """A site that a function plays; pauses are noted, not waited for."""
    waits = [] if waits is None else waits
    return Site("https://data.example.org/", TOKEN, transport=httpx.MockTransport(handler), sleep=waits.append, limits=Limits(**limits))


def failing(handler: Handler, again: bool = True, **limits: Any) -> SiteError:
    """The error of a call that the site answers so."""
    with pytest.raises(SiteError) as caught:
        site(handler, **limits).act("package_show", {"id": "x"}, again=again)
    for language in ("zh-CN", "en"):
        assert TOKEN not in error_text(caught.value, language)
    assert TOKEN not in repr(caught.value)
    return caught.value


def ckan_error(status: int, kind: str, **fields: Any) -> Handler:
    """An error as CKAN says it."""
    return lambda request: httpx.Response(status, json={"help": "…", "success": False, "error": {"__type": kind, **fields}})


def test_an_action_is_a_post_of_json_with_the_token_in_its_header() -> None:
    seen = []

    def play(request: Any) -> Any:
        seen.append(request)
        return httpx.Response(200, json={"success": True, "result": {"name": "停车场"}})

    assert site(play).act("package_show", {"id": "停车"}) == {"name": "停车场"}
    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", "https://data.example.org/api/3/action/package_show")
    assert json.loads(request.content) == {"id": "停车"}
    assert request.headers["Authorization"] == TOKEN
    assert TOKEN not in str(request.url)


def _refuse(request: Any) -> Any:
    raise httpx.ConnectError("[Errno 111] Connection refused")


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (ckan_error(404, "Not Found Error", message="Not found"), "not-found"),
        (ckan_error(403, "Authorization Error", message=f"Access denied for {TOKEN}"), "not-allowed"),
        (ckan_error(409, "Validation Error", name=["That URL is already in use."]), "invalid"),
        (ckan_error(409, "Validation Error", match=["metadata_modified"]), "conflict"),
        (ckan_error(409, "Search Error", message="SOLR"), "unavailable"),
        (ckan_error(500, "Internal Server Error", message="?"), "unavailable"),
        (lambda request: httpx.Response(400, json="Bad request - Action name not known: package_show"), "refused"),
        (lambda request: httpx.Response(200, text="<html>Welcome</html>"), "not-ckan"),
        (lambda request: httpx.Response(404, text="<html>Not here</html>"), "not-ckan"),
        (lambda request: httpx.Response(200, json={"success": True}), "not-ckan"),
        (lambda request: httpx.Response(200, text="[" * 100_000), "not-ckan"),
        (lambda request: httpx.Response(200, text='{"success": true, "resu'), "not-ckan"),
        (lambda request: httpx.Response(500, text="<html>oops</html>"), "unavailable"),
        (lambda request: httpx.Response(403, text="<html>blocked</html>"), "not-allowed"),
        (lambda request: httpx.Response(413, text="too large"), "limit"),
        (lambda request: httpx.Response(302, headers={"Location": f"https://other.example.org/?from={TOKEN}"}), "redirect"),
        (lambda request: httpx.Response(404, headers={"Content-Type": f"text/{TOKEN}"}, text="?"), "not-ckan"),
    ],
)
def test_what_an_answer_means(handler: Handler, kind: str) -> None:
    assert failing(handler).kind == kind


@pytest.mark.parametrize(
    ("handler", "said", "unsaid"),
    [
        (lambda request: httpx.Response(401, text="<html>Log in</html>"), "登录页", "令牌是否有效"),
        (lambda request: httpx.Response(401, json={"error": {"code": 401, "message": "no key"}}), "登录页", "令牌是否有效"),
        (ckan_error(403, "Authorization Error", message="Access denied"), "令牌是否有效", "登录页"),
        (lambda request: httpx.Response(404), "（HTTP 404）", "，）"),
        (lambda request: httpx.Response(404, text="?"), "（HTTP 404, text/plain", "重启"),
        (lambda request: httpx.Response(502, text="?"), "重启", "代理设置"),
        (_refuse, "代理设置", "重启"),
    ],
)
def test_the_advice_fits_the_answer(handler: Handler, said: str, unsaid: str) -> None:
    told = error_text(failing(handler), "zh-CN")
    assert said in told
    assert unsaid not in told


def test_fields_of_a_validation_error_are_kept() -> None:
    error = failing(ckan_error(409, "Validation Error", tags=[{"name": ["too short"]}]))
    assert error.fields == {"tags": [{"name": ["too short"]}]}
    assert not error.unsure


def test_a_busy_site_is_asked_again_with_growing_pauses() -> None:
    answers = [503, 502, 504, 200]
    waits: list[float] = []

    def play(request: Any) -> Any:
        return httpx.Response(answers.pop(0), json={"success": True, "result": 1})

    assert site(play, waits).act("package_show") == 1
    assert len(waits) == 3
    assert waits[0] < waits[1] < waits[2]


@pytest.mark.parametrize(("action", "calls"), [("package_show", 2), ("package_search", 2), ("package_create", 1), ("datastore_upsert", 1)])
def test_a_read_that_failed_for_once_is_tried_again_and_a_write_is_not(action: str, calls: int) -> None:
    asked: list[str] = []

    def play(request: Any) -> Any:
        asked.append(request.url.path)
        return httpx.Response(500 if len(asked) == 1 else 200, json={"success": len(asked) > 1, "result": 1})

    if calls == 1:
        with pytest.raises(SiteError):
            site(play).act(action)
    else:
        assert site(play).act(action) == 1
    assert len(asked) == calls


def test_a_site_says_how_long_to_wait() -> None:
    headers = [
        {"Retry-After": "7"},
        {"Retry-After": "Wed, 25 Nov 2026 10:00:09 GMT", "Date": "Wed, 25 Nov 2026 10:00:00 GMT"},
    ]
    waits: list[float] = []

    def play(request: Any) -> Any:
        return httpx.Response(429, headers=headers.pop(0)) if headers else httpx.Response(200, json={"success": True, "result": 1})

    assert site(play, waits).act("package_create", again=False) == 1
    assert waits == [7, 9]


def test_a_site_that_wants_an_hour_is_left() -> None:
    assert failing(lambda request: httpx.Response(429, headers={"Retry-After": "3600"})).kind == "limit"


def test_a_write_that_may_have_been_done_is_not_repeated() -> None:
    calls = []

    def play(request: Any) -> Any:
        calls.append(request)
        raise httpx.ReadTimeout("nothing came", request=request)

    error = failing(play, again=False)
    assert (error.kind, error.unsure, len(calls)) == ("unavailable", True, 1)


def test_a_write_that_never_arrived_is_repeated() -> None:
    calls = []

    def play(request: Any) -> Any:
        calls.append(request)
        if len(calls) < 3:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json={"success": True, "result": 1})

    assert site(play).act("package_create", again=False) == 1
    assert len(calls) == 3


def test_an_answer_cut_half_way_is_unsure() -> None:
    def play(request: Any) -> Any:
        def parts() -> Any:
            yield b'{"succ'
            raise httpx.RemoteProtocolError("peer closed connection")

        return httpx.Response(200, content=parts())

    error = failing(play, again=False)
    assert (error.kind, error.unsure) == ("unavailable", True)


def test_an_answer_without_end_is_dropped() -> None:
    def play(request: Any) -> Any:
        return httpx.Response(200, content=(b"x" * 1000 for _ in range(1000)))

    assert failing(play, answer=10_000).kind == "limit"


def test_a_bad_certificate_is_not_tried_again() -> None:
    calls = []

    def play(request: Any) -> Any:
        calls.append(1)
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", request=request)

    assert failing(play).kind == "certificate"
    assert calls == [1]


class Swallowing(httpx.BaseTransport):
    """Takes what is sent and keeps nothing."""

    def handle_request(self, request: Any) -> Any:
        assert sum(map(len, request.stream)) == int(request.headers["Content-Length"])
        return httpx.Response(200, json={"success": True, "result": None}, request=request)


def test_what_was_sent_is_not_kept() -> None:
    import gc
    import tracemalloc

    with Site("https://data.example.org/", TOKEN, transport=Swallowing()) as target:
        gc.disable()
        tracemalloc.start()
        try:
            for _ in range(10):
                target.act("datastore_upsert", {"records": "值" * 700_000})
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            gc.enable()
    assert held < 1 << 20


def test_a_file_is_sent_as_a_form_with_its_name(tmp_path: Path) -> None:
    file = tmp_path / "停车场.csv"
    file.write_bytes(b"a,b\n1,2\n")
    seen = []

    def play(request: Any) -> Any:
        seen.append(request.read())
        return httpx.Response(503) if len(seen) == 1 else httpx.Response(200, json={"success": True, "result": {"id": "r"}})

    assert site(play).upload("r", Upload(file, "parking.csv", "text/csv")) == {"id": "r"}
    assert len(seen) == 2, "the file is opened anew for each try"
    assert b"a,b\n1,2\n" in seen[1]
    assert b'filename="parking.csv"' in seen[1]


@pytest.mark.parametrize("change", [b"", b"c", b"more and more"], ids=["shorter", "as-long", "longer"])
def test_a_file_that_changes_while_it_is_sent_is_not_sent_whole(change: bytes, tmp_path: Path) -> None:
    size = 300_000
    file = tmp_path / "a.csv"
    file.write_bytes(b"a" * size)
    upload = Upload(file, "a.csv", sha256=hashlib.sha256(b"a" * size).hexdigest())
    whole, begun = [], []

    class Meanwhile(httpx.BaseTransport):
        def handle_request(self, request: Any) -> Any:
            for piece in request.stream:
                begun.append(len(piece))
                if sum(begun) > 100_000:
                    with file.open("r+b") as other:
                        other.seek(size - 1 if change else 0)
                        other.write(change) if change else other.truncate(200_000)
            whole.append(True)
            return httpx.Response(200, json={"success": True, "result": 1})

    with pytest.raises(PublishError, match="file-moved"):
        Site("https://data.example.org/", TOKEN, transport=Meanwhile()).upload("r", upload)
    assert (whole, sum(begun) > 100_000) == ([], True)


def test_a_file_that_is_what_was_checked_is_sent_whole_however_often(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"a" * 300_000)
    seen = []

    def play(request: Any) -> Any:
        seen.append(len(request.read()))
        return httpx.Response(503) if len(seen) == 1 else httpx.Response(200, json={"success": True, "result": 1})

    assert site(play).upload("r", Upload(file, "a.csv", sha256=hashlib.sha256(b"a" * 300_000).hexdigest())) == 1
    assert seen[0] == seen[1] > 300_000


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://data.example.org", "target-http"),
        ("ftp://data.example.org", "target-url"),
        ("data.example.org", "target-url"),
        ("https://data.example.org:99999", "target-url"),
        ("https://data.example.org/?key=1", "target-url"),
        ("https://someone:secret@data.example.org", "target-url-secret"),
    ],
)
def test_addresses_that_are_refused(url: str, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Site(url)
    assert caught.value.key == key
    assert "secret" not in error_text(caught.value, "en")


@pytest.mark.parametrize("url", ["http://localhost:5000", "http://127.0.0.1/ckan/", "http://[::1]:5000"])
def test_http_is_allowed_on_this_machine(url: str) -> None:
    assert Site(url).url == url.rstrip("/")
    assert Site("http://10.1.2.3", allow_http=True).url == "http://10.1.2.3"


def test_a_token_that_would_break_the_header_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        Site("https://data.example.org", "line\nbreak")
    assert caught.value.key == "token-form"
    assert "line" not in str(caught.value)
