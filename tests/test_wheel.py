"""The built package: wheel, source archive and source tree hold the same, and the wheel works alone."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONTENT = ("schemas", "validators", "catalog")
BUILD = """
import os, sys
from hatchling.build import build_sdist, build_wheel
print(build_sdist(sys.argv[1]), build_wheel(sys.argv[1]))
"""

Digests = Mapping[str, str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive, built without network and without another environment."""
    folder = tmp_path_factory.mktemp("built")
    done = subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed alone into a folder; its dependencies come from the environment that runs the tests."""
    target = tmp_path_factory.mktemp("目 录") / "site"
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check", "--target", str(target)]
    done = subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def in_wheel(wheel: Path) -> Digests:
    with zipfile.ZipFile(wheel) as file:
        return {name: digest(file.read(name)) for name in file.namelist() if not name.endswith("/")}


def in_archive(built: Path) -> Digests:
    (found,) = built.glob("*.tar.gz")
    digests = {}
    with tarfile.open(found) as file:
        for member in file.getmembers():
            data = file.extractfile(member) if member.isfile() else None
            if data is not None:
                digests[member.name.partition("/")[2]] = digest(data.read())
    return digests


def in_source(*folders: str) -> Digests:
    """The files of the tree, compiled ones and what version control ignores aside."""
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    return {path.relative_to(ROOT).as_posix(): digest(path.read_bytes()) for path in paths if "__pycache__" not in path.parts}


def test_content_is_the_same_everywhere(built: Path, wheel: Path) -> None:
    source = in_source(*CONTENT)
    assert len(source) > 200
    prefix = "govdata/_content/"
    assert {name.removeprefix(prefix): found for name, found in in_wheel(wheel).items() if name.startswith(prefix)} == source
    assert {name: found for name, found in in_archive(built).items() if name.startswith(CONTENT)} == source


def test_code_is_the_same_everywhere(built: Path, wheel: Path) -> None:
    source = in_source("govdata")
    assert {
        name: found for name, found in in_wheel(wheel).items() if name.startswith("govdata/") and not name.startswith("govdata/_content/")
    } == source
    assert {name: found for name, found in in_archive(built).items() if name.startswith("govdata/")} == source


def test_wheel_is_pure_and_tidy(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    names = in_wheel(wheel)
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"govdata", f"govdata-{_version()}.dist-info"}
    assert "govdata/py.typed" in names
    licences = {"LICENSE", "catalog/site/search/LICENSE"}
    licences |= {path.relative_to(ROOT).as_posix() for path in ROOT.glob("schemas/codes/*/LICENSE")}
    assert len(licences) > 1
    assert {f"govdata-{_version()}.dist-info/licenses/{name}" for name in licences} <= names.keys()
    assert "govdata/_content/schemas/codes/township/LICENSE" in names


def test_archive_is_tidy(built: Path) -> None:
    allowed = {"govdata", *CONTENT, "tests", "docs", "scripts", "benchmarks", "pyproject.toml", "README.md", "README.zh-CN.md"}
    allowed |= {"LICENSE", "CHANGELOG.md", "PKG-INFO", ".gitignore", "requirements.lock", "requirements-test.lock"}
    assert {name.partition("/")[0] for name in in_archive(built)} <= allowed


def test_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        metadata = Parser().parsestr(file.read(f"govdata-{_version()}.dist-info/METADATA").decode())
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra", [])) == {"ckan", "fast", "graph", "keyring", "sql"}


def _version() -> str:
    from govdata import __version__

    return __version__


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed copy from another folder; `-P` keeps the current folder off the path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(installed), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-m", "govdata", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)


def test_installed_wheel_works(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "表.csv").write_text("编号,名称\n1,甲\n1,\n", encoding="utf-8")
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import govdata; print(govdata.__file__)"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(installed)
    assert run(installed, tmp_path, "--version").stdout.strip() == f"govdata {_version()}"
    done = run(installed, tmp_path, "validate", "表.csv", "--format", "json")
    assert done.returncode == 0, done.stderr
    (dataset,) = json.loads(done.stdout)["datasets"]
    assert dataset["resources"][0]["rows"] == 2
    assert run(installed, tmp_path, "explain", "file/encoding").returncode == 0


def test_installed_wheel_is_complete(installed: Path) -> None:
    assert {
        path.relative_to(installed / "govdata" / "_content").as_posix()
        for path in (installed / "govdata/_content").rglob("*")
        if path.is_file()
    } == set(in_source(*CONTENT))
