"""A small directory to publish, and what a test asks of a site afterwards."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PROVIDER = "113101990000000434"

ENTRY = """\
信息资源名称: {title}
信息资源代码: "{code}"
信息资源提供方: 云间区建设和管理委员会
信息资源提供方代码: "{provider}"
信息资源摘要: {title}的名称和泊位数
信息资源格式: {{格式分类: 电子表格, 格式类型: CSV}}
共享属性: {{共享类型: {sharing}, 共享条件: 《测试办法》, 共享方式: 文件下载}}
开放属性: {{是否向社会开放: 是, 开放类型: 无条件开放, 开放条件: 无条件}}
更新周期: 每年
发布日期: 2026-01-05
更新日期: 2026-10-08
关键字说明: [停车, 泊位, 水]
数据级别: 一般
许可: Apache-2.0
联系方式: {{单位: 云间区建管委信息科, 电话: 021-00001004}}
资源:
  - 文件: {file}
    信息项:
      - {{名称: 编号, 英文名: id, 类型: C, 长度: 6, 主键: 是}}
      - {{名称: 名称, 英文名: name, 类型: C, 长度: 30, 必填: 是}}
      - {{名称: 泊位数, 英文名: spaces, 类型: I, 最小值: 0}}
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command gave."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(slots=True)
class Directory:
    """A directory below a test's folder, published to one site of the stack."""

    path: Path
    site: Any
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    token: str = ""
    """In place of the administrator's."""
    mark: str = field(default_factory=lambda: f"3{uuid.uuid4().int % 100_000:05}")
    """Begins all codes, so that tests of one site do not meet."""

    def __post_init__(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        target = f'[targets.ckan.test]\nurl = "{self.site.url}"\nzone = "internet"\n'
        organisations = f'organisations = {{"{PROVIDER}" = "{self.organisation}"}}\n' if self.token else ""
        (self.path / "govdata.toml").write_text(f'directory = "{self.id}"\n{target}{organisations}', encoding="utf-8")

    @property
    def organisation(self) -> str:
        """The organisation of all its datasets."""
        return f"org-{PROVIDER}"

    def code(self, number: int) -> str:
        """The code of a dataset."""
        return f"{self.mark}/{number:06}"

    def name(self, number: int) -> str:
        """Its name on the site."""
        return f"{self.mark}-{number:06}"

    def write(self, number: int, rows: int = 3, folder: str = "", **changed: str) -> Path:
        """Write a dataset with so many rows."""
        given = {"title": f"停车场{number}", "code": self.code(number), "sharing": "无条件共享", "file": "停车场.csv", "provider": PROVIDER}
        given |= changed
        place = self.path / (folder or f"d{number}")
        place.mkdir(exist_ok=True)
        (place / "entry.yaml").write_text(ENTRY.format(**given), encoding="utf-8")
        lines = ["编号,名称,泊位数", *(f"{row:06},第{row}停车场,{row * 10}" for row in range(1, rows + 1))]
        (place / given["file"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return place

    def remove(self, number: int) -> None:
        """Take a dataset out of the directory."""
        shutil.rmtree(self.path / f"d{number}")

    def run(self, *options: str) -> Done:
        """Run the command in this process."""
        from govdata.cli.main import run

        out, err = io.StringIO(), io.StringIO()
        kept = os.environ.get("GOVDATA_TOKEN_TEST")
        os.environ["GOVDATA_TOKEN_TEST"] = self.token or self.site.token
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run(["--lang", "en", "publish", "ckan:test", str(self.path), *options])
        finally:
            os.environ.pop("GOVDATA_TOKEN_TEST")
            if kept is not None:
                os.environ["GOVDATA_TOKEN_TEST"] = kept
        return Done(code, out.getvalue(), err.getvalue())

    def start(self, *options: str, kill_after: int = 0) -> subprocess.Popen[str]:
        """Start the command in a process of its own; `kill_after`: it is killed when it has written so many records of its journal."""
        begin = ["-m", "govdata"] if not kill_after else ["-c", KILLED.format(after=kill_after)]
        environment = os.environ | {"GOVDATA_TOKEN_TEST": self.token or self.site.token, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, *begin, "--lang", "en", "publish", "ckan:test", str(self.path), *options]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment)

    def publish(self, *options: str, code: int = 0) -> str:
        """Publish; the exit code must be as said. Gives what was printed."""
        done = self.run("--yes", *options)
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        assert self.site.token not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def plan(self, *options: str) -> dict[str, Any]:
        """The plan as JSON; nothing is written."""
        done = self.run("--check", "--format", "json", *options)
        assert done.returncode in (0, 1, 3, 5), f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def actions(self, *options: str) -> dict[str, str]:
        """Code → action of the plan, without the mark."""
        return {str(change["code"]).partition("/")[2]: change["action"] for change in self.plan(*options)["changes"]}

    def show(self, number: int) -> dict[str, Any]:
        """A dataset as it is on the site."""
        found: dict[str, Any] = self.site.call("package_show", {"id": self.name(number)})
        return found

    def rows(self, number: int, anonymous: bool = True) -> int:
        """How many rows of its table anybody can read."""
        resource = self.show(number)["resources"][0]["id"]
        found: int = self.site.call("datastore_search", {"resource_id": resource, "limit": 1}, anonymous=anonymous)["total"]
        return found

    def journal(self) -> Iterator[Mapping[str, Any]]:
        """What stands in the journal."""
        path = self.path / ".govdata" / "publishing" / "ckan-test.jsonl"
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line)

    def steps(self) -> int:
        """How many steps were begun in all runs."""
        return sum(record["event"] == "begin" for record in self.journal())

    def found(self) -> list[dict[str, Any]]:
        """What the index of the site holds of the directory, in every state."""
        query = f'+(extras_govdata_directory:"{self.id}" OR govdata_directory:"{self.id}")'
        more = {"include_private": True, "include_deleted": True, "rows": 1000}
        answer: list[dict[str, Any]] = self.site.call("package_search", {"fq": query, **more})["results"]
        return answer

    def clear(self) -> None:
        """Take everything away from the site."""
        for package in self.found():
            for resource in package["resources"]:
                if resource.get("datastore_active"):
                    self.site.call("datastore_delete", {"resource_id": resource["id"], "force": True})
            self.site.call("dataset_purge", {"id": package["id"]})


KILLED = """
import os, signal, sys
from govdata.publishing.journal import Journal
written, write = [], Journal._write
def counted(self, record):
    write(self, record)
    written.append(record)
    if len(written) == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
Journal._write = counted
from govdata.cli.main import run
sys.exit(run(sys.argv[1:]))
"""
"""The program, killed after some record of its journal."""
