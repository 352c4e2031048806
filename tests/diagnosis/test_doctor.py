"""`govdata doctor` against sites that a transport plays: what is missing, what is odd, what fails."""

from __future__ import annotations

import base64
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from govdata import content
from govdata.cli.doctor import exit_code
from govdata.diagnosis.answers import Answer, Diagnosis, to_json
from govdata.diagnosis.examination import CHECKS, diagnose, look_at
from govdata.diagnosis.rights import claims_of
from govdata.diagnosis.subject import Asked
from govdata.diagnosis.views import diagnosis_text
from govdata.errors import SettingsError
from govdata.settings import read_settings
from govdata.targets import CkanTarget
from tests.cli.program import run

httpx = pytest.importorskip("httpx")

from govdata.publishing.ckan.site import Limits, Site  # noqa: E402

URL = "https://data.example.org"
PROVIDER = "113101990000000434"
ORGANISATION = f"org-{PROVIDER}"
FORM = {"dataset_fields": [{"field_name": "govdata_directory"}]}
ENTRY = f'信息资源名称: 停车场\n信息资源代码: "307001/000005"\n信息资源提供方代码: "{PROVIDER}"\n资源:\n  - 文件: a.csv\n'
NOW = 1_795_000_000

Played = Mapping[str, Any]
"""Action → its result, a function of what was sent, or an `httpx.Response`."""


def token(**claims: Any) -> str:
    """A token as CKAN makes them."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2lnbmF0dXJl"])


TOKEN = token(jti="a", iat=NOW)

DATASETS = [
    {"id": "1", "name": "parking", "title": "公共停车场名录信息", "notes": ""},
    {"id": "2", "name": "water", "title": "地表水质监测结果", "notes": ""},
]


def found_by(sent: Mapping[str, Any]) -> dict[str, Any]:
    """A search that finds every part of a title, and nothing else."""
    words, only = str(sent.get("q", "*:*")), re.search(r'\+(id|name):"(.*?)"', str(sent.get("fq", "")))
    hits = [item for item in DATASETS if (words == "*:*" or words in item["title"]) and (only is None or item[only[1]] == only[2])]
    return {"count": len(hits), "results": hits if sent.get("rows") else []}


def whole() -> dict[str, Any]:
    """A site that has everything."""
    return {
        "status_show": {"ckan_version": "2.12.0", "extensions": ["datastore", "govdata", "scheming_datasets", "dcat"]},
        "govdata_capabilities": {"version": "0.1.0", "datastore_switch": True, "state": True, "dcat": True, "limits": {"upload": 10}},
        "scheming_dataset_schema_show": FORM,
        "user_show": {"name": "publisher", "sysadmin": False},
        "organization_list_for_user": [{"name": ORGANISATION, "capacity": "editor"}],
        "organization_show": {"name": ORGANISATION, "state": "active"},
        "datastore_search": {"limit": 32000, "records": []},
        "package_search": found_by,
        "package_list": ["parking", "water"],
        "package_show": lambda sent: refusal(404, "Not Found Error") if str(sent["id"]).startswith("govdata-") else {"id": sent["id"]},
        "dcat_catalog_show": "@prefix …",
    }


def refusal(status: int, kind: str, **fields: Any) -> Any:
    """An error as CKAN says it."""
    return httpx.Response(status, json={"success": False, "error": {"__type": kind, "message": "no", **fields}})


def player(played: Played, ahead: float = 0) -> Callable[[Any], Any]:
    """A site whose clock is ahead by so many seconds; what it does not play, it does not know."""

    def play(request: Any) -> Any:
        action = request.url.path.rpartition("/")[2]
        assert not re.search("create|update|patch|revise|delete|upsert|purge|switch", action), "doctor never writes"
        result = played.get(action, httpx.Response(400, json=f"Bad request: Action name not known: {action}"))
        result = result(json.loads(request.content)) if callable(result) else result
        if not isinstance(result, httpx.Response):
            result = httpx.Response(200, json={"success": True, "result": result})
        result.headers["Date"] = formatdate(time.time() + ahead, usegmt=True)
        return result

    return play


def looked(folder: Path, handler: Callable[[Any], Any], *, secret: str = TOKEN, more: str = "", **target: Any) -> Diagnosis:
    """What the doctor says of a site, for a directory of one dataset."""
    folder.mkdir(exist_ok=True)
    (folder / "govdata.toml").write_text(f'directory = "6f0f7c1e-5a0b-4d5e-9c1a-310199000000"\n{more}', encoding="utf-8")
    (folder / "parking").mkdir(exist_ok=True)
    (folder / "parking" / "entry.yaml").write_text(ENTRY, encoding="utf-8")
    found = {}
    for language in ("zh-CN", "en"):
        asked = Asked(
            CkanTarget("open", URL, "internet", "TOKEN_OF_OPEN", **target),
            read_settings(folder, {"language": language}),
            folder,
            secret,
            "",
        )
        site = Site(URL, secret, transport=httpx.MockTransport(handler), sleep=lambda pause: None, limits=Limits(tries=2))
        found[language] = look_at(site, asked)
        shown = "\n".join(diagnosis_text(found[language], language))
        assert not re.search(r"[{}]", shown), shown
        assert not secret or secret not in shown + json.dumps(to_json(found[language]))
        jsonschema.validate(to_json(found[language]), content.load("schemas/diagnosis.schema.json"))
    assert [(item.check, item.state) for item in found["en"].answers] == [(item.check, item.state) for item in found["zh-CN"].answers]
    return found["en"]


def states(diagnosis: Diagnosis) -> dict[str, str]:
    """Check → its state; of several, the one that is not good."""
    return {item.check: item.state for item in sorted(diagnosis.answers, key=lambda item: item.state != "good")}


def of(diagnosis: Diagnosis, check: str) -> Answer:
    """The answer of a check; of several, the first that is not good."""
    return sorted((item for item in diagnosis.answers if item.check == check), key=lambda item: item.state == "good")[0]


def test_a_site_that_has_everything(tmp_path: Path) -> None:
    found = looked(tmp_path, player(whole()))
    assert set(states(found).values()) == {"good"}, list(diagnosis_text(found, "en"))
    assert {name for name, _ in CHECKS} <= set(states(found))
    assert exit_code(found) == 0


def test_a_stock_site_loses_and_is_not_wrong(tmp_path: Path) -> None:
    plain = whole() | {"status_show": {"ckan_version": "2.12.0", "extensions": ["datastore"]}}
    plain["package_search"] = lambda sent: found_by(sent) if sent.get("q", "*:*") == "*:*" else {"count": 0, "results": []}
    found = looked(tmp_path, player(plain))
    lost = [check for check, state in states(found).items() if state == "lost"]
    assert sorted(lost) == ["dcat", "form", "plugin", "search", "way"]
    assert "extras only" in of(found, "form").message
    assert "no Chinese search" in of(found, "search").message
    assert "links change" in of(found, "way").message
    assert all(item.help for item in found.answers if item.state == "lost")
    assert exit_code(found) == 0


@pytest.mark.parametrize(
    ("changed", "check", "state", "said"),
    [
        ({"status_show": {"ckan_version": "2.9.11", "extensions": []}}, "version", "wrong", "too old"),
        ({"status_show": {"ckan_version": "2.13.0a", "extensions": []}}, "version", "unknown", "not tried"),
        ({"status_show": {"extensions": []}}, "version", "unknown", "not tried"),
        ({"status_show": {"ckan_version": "2.12.0", "extensions": []}}, "datastore", "lost", "as files"),
        ({"status_show": {"ckan_version": "2.12.0", "extensions": ["activity"]}}, "activity", "lost", "stay readable"),
        ({"govdata_capabilities": {"version": "9.0", "limits": {}}}, "plugin", "wrong", "9.0 on the site"),
        ({"govdata_capabilities": {"version": "9.0", "limits": {}}}, "upload", "unknown", "cannot be seen"),
        ({"govdata_capabilities": refusal(400, "?")}, "plugin", "wrong", "does not answer"),
        ({"scheming_dataset_schema_show": {"dataset_fields": [{"field_name": "theme"}]}}, "form", "lost", "another one"),
        ({"user_show": refusal(404, "Not Found Error")}, "token", "wrong", "does not know it"),
        ({"organization_list_for_user": []}, "rights", "wrong", "can only read"),
        ({"organization_list_for_user": []}, "organisations", "wrong", "not an editor of"),
        ({"organization_show": refusal(404, "Not Found Error")}, "organisations", "unknown", "by default only sysadmins"),
        ({"organization_show": {"name": ORGANISATION, "state": "deleted", "extras": []}}, "organisations", "wrong", "deleted"),
        ({"datastore_search": refusal(500, "Internal Server Error", message="no permission")}, "datastore", "wrong", "a query fails"),
        ({"dcat_catalog_show": refusal(500, "Internal Server Error")}, "dcat", "wrong", "catalog fails"),
        ({"dcat_catalog_show": refusal(403, "Authorization Error")}, "dcat", "unknown", "may not ask"),
        ({"package_list": ["parking", "water", "new"]}, "unindexed", "wrong", "new"),
        ({"package_search": {"count": 0, "results": []}}, "search", "unknown", "not tried"),
    ],
)
def test_what_is_missing_or_wrong(tmp_path: Path, changed: Played, check: str, state: str, said: str) -> None:
    found = looked(tmp_path, player(whole() | changed))
    assert (of(found, check).state, found.failed) == (state, False), list(diagnosis_text(found, "en"))
    assert said in of(found, check).message
    assert exit_code(found) == (1 if "wrong" in states(found).values() else 0)


def test_a_large_file(tmp_path: Path) -> None:
    (tmp_path / "parking").mkdir()
    with (tmp_path / "parking" / "a.csv").open("wb") as file:
        file.truncate((10 << 20) + 1)
    found = of(looked(tmp_path, player(whole())), "upload")
    assert (found.state, found.facts["file"], found.facts["largest"], found.facts["most"]) == ("wrong", "parking/a.csv", 11, 10)


def test_search_that_finds_too_much(tmp_path: Path) -> None:
    def any_word(sent: Mapping[str, Any]) -> dict[str, Any]:
        words = str(sent.get("q", "*:*"))
        return found_by({**sent, "q": words[:3] if found_by({**sent, "q": words[:3]})["count"] else words})

    found = of(looked(tmp_path, player(whole() | {"package_search": any_word})), "search")
    assert (found.state, found.facts["example"]) == ("lost", "车场名水质监")
    missing_one = lambda sent: {"count": 0, "results": []} if sent.get("q") == "水质监" else found_by(sent)  # noqa: E731
    found = of(looked(tmp_path, player(whole() | {"package_search": missing_one})), "search")
    assert (found.state, found.facts["missed"], found.facts["tried"]) == ("lost", 1, 2)


def test_ghosts(tmp_path: Path) -> None:
    """A ghost by another name, and one that has the name of a dataset that was made again."""
    indexed = [*DATASETS, {"id": "3", "name": "gone"}, {"id": "4", "name": "water"}]

    def search(sent: Mapping[str, Any]) -> dict[str, Any]:
        start = int(sent.get("start") or 0)
        return {"count": 4, "results": indexed[start : start + 3]} if sent.get("fl") else found_by(sent)

    def show(sent: Mapping[str, Any]) -> Any:
        return {"id": sent["id"]} if sent["id"] in ("1", "2") else refusal(404, "Not Found Error")

    found = looked(tmp_path, player(whole() | {"package_search": search, "package_show": show}))
    assert (of(found, "ghosts").state, of(found, "ghosts").facts["datasets"]) == ("wrong", ["gone", "water"])
    assert "clear-orphans" in of(found, "ghosts").help


def test_shadows_left_over(tmp_path: Path) -> None:
    def show(sent: Mapping[str, Any]) -> Any:
        old, fresh = (
            {"id": name, "govdata_run": "other", "metadata_modified": when} for name, when in (("a", "2020-01-01T00:00:00"), fresh_one)
        )
        return {"id": "h", "state": "active", "resources": [old, fresh]} if str(sent["id"]).startswith("govdata-") else {"id": sent["id"]}

    fresh_one = ("b", time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()))
    found = of(looked(tmp_path, player(whole() | {"package_show": show})), "shadows")
    assert (found.state, found.facts["count"], found.facts["resources"], found.facts["live"]) == ("wrong", 1, ["a"], 1)


@pytest.mark.parametrize(("ahead", "state"), [(0, "good"), (30, "good"), (200, "wrong"), (-4000, "wrong")])
def test_clock(tmp_path: Path, ahead: float, state: str) -> None:
    found = of(looked(tmp_path, player(whole(), ahead)), "clock")
    assert found.state == state
    assert abs(found.facts["seconds"] - abs(ahead)) <= 2


def test_no_token(tmp_path: Path) -> None:
    found = looked(tmp_path, player(whole()), secret="")
    assert of(found, "token").state == "wrong"
    assert "TOKEN_OF_OPEN" in of(found, "token").help
    assert (of(found, "rights").state, of(found, "organisations").state, exit_code(found)) == ("unknown", "unknown", 1)


@pytest.mark.parametrize(
    ("secret", "state"),
    [
        (token(jti="a"), "good"),
        (token(jti="a", exp=time.time() + 86400 * 400), "good"),
        (token(jti="a", exp=time.time() + 86400 * 3), "wrong"),
        (token(jti="a", exp=1e300), "good"),
        (token(jti="a", exp="soon"), "good"),
        ("1f0c6b1e-9f1c-4d0f-8f2e-000000000000", "unknown"),
        ("a.b.c", "unknown"),
        ("a.W10.c", "unknown"),
    ],
    ids=["endless", "in a year", "soon", "never", "no date", "no jwt", "no base64", "no mapping"],
)
def test_end_of_the_token(tmp_path: Path, secret: str, state: str) -> None:
    assert of(looked(tmp_path, player(whole()), secret=secret), "expiry").state == state


def test_claims_are_read_only_where_they_are_claims() -> None:
    assert claims_of(token(jti="a", exp=5)) == {"jti": "a", "exp": 5}
    assert claims_of("a.b") is None


def test_organisations_that_the_settings_name(tmp_path: Path) -> None:
    played = whole() | {"organization_show": refusal(404, "Not Found Error")}
    found = of(looked(tmp_path, player(played), organisations={PROVIDER: "jianguanwei"}), "organisations")
    assert (found.state, found.facts["organisations"]) == ("wrong", ["jianguanwei"])
    played["user_show"] = {"name": "admin", "sysadmin": True}
    made = of(looked(tmp_path, player(played)), "organisations")
    assert (made.state, made.facts["organisations"]) == ("good", [ORGANISATION])


def test_a_directory_without_an_id(tmp_path: Path) -> None:
    looked(tmp_path, player(whole()))
    (tmp_path / "govdata.toml").write_text("", encoding="utf-8")
    asked = Asked(CkanTarget("open", URL, "internet", "T"), read_settings(tmp_path, {"language": "en"}), tmp_path, TOKEN, "")
    site = Site(URL, TOKEN, transport=httpx.MockTransport(player(whole())))
    assert of(look_at(site, asked), "directory").state == "wrong"


def test_a_write_url_that_is_not_set_or_leads_nowhere(tmp_path: Path) -> None:
    played = whole() | {"status_show": {"ckan_version": "2.12.0", "extensions": ["datastore"]}}
    assert of(looked(tmp_path, player(played), datastore_url="WRITE_URL"), "way").state == "wrong"
    assert of(looked(tmp_path, player(whole()), datastore_url="WRITE_URL"), "way").state == "good", "with the plugin it is not needed"


def raised(error: Exception) -> Callable[[Any], Any]:
    """A connection that fails so."""

    def play(request: Any) -> Any:
        raise error

    return play


CERTIFICATE = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")
CERTIFICATE.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")


@pytest.mark.parametrize(
    ("handler", "kind", "said"),
    [
        (lambda request: httpx.Response(200, text="<html>Welcome</html>"), "not-ckan", "does not answer"),
        (lambda request: httpx.Response(404, text="<html>Not here</html>"), "not-ckan", "Check the address"),
        (lambda request: httpx.Response(200, json={"success": True, "result": []}), "not-ckan", "does not answer"),
        (lambda request: httpx.Response(302, headers={"Location": "https://login.example.org/"}), "redirect", "login.example.org"),
        (raised(CERTIFICATE), "certificate", "SSL_CERT_FILE"),
        (raised(httpx.ConnectError("refused")), "unavailable", URL),
        (raised(httpx.ReadTimeout("")), "unavailable", URL),
        (lambda request: httpx.Response(503, text="later"), "unavailable", URL),
        (lambda request: httpx.Response(403, text="<html>blocked</html>"), "not-allowed", URL),
    ],
)
def test_what_is_no_site_to_look_at(tmp_path: Path, handler: Callable[[Any], Any], kind: str, said: str) -> None:
    found = looked(tmp_path, handler)
    (told,) = found.answers
    assert (told.check, told.state, told.facts["kind"], exit_code(found)) == ("site", "wrong", kind, 4)
    assert said in told.message


@pytest.mark.parametrize("odd", [httpx.Response(500, text="oops"), {"count": "many"}, [], httpx.Response(200, text="<html>")])
def test_a_site_that_fails_half_way(tmp_path: Path, odd: Any) -> None:
    found = looked(tmp_path, player(whole() | {"package_search": odd}))
    assert {states(found)[name] for name in ("search", "ghosts")} == {"unknown"}
    assert states(found)["clock"] == "good", "the rest is looked at all the same"
    assert (found.failed, exit_code(found)) == (True, 4)


def test_http_and_unknown_targets_are_refused(tmp_path: Path) -> None:
    (tmp_path / "govdata.toml").write_text('[targets.ckan.open]\nurl = "http://data.example.org"\nzone = "internet"\n', encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        diagnose("ckan:open", tmp_path, "en")
    assert caught.value.key == "settings-http"


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "govdata.toml").write_text('[targets.ckan.open]\nurl = "http://127.0.0.1:9"\nzone = "internet"\n', encoding="utf-8")
    done = run("doctor", "ckan:open", tmp_path, "--format", "json", "--lang", "en")
    told = json.loads(done.stdout)
    assert (done.returncode, told["failed"], [item["check"] for item in told["answers"]]) == (4, True, ["site"])
    shown = run("doctor", "ckan:open", tmp_path, "--lang", "zh")
    assert (shown.returncode, "有误 · 网站：" in shown.stdout.decode()) == (4, True)
    assert run("doctor", "ckan:other", tmp_path).returncode == 2
    assert run("doctor", "ckan:open", tmp_path / "nowhere").returncode == 3
    assert run("doctor").returncode == 2


def test_every_text_of_an_answer_is_used_and_there() -> None:
    texts = set(content.compiled("messages")["doctor.yaml"])
    source = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "govdata" / "diagnosis").glob("*.py"))
    written = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', source))
    kept = {key.removesuffix("-help") for key in texts if not key.startswith(("check-", "state-"))} - {"help-line"}
    assert kept <= written | {"head", "line", "count", "counts", "interrupted"}
    assert {f"check-{name}" for name, _ in CHECKS} <= texts
