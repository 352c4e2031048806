"""What a stack is made of: Debian packages, CKAN's own Python environment, the jars of Solr."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from environment import say

from stack import services
from stack.layout import HERE, Stack, StackError, replace
from stack.processes import run_logged

LOCK = HERE / "requirements.lock"
SERVER = HERE / "solr-server"
LOCKED_LINES = 3
"""How many lines of a stamp stand for what is locked."""


def install_debian(stack: Stack) -> None:
    """Install missing Debian packages as root, else say which they are. Services that come with them are not started."""
    wanted = list(missing())
    if not wanted:
        return
    if os.geteuid() or not shutil.which("apt-get"):
        names = " ".join(wanted)
        raise StackError(f"缺少软件包，请先安装：{names}", f"Missing, install them first (Debian: apt-get install): {names}")
    say(f"安装 / Installing: {' '.join(wanted)}")
    # invoke-rc.d starts nothing in run level 1
    quiet = ["env", "RUNLEVEL=1", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    run_logged(stack, "apt-update", [*quiet, "update"], attempts=3)
    run_logged(stack, "apt-install", [*quiet, "install", "-y", "--no-install-recommends", *wanted], attempts=3)


def missing() -> Iterator[str]:
    """The Debian packages whose programs or files are not there."""
    programs = {"redis-server": "redis-server", "psql": "postgresql-client", "javac": "default-jdk-headless", "mvn": "maven"}
    programs |= {"gcc": "gcc", "pg_config": "libpq-dev"}  # psycopg2 is compiled, as CKAN pins it
    yield from ("postgresql" for name in ("initdb", "postgres") if not shutil.which(services.program(name)))
    yield from (package for name, package in programs.items() if not shutil.which(name))
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        yield "python3-dev"
    if importlib.util.find_spec("ensurepip") is None:
        yield "python3-venv"
    libraries = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
    if "libmagic.so.1 " not in libraries:
        yield "libmagic1"


def install_python(stack: Stack) -> None:
    """CKAN and its extensions as locked, then the packages that were asked for, then a check that all fit together."""
    folder = stack.folder / "venv"
    stamp = folder / "stack.stamp"
    wanted = python_stamp(stack)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    locked = folder / "lock.stamp"
    dropped = set(_packages(stamp)) - set(stack.settings.packages)
    if dropped or not (locked.exists() and locked.read_text(encoding="utf-8") == _locked(stack)):
        say("安装 CKAN 的 Python 环境… / Installing CKAN's Python environment …")
        run_logged(stack, "venv", [sys.executable, "-m", "venv", "--clear", str(folder)])
        _pip(stack, "pip", "install", "--require-hashes", "-r", str(LOCK))
        replace(locked, _locked(stack))
    stamp.unlink(missing_ok=True)
    if stack.settings.packages:
        say(f"安装 / Installing: {' '.join(stack.settings.packages)}")
        _pip(stack, "pip-packages", "install", *_requirements(stack))
        if wheels := [package for package in stack.settings.packages if Path(package).is_file()]:
            # One that has changed under the same version is not taken otherwise.
            _pip(stack, "pip-wheels", "install", "--force-reinstall", "--no-deps", *wheels)
    _pip(stack, "pip-check", "check")
    replace(stamp, wanted)


def python_stamp(stack: Stack) -> str:
    """What CKAN's environment is made from; a package that lies here counts with its contents' digest or its project file."""
    return "\n".join([_locked(stack), *(f"{package} {_contents(package)}" for package in stack.settings.packages)])


def _packages(stamp: Path) -> list[str]:
    """The packages that an environment got beside what is locked."""
    lines = stamp.read_text(encoding="utf-8").split("\n")[LOCKED_LINES:] if stamp.exists() else []
    return [line.rpartition(" ")[0] for line in lines]


def _locked(stack: Stack) -> str:
    # scripts of an environment name its folder: one that was moved is made afresh
    return "\n".join([str(stack.folder), sys.version.replace("\n", " "), hashlib.sha256(LOCK.read_bytes()).hexdigest()])


def _contents(package: str) -> str:
    path = Path(package)
    file = path / "pyproject.toml" if path.is_dir() else path
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _requirements(stack: Stack) -> Iterator[str]:
    for package in stack.settings.packages:
        yield from ["-e", package] if Path(package).is_dir() else [package]


def _pip(stack: Stack, name: str, *arguments: str) -> None:
    run_logged(stack, name, [str(stack.python), "-m", "pip", *arguments], attempts=3 if "install" in arguments else 1)


def install_solr(stack: Stack) -> None:
    """The jars of Solr and the small server around them."""
    folder = stack.folder / "solr"
    wanted = hashlib.sha256((SERVER / "pom.xml").read_bytes() + (SERVER / "SolrServer.java").read_bytes()).hexdigest()
    stamp = folder / "server.stamp"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say("取得 Solr… / Fetching Solr …")
    for name in ("lib", "classes"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    fetch = ["mvn", "-B", "-ntp", "-f", str(SERVER / "pom.xml"), "dependency:copy-dependencies"]
    run_logged(stack, "maven", [*fetch, "-DincludeScope=runtime", f"-DoutputDirectory={folder / 'lib'}"], attempts=3)
    compile_ = ["javac", "-nowarn", "-proc:none", "-cp", f"{folder / 'lib'}/*", "-d", str(folder / "classes")]
    run_logged(stack, "javac", [*compile_, str(SERVER / "SolrServer.java")])
    replace(stamp, wanted)
