"""The entry's schema in a real YAML language server, as an editor speaks with it: completion, hover, what is underlined."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from govdata import content
from govdata.editors import FILE, editor_schema, written
from tests.browsers import with_modules

pytestmark = pytest.mark.service

HERE = Path(__file__).parent
DEMO = content.root() / "catalog/demo/right"


class Editor:
    """As much of an editor as is needed: messages of the Language Server Protocol over the server's standard streams."""

    def __init__(self, command: list[str], folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder, self.settings, self.number = folder, settings, 0
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        capabilities = {
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True}},
                "hover": {"contentFormat": ["plaintext", "markdown"]},
            },
            "workspace": {"configuration": True},
        }
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities})
        self.send({"method": "initialized", "params": {}})
        self.send({"method": "workspace/didChangeConfiguration", "params": {"settings": settings}})

    def send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The next message; what the server asks of an editor is answered, diagnostics are kept."""
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.decode().partition(":")
            length = int(value) if name.lower() == "content-length" else length
        assert length, "the language server ended"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            wanted = [self.settings.get(item["section"], {}) for item in message["params"]["items"]]
            self.send({"id": message["id"], "result": wanted})
        elif "method" in message and "id" in message:
            self.send({"id": message["id"], "result": None})
        return message

    def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while (message := self.receive()).get("id") != self.number or "method" in message:
            pass
        assert "error" not in message, message
        return message["result"]

    def open(self, name: str, text: str) -> str:
        """Open a text under a name; gives its address once the server has looked at it."""
        uri = (self.folder / name).as_uri()
        self.send(
            {"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}}}
        )
        while uri not in self.diagnostics:
            self.receive()
        return uri

    def wrong(self, name: str, text: str) -> list[tuple[int, str]]:
        """What is underlined: line (from 1) and message."""
        found = self.diagnostics[self.open(name, text)]
        return [(item["range"]["start"]["line"] + 1, item["message"]) for item in found]

    def offered(self, name: str, text: str) -> dict[str, Any]:
        """What is offered where `|` stands in a text: label → item."""
        uri, place = self.open(name, text.replace("|", "", 1)), _place(text)
        answer = self.ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": place})
        return {item["label"]: item for item in (answer["items"] if isinstance(answer, dict) else answer)}

    def hover(self, name: str, text: str) -> str:
        """What is shown where `|` stands in a text."""
        uri, place = self.open(name, text.replace("|", "", 1)), _place(text)
        answer = self.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
        # Markdown escapes what may mean something there.
        return re.sub(r"\\(.)", r"\1", json.dumps(answer["contents"], ensure_ascii=False).replace("\\\\", "\\")) if answer else ""


def _place(text: str) -> dict[str, int]:
    before = text[: text.index("|")]
    return {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the server, installed as the lock says, outside the source tree."""
    node, folder = shutil.which("node"), with_modules(tmp_path_factory.mktemp("server"), HERE)
    assert node, "node is not on the path; it is needed (Debian: apt-get install nodejs)"
    return [node, str(folder / "node_modules/yaml-language-server/bin/yaml-language-server"), "--stdio"]


@pytest.fixture(scope="module")
def editor(server: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor set up as docs/editors.md says, in a folder with the published schema and with that of the demo's directory."""
    folder = tmp_path_factory.mktemp("目录 of data")
    shutil.copy(content.root() / FILE, folder / "entry.schema.json")
    (folder / "demo.schema.json").write_text(written(editor_schema(path=DEMO)), encoding="utf-8")
    schemas = {
        (folder / "demo.schema.json").as_uri(): ["demo/**/entry.yaml"],
        (folder / "entry.schema.json").as_uri(): ["plain/entry.yaml"],
    }
    yaml = {"schemas": schemas, "validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
    found = Editor(server, folder, {"yaml": yaml})
    yield found
    found.process.kill()
    found.process.communicate()


MARK = "# yaml-language-server: $schema=../entry.schema.json\n"


@pytest.mark.parametrize("path", sorted(DEMO.glob("*/entry.yaml")), ids=lambda path: path.parent.name)
def test_an_entry_that_is_right_has_nothing_underlined(editor: Editor, path: Path) -> None:
    assert editor.wrong(f"demo/{path.parent.name}/entry.yaml", path.read_text(encoding="utf-8")) == []


def test_keys_are_offered_in_both_languages(editor: Editor) -> None:
    found = editor.offered("keys/a.yaml", MARK + "信息资源名称: 甲\n|\n")
    assert {"更新周期", "updateCycle", "共享属性", "sharing"} <= set(found)
    inside = editor.offered("keys/b.yaml", MARK + "共享属性:\n  |\n")
    assert {"共享类型", "type"} <= set(inside)
    assert "更新周期" not in inside
    field = editor.offered("keys/c.yaml", MARK + "resources:\n  - file: a.csv\n    fields:\n      - n|\n")
    assert {"name", "semantic", "必填"} <= set(field)


def test_codes_are_offered_with_their_meaning(editor: Editor) -> None:
    chinese = editor.offered("codes/a.yaml", MARK + "更新周期: |\n")
    assert "每月" in chinese
    assert "Monthly" in json.dumps(chinese["每月"]["documentation"])
    english = editor.offered("codes/b.yaml", MARK + "updateCycle: |\n")
    assert "monthly" in english
    assert "每月" in json.dumps(english["monthly"]["documentation"], ensure_ascii=False)
    assert not {"按月", "每月更新"} & {*chinese, *english}
    assert "公民身份号码" in editor.offered("codes/c.yaml", MARK + "资源:\n  - 信息项:\n      - {名称: a, 语义: |}\n")


def test_a_key_says_what_it_is_for(editor: Editor) -> None:
    for number, line in enumerate(("更新周|期: 每月", "update|Cycle: monthly")):
        shown = editor.hover(f"hover/{number}.yaml", f"{MARK}{line}\n")
        assert "多久更新一次" in shown
        assert "How often the data is updated" in shown
    assert "1272号" in editor.hover("hover/source.yaml", MARK + "共享|属性: {共享类型: 无条件共享}\n")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("title: 甲\nupdateCycle: often\n", 2),
        ("信息资源名称: 甲\n更新周期: 4\n", 2),
        ("开放属性: {是否向社会开放: 1}\n", 1),
        ("title: 甲\nupdateCicle: monthly\n", 2),
        ("发布日期: 2026/10/10\n", 1),
        ("信息资源代码: 0123\n", 1),
        ("resources:\n  - file: a.csv\n    fields:\n      - {name: a, length: long}\n", 4),
    ],
)
def test_what_is_wrong_is_underlined(editor: Editor, text: str, line: int) -> None:
    found = editor.wrong(f"wrong/{abs(hash(text))}.yaml", MARK + text)
    assert {number for number, _ in found} == {line + 1}, found
    assert "schema" not in found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "更新周期: monthly\n", "updateCycle: 按月\n", "更新周期: guangdong:4\n", "关键字说明: 停车、泊位\n", "关键字说明: [停车]\n",
        "开放属性: {是否向社会开放: false}\n", "发布日期: 2026-01-05\n", "信息资源提供方: {名称: 甲, 代码: \"12\"}\n",
        "信息资源格式: CSV\n",
        "'@context': govdata:zh-CN\n信息资源名称: 甲\n",
        "resources: {file: a.csv, fields: {name: a, length: \"12\", minimum: 0}}\n",
    ],
)  # fmt: skip
def test_what_a_check_takes_is_not_underlined(editor: Editor, text: str) -> None:
    assert editor.wrong(f"fine/{abs(hash(text))}.yaml", MARK + text) == []


def test_a_local_code_is_known_where_its_standard_is(editor: Editor) -> None:
    own = "更新周期: 年更\n"
    assert editor.wrong("demo/own/entry.yaml", own) == []
    assert [line for line, _ in editor.wrong("plain/entry.yaml", own)] == [1]
