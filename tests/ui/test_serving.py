"""The page's server: only for the page itself, only with the token, and within limits."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
import time
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from govdata.messages import LANGUAGES
from govdata.ui import entries, routes, sessions
from govdata.ui.pages import POLICY
from govdata.ui.serving import TOKEN, Handler
from govdata.ui.sessions import Limits
from tests.ui.server import ENTRY, FILES, TABLE, Page, running


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with running(tmp_path) as found:
        yield found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_needs_no_token_and_holds_none(page: Page, language: str) -> None:
    answer = page.ask("GET", f"/{language}/")
    assert (answer.status, answer.headers["content-security-policy"]) == (200, POLICY)
    assert answer.headers["cache-control"] == "no-store"
    assert page.session.token.encode() not in answer.body
    assert b"set-cookie" not in str(answer.headers).lower().encode()
    assert page.ask("GET", "/").headers["location"] == "/zh-CN/"
    for part in ("/ui.css", "/ui.js", "/icon.svg"):
        assert page.ask("GET", part).status == 200


def test_the_body_of_an_answer_does_not_wait_for_the_word_that_its_head_has_come(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    sent_at_once = []
    original = Handler.handle

    def handle(handler: Handler) -> None:
        sent_at_once.append(handler.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        original(handler)

    monkeypatch.setattr(Handler, "handle", handle)
    assert page.ask("GET", "/icon.svg").status == 200
    assert sent_at_once
    assert all(sent_at_once)


def test_every_address_of_the_page_is_its_own(page: Page) -> None:
    body = page.ask("GET", "/en/").body.decode() + page.ask("GET", "/ui.js").body.decode() + page.ask("GET", "/ui.css").body.decode()
    assert re.findall(r"https?://|url\(|@import|innerHTML|eval\(", body) == []


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost", "", "127.0.0.1.evil.example"])
@pytest.mark.parametrize("path", ["/zh-CN/", "/api/works", "/ui.js"])
def test_other_names_for_this_machine_are_not_answered(page: Page, host: str, path: str) -> None:
    assert page.ask("GET", path, {"Host": host, TOKEN: page.session.token}).status == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", "http://localhost"])
def test_another_site_is_refused_even_with_the_token(page: Page, origin: str) -> None:
    headers = {"Origin": origin, TOKEN: page.session.token, "Content-Type": "application/json"}
    assert page.ask("POST", "/api/works", headers, b"{}").status == 403
    assert page.session.works == {}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_browser_says_is_heard(page: Page, site: str) -> None:
    headers = {"Sec-Fetch-Site": site, TOKEN: page.session.token, "Content-Type": "application/json"}
    assert page.ask("POST", "/api/works", headers, b"{}").status == 403
    work = page.begin(FILES)
    key = page.check(work)["outcome"]["key"]
    assert page.ask("GET", f"/check/{key}/report.html", {"Sec-Fetch-Site": site}).status == 404
    assert page.ask("GET", f"/check/{key}/report.html", {"Sec-Fetch-Site": "same-origin"}).status == 200


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_nothing_without_the_token(page: Page, token: str) -> None:
    work = page.begin(FILES)
    for method, path in [("POST", "works"), ("GET", f"works/{work}"), ("DELETE", f"works/{work}"), ("PUT", f"works/{work}/files?name=a")]:
        headers = {TOKEN: token, "Content-Type": "application/json"}
        answer = page.ask(method, f"/api/{path}", {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}, b"{}")
        assert answer.status == 403
        assert answer.json["error"]
    assert list(page.session.works) == [work]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_a_simple_form_of_another_page_does_nothing(page: Page, kind: str) -> None:
    assert page.ask("POST", "/api/works", {"Content-Type": kind}, b"{}").status == 403
    assert page.ask("POST", "/api/works", {"Content-Type": kind, TOKEN: page.session.token}, b"{}").status == 400
    assert page.session.works == {}


def test_the_browsers_address_opens_once(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(once: str) -> int:
        return page.ask("POST", "/api/open", {"Content-Type": "application/json"}, json.dumps({"once": once}).encode()).status

    once = page.session.one_use()
    assert [opened(once), opened(once), opened("")] == [200, 403, 403]
    monkeypatch.setattr(sessions, "ONCE", -1)
    assert opened(page.session.one_use()) == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/zh-CN/", 405),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/check/x/report.html", 404),
        ("PUT", "/api/works", 404),
        ("GET", "/api/works/x/entries/0", 409),
        ("GET", "/api/works/x", 409),
        ("OPTIONS", "/api/works", 501),
        ("GET", "*", 404),
        ("GET", "ftp://[/x", 404),
    ],
)
def test_what_is_not_there(page: Page, method: str, path: str, status: int) -> None:
    assert page.ask(method, path, {TOKEN: page.session.token, "Content-Type": "application/json"}, b"{}").status == status


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_cannot_be_read_is_refused(page: Page, body: bytes) -> None:
    answer = page.ask("POST", "/api/works", {TOKEN: page.session.token, "Content-Type": "application/json"}, body)
    assert answer.status == 400
    assert answer.json["error"]


def test_a_folder_is_checked_and_its_report_shown(page: Page) -> None:
    work = page.begin(FILES)
    told = page.check(work)
    outcome = told["outcome"]
    assert (told["state"], outcome["verdict"], [dataset["path"] for dataset in outcome["datasets"]]) == ("done", "fail", ["停车场"])
    assert outcome["datasets"][0]["editable"]
    shown = page.ask("GET", f"/check/{outcome['key']}/report.html")
    assert "style-src 'sha256-" in shown.headers["content-security-policy"]
    assert "script" not in shown.headers["content-security-policy"]
    assert "十" in shown.body.decode()
    kept = page.ask("GET", f"/check/{outcome['key']}/report.html?keep")
    assert kept.headers["content-disposition"].startswith("attachment")
    assert kept.body == shown.body


def test_a_table_alone_is_checked(page: Page) -> None:
    told = page.check(page.begin({"停车场.csv": TABLE.encode()}))
    assert (told["state"], told["outcome"]["datasets"][0]["editable"]) == ("done", False)


def test_tables_without_an_entry_are_told_in_words_for_the_page(page: Page) -> None:
    """No path of our own, and no command that would be given to it."""
    work = page.begin({"一.csv": TABLE.encode(), "二.csv": TABLE.encode()})
    told = page.check(work)
    assert told["state"] == "failed"
    assert "一次选择一张" in told["error"]
    assert page.session.folder.name not in told["error"]


def test_what_was_not_checked_is_counted_beside_the_verdict(page: Page) -> None:
    outcome = page.check(page.begin({"单表.csv": TABLE.encode()}))["outcome"]
    assert (outcome["verdict"], outcome["unchecked"]) == ("pass", 1)


def test_files_without_a_folder_are_a_dataset(page: Page) -> None:
    told = page.check(page.begin({name.partition("/")[2]: data for name, data in FILES.items()}))
    assert told["outcome"]["datasets"][0]["editable"]
    assert told["outcome"]["verdict"] == "fail"


def test_the_report_speaks_the_pages_language(page: Page) -> None:
    work = page.begin(FILES)
    assert page.check(work, "en")["outcome"]["language"] == "en"
    key = page.check(work, "en")["outcome"]["key"]
    assert 'lang="en"' in page.ask("GET", f"/check/{key}/report.html").body.decode()


@pytest.mark.parametrize("several", [False, True])
def test_the_marked_workbook_is_kept(page: Page, several: bool) -> None:
    """One as it is, several in one archive; made anew it is the same."""
    more = {"车库/entry.yaml": ENTRY.encode(), "车库/停车场.csv": TABLE.encode()} if several else {}
    work = page.begin({**FILES, **more})
    key = page.check(work)["outcome"]["key"]
    assert page.ask("GET", f"/check/{key}/marked").status == 404
    for _ in range(2):
        made = page.api("POST", f"works/{work}/marked").json["files"]
        assert made == ["停车场.csv.标注.xlsx"] * (2 if several else 1)
    kept = page.ask("GET", f"/check/{key}/marked")
    assert kept.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(kept.body)) as archive:
        names = archive.namelist()
        assert ("[Content_Types].xml" in names) is not several
        assert sum(name.endswith(".标注.xlsx") for name in names) == (2 if several else 0)


def test_what_could_not_be_marked_is_told(page: Page, tmp_path: Path) -> None:
    """Nothing to mark is not the same as a file that somebody has changed since."""
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    work = page.api("POST", "works", path=str(tmp_path / "停车场")).json["id"]
    page.check(work)
    with (tmp_path / "停车场/停车场.csv").open("a", encoding="utf-8") as file:
        file.write("A3,3\n")
    told = page.api("POST", f"works/{work}/marked").json
    assert told["files"] == []
    assert "改动" in told["left"][0]


def test_marked_workbooks_are_made_and_kept_at_once(page: Page) -> None:
    """Each answer is whole, whoever else asks for the same: two pages may show one work."""
    work = page.begin({f"{name}/{file.partition('/')[2]}": data for name in "甲乙丙丁" for file, data in FILES.items()})
    key = page.check(work)["outcome"]["key"]
    page.api("POST", f"works/{work}/marked")
    told: list[object] = []

    def make() -> None:
        told.extend(page.api("POST", f"works/{work}/marked").status for _ in range(3))

    def keep() -> None:
        for _ in range(6):
            with zipfile.ZipFile(io.BytesIO(page.ask("GET", f"/check/{key}/marked").body)) as archive:
                told.append((len(archive.namelist()), archive.testzip()))

    threads = [threading.Thread(target=each) for each in (make, keep, make, keep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(told) == {200: 6, (4, None): 12}


def test_an_entry_is_changed_and_keeps_what_was_not(page: Page) -> None:
    work = page.begin(FILES)
    first = page.check(work)["outcome"]
    form = page.api("GET", f"works/{work}/entries/0?language=zh-CN").json
    missing = [problem for problem in form["problems"] if problem["place"] == ["description"]]
    assert [problem["severity"] for problem in missing] == ["error"]
    values = {**form["values"], "description": "名称、地址和泊位数", "updateCycle": "yearly"}
    saved = page.api("PUT", f"works/{work}/entries/0", values=values, digest=form["digest"], language="zh-CN").json
    assert (saved["changed"], saved["whole"], saved["lost"]) == (True, False, [])
    told = page.check(work)["outcome"]
    assert told["totals"]["error"] < first["totals"]["error"]
    kept = page.ask("GET", f"/check/{told['key']}/entry/0")
    expected = ENTRY.replace("更新周期: 每月", "更新周期: 每年").replace("共享属性:", "信息资源摘要: 名称、地址和泊位数\n共享属性:")
    assert kept.body.decode() == expected
    assert "entry.yaml" in kept.headers["content-disposition"]
    assert page.ask("GET", f"/check/{first['key']}/entry/0").status == 404


def test_folders_of_one_name_inside_each_other_keep_their_own_entries(page: Page) -> None:
    inner = ENTRY.replace("徐汇区公共停车场", "里面的").replace("000012", "000013").encode()
    work = page.begin({**FILES, "停车场/停车场/entry.yaml": inner, "停车场/停车场/停车场.csv": FILES["停车场/停车场.csv"]})
    outcome = page.check(work)["outcome"]
    assert [dataset["path"] for dataset in outcome["datasets"]] == ["停车场", "停车场"]
    forms = [page.api("GET", f"works/{work}/entries/{number}").json for number in (0, 1)]
    assert [form["values"]["title"] for form in forms] == ["徐汇区公共停车场", "里面的"]
    page.api("PUT", f"works/{work}/entries/1", digest=forms[1]["digest"], values=forms[1]["values"] | {"title": "改过的"})
    folder = page.session.works[work].sent / "停车场"
    assert (folder / "entry.yaml").read_bytes() == FILES["停车场/entry.yaml"]
    assert "改过的" in (folder / "停车场/entry.yaml").read_text("utf-8")


def test_an_entry_that_changed_meanwhile_is_not_overwritten(page: Page) -> None:
    work = page.begin(FILES)
    page.check(work)
    form = page.api("GET", f"works/{work}/entries/0").json
    one, two = ({**form["values"], "title": title} for title in ("甲", "乙"))
    assert page.api("PUT", f"works/{work}/entries/0", values=one, digest=form["digest"]).status == 200
    refused = page.api("PUT", f"works/{work}/entries/0", values=two, digest=form["digest"])
    assert refused.status == 409
    assert "entry.yaml" in refused.json["error"]
    assert page.api("GET", f"works/{work}/entries/0").json["values"]["title"] == "甲"


def test_two_windows_with_one_folder_do_not_overwrite_each_other(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "停车场"
    folder.mkdir()
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    works = [page.api("POST", "works", path=str(folder)).json["id"] for _ in range(2)]
    forms = []
    for work in works:
        page.check(work)
        forms.append(page.ask("GET", f"/api/works/{work}/entries/0", {TOKEN: page.session.token}).json)
    made = entries.rewrite
    monkeypatch.setattr(entries, "rewrite", lambda *given: (time.sleep(0.3), made(*given))[1])
    answers: list[tuple[int, bool]] = []

    def save(number: int) -> None:
        values = forms[number]["values"] | {"title": f"窗口 {number}"}
        answer = page.api("PUT", f"works/{works[number]}/entries/0", digest=forms[number]["digest"], values=values)
        answers.append((answer.status, "写不了" in answer.body.decode()))

    threads = [threading.Thread(target=save, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(200, False), (409, False)]


def test_a_full_disk_is_told_where_workbooks_are_packed(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    told = page.check(page.begin(FILES))

    def full(work: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(routes, "packed", full)
    answer = page.ask("GET", f"/check/{told['outcome']['key']}/marked")
    assert answer.status == 409
    assert answer.json["error"]


def test_a_path_is_checked_where_it_is_and_only_its_entry_is_written(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "原 处"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name.partition("/")[2]).write_bytes(data)
    work = page.api("POST", "works", path=f' "{folder}" ').json["id"]
    assert page.check(work)["place"] == str(folder)
    form = page.api("GET", f"works/{work}/entries/0").json
    page.api("PUT", f"works/{work}/entries/0", values={**form["values"], "title": "新名称"}, digest=form["digest"])
    assert sorted(path.name for path in folder.iterdir()) == ["entry.yaml", "停车场.csv"]
    assert (folder / "entry.yaml").read_text("utf-8") == ENTRY.replace("徐汇区公共停车场", "新名称")
    page.api("DELETE", f"works/{work}")
    assert (folder / "停车场.csv").read_text("utf-8") == TABLE


@pytest.mark.parametrize("path", ["没有", "/没有/这个", "entry.yaml", "\0"])
def test_a_path_that_is_not_there(page: Page, path: str) -> None:
    answer = page.api("POST", "works", path=path)
    assert answer.status == 409
    assert answer.json["error"]


def test_a_link_is_not_written_through(page: Page, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text(ENTRY, encoding="utf-8")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "entry.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    work = page.api("POST", "works", path=str(folder)).json["id"]
    told = page.check(work)
    assert not any(dataset["editable"] for dataset in told["outcome"]["datasets"])


@pytest.mark.parametrize("name", ["../../../evil.csv", "/etc/evil.csv", "a\\..\\..\\evil.csv", "a\nb%,;:.csv", "\u202e表😀.csv", "CON.csv"])
def test_hostile_names_stay_inside(page: Page, tmp_path: Path, name: str) -> None:
    before = set(tmp_path.parent.iterdir())
    work = page.begin({name: TABLE.encode(), "entry.yaml": ENTRY.encode()})
    told = page.check(work)
    assert told["state"] == "done"
    assert set(tmp_path.parent.iterdir()) == before
    sent = page.session.works[work].sent
    assert [path.read_bytes() for path in sent.rglob("*.csv")] == [TABLE.encode()]
    page.ask("GET", f"/check/{told['outcome']['key']}/report.html").body.decode()


def test_of_two_files_with_one_name_none_is_lost(page: Page) -> None:
    work = page.begin({"a/../x.csv": b"1", "./a/x.csv": b"2", "a/x.csv/y.csv": b"3"})
    assert len([path for path in page.session.works[work].sent.rglob("*") if path.is_file()]) == 3
    assert page.check(work)["renamed"]


def test_hidden_files_are_left_out(page: Page) -> None:
    work = page.api("POST", "works").json["id"]
    assert page.send(work, "a/.DS_Store", b"x").json == {"kept": False}
    assert page.send(work, "a/" * 30 + "b.csv", b"x").json == {"kept": False}
    assert page.api("GET", f"works/{work}").json["left"] == 2  # known to the page also after it was opened anew
    assert page.api("POST", f"works/{work}/check").status == 409


@pytest.mark.parametrize(
    ("limits", "files"),
    [
        (Limits(file=10), [b"x" * 11]),
        (Limits(files=2), [b"", b"", b""]),
        (Limits(session=10), [b"x" * 6] * 2),
        (Limits(free=1 << 60), [b""]),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, files: list[bytes]) -> None:
    with running(tmp_path, limits) as page:
        work = page.api("POST", "works").json["id"]
        *fit, last = [page.send(work, f"{number}.csv", data) for number, data in enumerate(files)]
        assert [answer.status for answer in fit] == [200] * len(fit)
        assert last.status == 409
        assert last.json["error"]
        assert len(list(page.session.works[work].sent.rglob("*.csv"))) == len(fit)


def test_a_large_file_that_is_not_taken_is_told_and_not_cut_off(tmp_path: Path) -> None:
    # A browser that is still sending when the connection ends says that the program does not answer.
    with running(tmp_path, Limits(session=1000)) as page:
        work = page.api("POST", "works").json["id"]
        large = bytes(20 << 20)
        refused = page.send(work, "a.csv", large)
        assert (refused.status, "按路径检查" in refused.json["error"]) == (409, True)
        assert page.send(work, ".git/objects/pack", large).json == {"kept": False}


def test_settings_above_the_temporary_folder_do_not_count(tmp_path: Path) -> None:
    accept = 'rule = "table/type-error"\ndataset = "*"\nreason = "x"\nby = "y"\nuntil = 2999-01-01\n'
    (tmp_path / "govdata.toml").write_text(f"[[accept]]\n{accept}", encoding="utf-8")
    folder = tmp_path / "govdata-ui-x"
    folder.mkdir()
    with running(folder) as page:
        alone = page.check(page.begin(FILES))["outcome"]
        assert (alone["verdict"], alone["totals"]["error"]) == ("fail", 2)
        own = page.check(
            page.begin({f"目录/{name}": data for name, data in FILES.items()} | {"目录/govdata.toml": f"[[accept]]\n{accept}".encode()})
        )
        assert own["outcome"]["totals"]["error"] == 1


def test_a_file_that_breaks_off_is_not_kept(page: Page) -> None:
    work = page.api("POST", "works").json["id"]
    with socket.create_connection(("127.0.0.1", page.port)) as line:
        head = f"PUT /api/works/{work}/files?name=a.csv HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n{TOKEN}: {page.session.token}\r\n"
        line.sendall(f"{head}Content-Length: 100\r\n\r\nabc".encode())
        line.shutdown(socket.SHUT_WR)
        assert line.recv(20).startswith(b"HTTP/1.1 409")
    assert not list(page.session.works[work].sent.rglob("*.csv"))


def test_two_checks_at_once_take_turns(page: Page) -> None:
    works = [page.begin(FILES) for _ in range(3)]
    told: list[str] = []
    threads = [threading.Thread(target=lambda work=work: told.append(page.check(work)["state"])) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["done"] * 3


def test_a_check_can_be_stopped(page: Page) -> None:
    work = page.begin({"大.csv": ("编号,泊位数\n" + "A1,12\n" * 300_000).encode()})
    page.session.turn.acquire()
    page.api("POST", f"works/{work}/check")
    page.api("POST", f"works/{work}/stop")
    page.session.turn.release()
    assert page.check(work)["state"] in ("stopped", "done")
    assert page.check(work)["state"] == "done"


def test_who_stops_does_not_wait_for_the_check_of_another(page: Page) -> None:
    work = page.begin(FILES)
    with page.session.turn:
        told = page.api("POST", f"works/{work}/check").json
        page.api("POST", f"works/{work}/stop")
        page.session.works[work].wait(told["version"], 5)
        assert page.session.works[work].state == "stopped"
    assert page.check(work)["state"] == "done"


def test_an_entry_that_cannot_be_read_is_told(page: Page) -> None:
    work = page.begin({"d/entry.yaml": "甲: [\n".encode(), "d/a.csv": b"a\n1\n"})
    page.check(work)
    answer = page.api("GET", f"works/{work}/entries/0")
    assert answer.status == 409
    assert "entry.yaml" in answer.json["error"]


@pytest.mark.parametrize(
    "values",
    [
        *(None, [], "x", {"title": {"a": 1}}, {"title": 1}, {"fields": "x"}, {"resources": [1]}),
        *({"publisher": 1}, {"publisher": "x"}, {"contact": "x"}, {"keywords": [{}]}, {"other": ""}, {"@from": 1}),
        *({"title": "\ud800"}, {"contact": {"phone": "\udcff"}}),
    ],
)
def test_values_of_another_shape_break_nothing(page: Page, values: object) -> None:
    work = page.begin(FILES)
    page.check(work)
    form = page.api("GET", f"works/{work}/entries/0").json
    answer = page.api("PUT", f"works/{work}/entries/0", values=values, digest=form["digest"])
    assert answer.status == 409
    assert page.api("GET", f"works/{work}/entries/0").json["digest"] == form["digest"]


def test_a_work_that_ends_takes_its_files_with_it(page: Page) -> None:
    work = page.begin(FILES)
    folder = page.session.works[work].folder
    assert folder.is_dir()
    page.api("DELETE", f"works/{work}")
    assert not folder.exists()
    assert page.api("GET", f"works/{work}").status == 409


def test_a_large_file_goes_to_the_disk_as_it_comes(page: Page) -> None:
    work = page.api("POST", "works").json["id"]
    size = 200 << 20
    head = f"PUT /api/works/{work}/files?name=a.csv HTTP/1.1\r\nHost: 127.0.0.1:{page.port}\r\n{TOKEN}: {page.session.token}\r\n"
    tracemalloc.start()
    with socket.create_connection(("127.0.0.1", page.port)) as line:
        line.sendall(f"{head}Content-Length: {size}\r\n\r\n".encode())
        for _ in range(size >> 20):
            line.sendall(b"a" * (1 << 20))
        assert line.recv(20).startswith(b"HTTP/1.1 200")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (file,) = page.session.works[work].sent.iterdir()
    assert file.stat().st_size == size
    assert peak < 20 << 20
