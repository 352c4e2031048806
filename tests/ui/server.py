"""A running page to talk to, without a browser."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from govdata.ui.serving import TOKEN, Server
from govdata.ui.sessions import Limits, Session

ENTRY = """\
# 停车场
信息资源名称: 徐汇区公共停车场   # 名称
信息资源代码: "307001/000012"
信息资源提供方: 徐汇区建设和管理委员会
信息资源提供方代码: "113101040000000190"
共享属性: {共享类型: 无条件共享, 共享方式: 文件下载}
开放属性: {是否向社会开放: 是, 开放条件: 无条件}
更新周期: 每月
发布日期: 2026-01-05
联系方式: {单位: 徐汇区建管委信息科, 电话: 021-00000000}
资源:
  - 文件: 停车场.csv
    信息项:
      - {名称: 编号, 英文名: id, 类型: C, 长度: 12, 主键: 是}  # 主键
      - {名称: 泊位数, 英文名: spaces, 类型: I, 最小值: 0}
"""
TABLE = "编号,泊位数\nA1,12\nA2,十\n"
FILES = {"停车场/entry.yaml": ENTRY.encode(), "停车场/停车场.csv": TABLE.encode()}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Page:
    """The page's side: what its script does."""

    session: Session
    port: int

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Answer:
        """Any request; `Host` is right where the headers do not say otherwise."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, urllib.parse.quote(path, safe="/?=&%*:["), body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def api(self, method: str, address: str, **body: Any) -> Answer:
        """A question with the token."""
        return self.ask(
            method, f"/api/{address}", {TOKEN: self.session.token, "Content-Type": "application/json"}, json.dumps(body).encode()
        )

    def send(self, work: str, name: str, data: bytes) -> Answer:
        """A file."""
        quoted = urllib.parse.quote(name, safe="")
        return self.ask("PUT", f"/api/works/{work}/files?name={quoted}", {TOKEN: self.session.token}, data)

    def begin(self, files: Mapping[str, bytes]) -> str:
        """A work with files."""
        work: str = self.api("POST", "works").json["id"]
        for name, data in files.items():
            assert self.send(work, name, data).json == {"kept": True}
        return work

    def check(self, work: str, language: str = "zh-CN") -> Any:
        """Check, and wait for the end."""
        told = self.api("POST", f"works/{work}/check", language=language).json
        while told["state"] in ("waiting", "checking"):
            told = self.ask("GET", f"/api/works/{work}?seen={told['version']}", {TOKEN: self.session.token}).json
        return told


@contextlib.contextmanager
def running(folder: Path, limits: Limits | None = None) -> Iterator[Page]:
    """A server for as long as it is needed."""
    session = Session(folder, "zh-CN", limits or Limits())
    with Server(session, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield Page(session, server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
