"""From a directory to the plan for a site that is played and has nothing yet."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

httpx = pytest.importorskip("httpx")

from govdata.publishing.ckan.mapping import Form  # noqa: E402
from govdata.publishing.ckan.preparing import Asked, Prepared, prepare  # noqa: E402
from govdata.publishing.ckan.site import Site  # noqa: E402
from govdata.publishing.ckan.state import Abilities  # noqa: E402
from govdata.publishing.ckan.tables import DataStore, table_of  # noqa: E402
from govdata.publishing.identity import told_apart  # noqa: E402
from govdata.publishing.planning import State, WantedResource, settled  # noqa: E402
from govdata.publishing.selection import directory_at, select  # noqa: E402
from govdata.values import Resource  # noqa: E402
from tests.targets.publishing import Directory  # noqa: E402


def play(request: Any) -> Any:
    """A site that has nothing."""
    action = request.url.path.rpartition("/")[2]
    if action.endswith("_show"):
        return httpx.Response(404, json={"success": False, "error": {"__type": "Not Found Error", "message": "?"}})
    return httpx.Response(200, json={"success": True, "result": {"count": 0, "results": []} if action == "package_search" else []})


def prepared(directory: Directory, language: str = "en", form: bool = True) -> Prepared:
    """What is to be done for an empty site with a DataStore."""
    _, settings = directory_at(directory.path, language)
    more = (Abilities("2.12.0", True, Form(form)), State({}), "api", lambda dataset, resource, item: table_of(resource, item, "en"))
    with Site("https://x.example.org", "t", transport=httpx.MockTransport(play)) as site:
        target: Any = settings.target("ckan:test")
        return prepare(site, select(directory.path, settings, "internet"), settings, target, Asked(), more)


def test_each_declaration_of_one_file_is_a_resource_with_its_own_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both had one id, with which no site takes a dataset, and the table of the last declaration."""
    directory = Directory(tmp_path, SimpleNamespace(url="https://x.example.org", token="t"))
    entry = directory.write(1) / "entry.yaml"
    head, resources, declared = entry.read_text(encoding="utf-8").partition("资源:\n")
    entry.write_text(head + resources + declared + declared.replace("类型: C, 长度: 6", "类型: I"), encoding="utf-8")
    found = prepared(directory)
    wanted = found.wanted[directory.code(1)]
    assert [item.key for item in wanted.resources] == ["停车场.csv", "停车场.csv#2"]
    assert len({number for number, _ in settled(wanted, None)}) == len({item.table for item in wanted.resources}) == 2

    loaded: list[Resource] = []
    monkeypatch.setattr(DataStore, "_loaded", lambda self, dataset, resource, standard, declared, sha256: loaded.append(declared))
    _, settings = directory_at(directory.path, "en")
    no_site: Any = None
    tables = DataStore(no_site, found, settings, "", "run")
    for item in wanted.resources:
        tables.load({"govdata_code": directory.code(1)}, "r", WantedResource(item.key, {}))
    assert [source.schema["fields"][0]["type"] for source in loaded if source.schema] == ["string", "integer"]


@pytest.mark.parametrize("form", [True, False])
def test_the_contact_person_goes_to_no_site(tmp_path: Path, form: bool) -> None:
    """The name stood on CKAN, where a static site leaves it out."""
    directory = Directory(tmp_path, SimpleNamespace(url="https://x.example.org", token="t"))
    entry = directory.write(1) / "entry.yaml"
    entry.write_text(entry.read_text(encoding="utf-8").replace("联系方式: {单位", "联系方式: {联系人: 张三, 单位"), encoding="utf-8")
    wanted = prepared(directory, form=form).wanted[directory.code(1)]
    assert "张三" not in str(wanted)
    assert wanted.fields["contact_phone"] == "021-00001004"


def test_what_is_published_is_the_same_whatever_language_a_run_has(tmp_path: Path) -> None:
    """On a site without our form a run in another language wrote all datasets again."""
    directory = Directory(tmp_path, SimpleNamespace(url="https://x.example.org", token="t"))
    entry = directory.write(1) / "entry.yaml"
    entry.write_text(entry.read_text(encoding="utf-8") + "service: {url: 'https://api.example.org/x'}\n", encoding="utf-8")
    code = directory.code(1)
    chinese = prepared(directory, "zh-CN", form=False).wanted[code]
    assert prepared(directory, "en", form=False).wanted[code].digest == chinese.digest
    assert chinese.fields["update_cycle"] == "每年"
    settings = directory.path / "govdata.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("[targets.ckan.test]\n", '[targets.ckan.test]\nlanguage = "en"\n'))
    english = prepared(directory, "zh-CN", form=False).wanted[code]
    assert (english.fields["update_cycle"], english.resources[-1].fields["name"]) == ("Yearly", "Service")


def test_a_file_that_is_called_as_the_link_is_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Both had one id, with which no site takes a dataset."""
    directory = Directory(tmp_path, SimpleNamespace(url="https://x.example.org", token="t"))
    entry = directory.write(1) / "entry.yaml"
    more = "  - {文件: service, 格式: csv}\nservice: {url: 'https://api.example.org/x', type: API}\n"
    entry.write_text(entry.read_text(encoding="utf-8") + more, encoding="utf-8")
    (entry.parent / "service").write_text("编号\n000001\n", encoding="utf-8")
    wanted = prepared(directory).wanted[directory.code(1)]
    assert [item.key for item in wanted.resources] == ["停车场.csv", "service", "service#2"]


@pytest.mark.parametrize(
    ("keys", "apart"),
    [
        ("a b c", "a b c"),
        ("a a b a", "a a#2 b a#3"),
        ("a a#2 a", "a a#2 a#3"),
        ("a a a#2", "a a#2 a#2#2"),
    ],
)
def test_keys_that_are_alike_are_told_apart(keys: str, apart: str) -> None:
    assert told_apart(keys.split()) == apart.split()


@pytest.mark.parametrize(("form", "maintainer"), [(True, None), (False, "云间区建管委信息科")])
def test_the_contact_office_is_not_told_as_the_maintainer_of_the_metadata(tmp_path: Path, form: bool, maintainer: str | None) -> None:
    """Where the site has our form, CKAN's `maintainer` is an element of the entry."""
    directory = Directory(tmp_path, SimpleNamespace(url="https://x.example.org", token="t"))
    directory.write(1)
    assert prepared(directory, form=form).wanted[directory.code(1)].fields.get("maintainer") == maintainer
