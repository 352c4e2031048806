"""What of the CKAN stack needs no CKAN: its settings, whose processes are whose, how the Solr schema is put together."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
SCHEMA = """<schema name="ckan-2.12"><types>
<fieldType name="string" class="solr.StrField"/><fieldtype name="text" class="solr.TextField"/><fieldType name="text_general"/>
</types><fields><field name="title" type="text"/></fields></schema>"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stack runs on Linux")


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The modules of `scripts` for this test only."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in ("stack", "environment")]:
        del sys.modules[name]


def test_settings_are_kept_and_changed_one_by_one(tmp_path: Path) -> None:
    from stack.layout import open_stack, save

    usual = open_stack(tmp_path, {}).settings
    changes: dict[str, Any] = {"port": 60000, "plugins": {"govdata": "datastore"}, "options": {"stock": {"a": "1", "b": "2"}}}
    save(open_stack(tmp_path, changes))
    again = open_stack(tmp_path, {"options": {"stock": {"a": ""}}})
    assert (again.port("stock"), again.port("solr")) == (60000, 60004)
    assert again.settings.plugins == {"stock": usual.plugins["stock"], "govdata": "datastore"}
    assert again.settings.options["stock"] == {"b": "2"}
    assert json.loads((tmp_path / "stack.json").read_text(encoding="utf-8"))["options"]["stock"] == {"a": "1", "b": "2"}


@pytest.mark.parametrize("port", [0, 1023, 65532, 70000])
def test_ports_out_of_range_are_refused(tmp_path: Path, port: int) -> None:
    from stack.layout import StackError, open_stack

    with pytest.raises(StackError, match=str(port)):
        open_stack(tmp_path, {"port": port})


def test_types_take_the_place_of_the_ones_of_their_names() -> None:
    from stack import solr

    text = solr.with_types(SCHEMA, '<types><fieldType name="text" class="solr.TextField" positionIncrementGap="7"/></types>')
    types = {element.get("name"): element for element in ElementTree.fromstring(text)[0]}
    assert list(types) == ["string", "text", "text_general"]
    assert types["text"].get("positionIncrementGap") == "7"
    assert ElementTree.fromstring(text).get("name") == "ckan-2.12"


def test_our_types_fit_and_a_type_that_ckan_has_not_is_refused() -> None:
    from stack import solr
    from stack.layout import StackError

    ours = (solr.CHINESE / "types.xml").read_text(encoding="utf-8")
    assert "CJK" in solr.with_types(SCHEMA, ours)
    with pytest.raises(StackError, match="text_general"):
        solr.with_types(SCHEMA.replace("text_general", "renamed"), ours)


def test_processes_are_known_by_folder_and_program(tmp_path: Path) -> None:
    from stack.processes import Part, end, processes

    sleep = shutil.which("sleep")
    assert sleep
    part = Part("one", tmp_path / "one 一", "sleep", (sleep, "60"), lambda: True)
    part.folder.mkdir()
    beside = tmp_path / "two"
    beside.mkdir()
    with subprocess.Popen(part.command, cwd=part.folder) as ours, subprocess.Popen(part.command, cwd=beside) as theirs:
        shutil.rmtree(part.folder)  # a stack whose folder was deleted can still be found
        assert list(processes(part)) == [ours.pid]
        end(part)
        assert (ours.wait(), theirs.poll(), processes(part)) == (-15, None, {})
        theirs.kill()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    from stack.layout import StackError, open_stack
    from stack.processes import Part, launch

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        stack = open_stack(tmp_path, {"port": taken.getsockname()[1] - 3})
        with pytest.raises(StackError, match=rf"Port {stack.port('redis')} \(redis\)"):
            launch(stack, Part("redis", tmp_path, "redis-server", ("redis-server",), lambda: False))
