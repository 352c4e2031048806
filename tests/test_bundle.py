"""scripts/bundle: what goes into the folder for machines without internet, and (marked `service`) that it installs without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def bundling() -> Iterator[ModuleType]:
    """The module of the script, which stands beside others that it imports by their bare names."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import bundling as found

    yield found
    sys.path.remove(str(ROOT / "scripts"))


def names(bundling: ModuleType, platform: str, python: str) -> set[str]:
    machine = bundling.Machine(platform, python)
    return {f"{pin.name}=={pin.version}" for pin in bundling.read_lock(LOCK) if machine.wants(pin)}


def test_the_markers_of_the_lock_are_those_of_the_other_machine(bundling: ModuleType) -> None:
    linux, windows = (names(bundling, platform, "3.11") for platform in ("linux-aarch64", "windows-amd64"))
    assert {name.partition("==")[0] for name in windows - linux} >= {"colorama"}
    assert linux <= windows
    numpy = [{name for name in names(bundling, "linux-x86_64", version) if name.startswith("numpy==")} for version in ("3.11", "3.13")]
    assert [len(found) for found in numpy] == [1, 1]
    assert numpy[0] != numpy[1]
    assert all(pin.digests for pin in bundling.read_lock(LOCK))


@pytest.mark.parametrize(
    ("file", "machine", "fits"),
    [
        ("x-1-py3-none-any.whl", ("windows-amd64", "3.12"), True),
        ("x-1-cp311-cp311-win_amd64.whl", ("windows-amd64", "3.11"), True),
        ("x-1-cp311-cp311-win_amd64.whl", ("windows-amd64", "3.12"), False),
        ("x-1-cp39-abi3-win_amd64.whl", ("windows-amd64", "3.13"), True),
        ("x-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", ("linux-x86_64", "3.11"), True),
        ("x-1-cp311-cp311-manylinux_2_28_aarch64.whl", ("linux-aarch64", "3.11"), True),
        ("x-1-cp311-cp311-manylinux_2_34_x86_64.whl", ("linux-x86_64", "3.11"), False),
        ("x-1-cp311-cp311-musllinux_1_2_x86_64.whl", ("linux-x86_64", "3.11"), False),
        ("x-1-cp311-cp311-manylinux_2_28_x86_64.whl", ("linux-aarch64", "3.11"), False),
    ],
)
def test_which_wheels_a_machine_takes(bundling: ModuleType, tmp_path: Path, file: str, machine: tuple[str, str], fits: bool) -> None:
    (pin,) = bundling.read_lock(f"x==1 \\\n    --hash=sha256:{'0' * 64}\n")
    (tmp_path / file).touch()
    assert (bundling.lacking(tmp_path, [pin], bundling.Machine(*machine)) == []) is fits


def test_what_is_damaged_or_of_another_lock_is_fetched_anew(bundling: ModuleType, tmp_path: Path) -> None:
    whole = tmp_path / "x-1-py3-none-any.whl"
    whole.write_bytes(b"whole")
    pins = bundling.read_lock(f"x==1 \\\n    --hash=sha256:{bundling.digest(whole)}\n")
    for name in ("y-1-py3-none-any.whl", "x-1.tar.gz", "x-1-py3-none-any.whl.part"):
        (tmp_path / name).write_bytes(b"half")
    bundling.drop_damaged(tmp_path, pins)
    assert [path.name for path in tmp_path.iterdir()] == [whole.name]
    whole.write_bytes(b"changed")
    bundling.drop_damaged(tmp_path, pins)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_had_is_said_without_secrets(bundling: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:secret@packages.example.org/simple")
    (pin,) = bundling.read_lock("x==1 \\\n    --hash=sha256:00\n")
    machine = bundling.Machine("linux-x86_64", "3.11")
    told = bundling.refusal(pin, machine, "WARNING: Retrying … NewConnectionError('…')\nERROR: No matching distribution")
    assert "https://packages.example.org/simple" in told
    assert "secret" not in told
    assert "连不上" in told
    assert "There is no wheel of x 1 for linux-x86_64, Python 3.11" in bundling.refusal(
        pin, machine, "ERROR: No matching distribution found"
    )


def test_a_registry_that_cannot_be_reached_ends_the_script(tmp_path: Path) -> None:
    """Nothing listens on port 9 of this machine; what was made so far is no bundle."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env = kept | {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, 'scripts'); import environment; from pathlib import Path;"
               f" environment.PYTHON = Path({sys.executable!r}); import bundling; bundling.PYTHON = environment.PYTHON;"
               f" sys.exit(bundling.main(['--to', {str(tmp_path)!r}, '--platform', 'linux-x86_64', '--python', '3.11']))"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 3, done.stderr
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "SHA256SUMS").exists()


def test_installers_are_written_as_each_system_reads_them(bundling: ModuleType, tmp_path: Path) -> None:
    bundling.write_installers(tmp_path, [bundling.Machine("linux-x86_64", "3.11"), bundling.Machine("windows-amd64", "3.12")])
    powershell, batch = (tmp_path / "install.ps1").read_bytes(), (tmp_path / "install.cmd").read_bytes()
    assert powershell.startswith(b"\xef\xbb\xbf")
    assert powershell.count(b"\r\n") == powershell.count(b"\n") > 50
    assert batch.isascii()
    assert batch.count(b"\r\n") == batch.count(b"\n")
    assert b"\r" not in (tmp_path / "install.sh").read_bytes()
    subprocess.run(["sh", "-n", str(tmp_path / "install.sh")], check=True)
    assert "- windows-amd64, Python 3.12" in (tmp_path / "README.md").read_text(encoding="utf-8")
    # Every bracket of the script that cannot be run here is closed, outside texts and comments.
    code = "\n".join(line for line in powershell.decode("utf-8-sig").splitlines() if not line.lstrip().startswith("#"))
    assert [code.count(sign) for sign in "({["] == [code.count(sign) for sign in ")}]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for this machine, made by the script as anybody makes it; a second time it needs no registry."""
    found = tmp_path_factory.mktemp("bundle") / "离线 offline"
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    command = [str(ROOT / "scripts/bundle"), "--to", str(found), "--platform", f"linux-{os.uname().machine}", "--python", python]
    subprocess.run(command, check=True, timeout=1200, stdin=subprocess.DEVNULL)
    sums = (found / "SHA256SUMS").read_bytes()
    subprocess.run(
        command,
        check=True,
        timeout=300,
        env=os.environ | {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0"},
    )
    assert (found / "SHA256SUMS").read_bytes() == sums
    return found


def without_network(command: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """A command in a network namespace of its own, in which there is no route to anywhere, not even to this machine."""
    ways = (["unshare", "--net"], ["unshare", "--map-root-user", "--net"])
    alone = next((way for way in ways if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0), None)
    assert alone, "this machine gives no network namespace (unshare --net); the test needs one"
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHON": sys.executable}
    return subprocess.run([*alone, *command], cwd=home, env=env, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)


@pytest.mark.service
def test_it_installs_and_runs_without_a_network(folder: Path, tmp_path: Path) -> None:
    reached = without_network([sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 3)"], tmp_path)
    assert "unreachable" in reached.stderr
    for _ in range(2):
        done = without_network(["sh", str(folder / "install.sh")], tmp_path)
        assert done.returncode == 0, done.stderr
    program = tmp_path / ".local/share/govdata/bin/govdata"
    assert without_network([str(program), "demo", "示例"], tmp_path).returncode == 0
    assert without_network([str(program), "validate", "示例/right"], tmp_path).returncode == 0
    assert without_network([str(program), "validate", "示例/mistakes"], tmp_path).returncode == 1
    (tmp_path / "govdata").symlink_to(program)
    assert without_network([str(tmp_path / "govdata"), "--version"], tmp_path).returncode == 0


@pytest.mark.service
@pytest.mark.parametrize("damage", ["wheel", "list", "sums"])
def test_a_folder_that_was_changed_installs_nothing(folder: Path, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    if damage == "wheel":
        with zipfile.ZipFile(next(copy.glob("wheels/click-*.whl")), "a") as wheel:
            wheel.writestr("click/evil.py", "")
    elif damage == "list":
        next(copy.glob("requirements/*.txt")).write_text("click\n", encoding="utf-8")
    else:
        (copy / "SHA256SUMS").unlink()
    done = without_network(["sh", str(copy / "install.sh")], tmp_path)
    assert done.returncode == 3, done.stderr
    assert not (tmp_path / ".local").exists()


@pytest.mark.service
def test_a_machine_that_it_is_not_for_is_told_so(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for path in copy.glob("requirements/*.txt"):
        path.rename(path.with_name("linux-riscv64-3.11.txt"))
    sums = subprocess.run(
        "find . -type f ! -name SHA256SUMS -print0 | xargs -0 sha256sum", shell=True, cwd=copy, capture_output=True, check=True
    )
    (copy / "SHA256SUMS").write_bytes(sums.stdout)
    done = without_network(["sh", str(copy / "install.sh")], tmp_path)
    assert done.returncode == 3
    assert "linux-riscv64-3.11" in done.stderr
