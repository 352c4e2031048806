"""Makes `.venv` from a lock, on a machine that has Python 3.11 and little else. Standard library only.

Debian splits `ensurepip` off into python3-venv and marks its pip as externally managed; so the environment is made without
pip and gets one from wherever there is one. Only one process at a time makes it. A stamp inside says from which locks it was made.
"""

from __future__ import annotations

import configparser
import contextlib
import hashlib
import html.parser
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
STAMP = FOLDER / "govdata.stamp"
PYTHON = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}
SHIPPED_PIP = "/usr/share/python-wheels"

NO_PIP = """\
找不到 pip。请任选一种办法，然后重新运行：
  1. 安装 pip（Debian：apt-get install python3-pip，或 python3-venv）；
  2. 用 PIP_INDEX_URL 或 pip 的配置文件指明软件包镜像；
  3. 把 pip 的 wheel 文件放进一个文件夹，用 PIP_FIND_LINKS 指明。
There is no pip. Do one of these and run this again:
  1. install pip (Debian: apt-get install python3-pip, or python3-venv);
  2. name a package index with PIP_INDEX_URL or in pip's configuration file;
  3. put pip's wheel into a folder and name it with PIP_FIND_LINKS."""


class SetupError(Exception):
    """What stands in the way of an environment, as a sentence for the user."""


def prepare(kind: str) -> None:
    """Make `.venv` ready for `run` or `test`: reuse it, add to it, or make it afresh. Call it inside `only_one`."""
    wanted = stamp(kind)
    found = STAMP.read_text(encoding="utf-8").split("\n") if STAMP.is_file() and works() else []
    if set(wanted) <= set(found):
        return
    if not (found and wanted[0] == found[0]):
        make()
    STAMP.unlink(missing_ok=True)
    say(f"安装依赖（{LOCKS[kind]}）… / Installing from {LOCKS[kind]} …")
    pip("install", "--quiet", "--require-hashes", "--prefer-binary", "-r", str(ROOT / LOCKS[kind]))
    pip("install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))
    point_relatively()
    STAMP.write_text("\n".join(wanted), encoding="utf-8")


def point_relatively() -> None:
    """Python reads .pth files in the locale's encoding and does not start at all where that cannot hold the path: so none is written."""
    for file in FOLDER.rglob("site-packages/*govdata*.pth"):
        file.write_text(os.path.relpath(ROOT, file.parent) + "\n", encoding="ascii")


def stamp(kind: str) -> list[str]:
    """What an environment of a kind is made from: first what may not change under it, then its lock or locks."""
    base = [str(ROOT), sys.version, text_digest(ROOT / LOCKS["run"]), text_digest(ROOT / "pyproject.toml")]
    return [digest("|".join(base)), *([digest("test" + text_digest(ROOT / LOCKS["test"]))] if kind == "test" else [])]


def digest(text: str) -> str:
    """A short digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def text_digest(path: Path) -> str:
    """A digest of a file, whatever its line ends."""
    return digest(path.read_text(encoding="utf-8"))


def works() -> bool:
    """Whether the environment's own Python starts and finds what it was given."""
    command = [str(PYTHON), "-c", "import pip, click, frictionless, govdata.cli.main"]
    try:
        return subprocess.run(command, cwd=ROOT, env=clean(), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make() -> None:
    """An empty environment with pip in the place of whatever stood there."""
    say("建立 .venv … / Making .venv …")
    if FOLDER.is_symlink():
        FOLDER.unlink()
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        venv.EnvBuilder(with_pip=False, clear=True, symlinks=os.name != "nt").create(FOLDER)
    except OSError as error:
        raise SetupError(f"不能写入 {FOLDER}：{error.strerror} / {FOLDER} cannot be written: {error.strerror}") from error
    if not any(way() for way in (pip_by_ensurepip, pip_by_system, pip_by_shipped_wheel, pip_by_index)):
        raise SetupError(NO_PIP)


def pip_by_ensurepip() -> bool:
    """Python's own pip; Debian leaves it out unless python3-venv is installed."""
    return succeeds(str(PYTHON), "-m", "ensurepip")


def pip_by_system() -> bool:
    """The system's pip (from 22.3 on) installs another one into the environment: no system package is touched."""
    return succeeds(sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--quiet", pinned_pip())


def pip_by_shipped_wheel() -> bool:
    """The wheel that Debian keeps for its own environments."""
    return any(pip_by_wheel(wheel) for wheel in sorted(Path(SHIPPED_PIP).glob("pip-*.whl"), reverse=True))


def pip_by_index() -> bool:
    """A wheel from the folder or index that pip itself is configured to use; it must be one that the lock names."""
    with tempfile.TemporaryDirectory() as folder:
        for place in configured_places():
            for name, address in wheels_at(place):
                target = Path(folder) / name
                if name == f"pip-{pinned_pip()[5:]}-py3-none-any.whl" and fetched(address, target) and pip_by_wheel(target):
                    return True
    return False


def pip_by_wheel(wheel: Path) -> bool:
    """pip run from its wheel installs itself."""
    return succeeds(str(PYTHON), f"{wheel}/pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel))


def pinned_pip() -> str:
    """pip as the lock pins it: `pip==…`."""
    found = re.search(r"^pip==[0-9.]+", (ROOT / LOCKS["run"]).read_text(encoding="utf-8"), re.MULTILINE)
    return found[0] if found else "pip"


def configured_places() -> Iterator[str]:
    """Where pip would look, from its environment variables and its configuration files."""
    yield from os.environ.get("PIP_FIND_LINKS", "").split()
    yield from filter(None, [os.environ.get("PIP_INDEX_URL"), *os.environ.get("PIP_EXTRA_INDEX_URL", "").split()])
    home = Path.home()
    files = [os.environ.get("PIP_CONFIG_FILE", ""), "/etc/pip.conf", home / ".config/pip/pip.conf", home / ".pip/pip.conf"]
    for file in filter(None, files):
        parser = configparser.RawConfigParser()
        with contextlib.suppress(configparser.Error, OSError, UnicodeDecodeError):
            parser.read(file, encoding="utf-8")
        for section in ("global", "install"):
            for key in ("find-links", "index-url", "extra-index-url"):
                yield from parser.get(section, key, fallback="").split()


class Links(html.parser.HTMLParser):
    """The addresses on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def wheels_at(place: str) -> Iterator[tuple[str, str]]:
    """Name and address of pip's wheels in a folder or an index."""
    if not place.startswith(("http://", "https://")):
        for path in Path(place.removeprefix("file://")).glob("pip-*.whl"):
            yield path.name, path.absolute().as_uri()
        return
    page = place.rstrip("/") + "/pip/"
    try:
        with urllib.request.urlopen(page, timeout=60, context=trust()) as answer:
            links = Links()
            links.feed(answer.read().decode("utf-8", "replace"))
    except (OSError, ValueError):
        return
    for link in links.found:
        address = urllib.parse.urljoin(page, link)
        yield Path(urllib.parse.urlparse(address).path).name, address


def fetched(address: str, target: Path) -> bool:
    """Whether a wheel arrived and has one of the digests that the lock allows for pip."""
    try:
        with urllib.request.urlopen(address, timeout=120, context=trust()) as answer:
            target.write_bytes(answer.read())
    except (OSError, ValueError):
        return False
    part = (ROOT / LOCKS["run"]).read_text(encoding="utf-8").partition(pinned_pip())[2].partition("    # via")[0]
    return hashlib.sha256(target.read_bytes()).hexdigest() in part


def trust() -> ssl.SSLContext:
    """The certificates that pip is told to trust."""
    return ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)


def pip(*arguments: str) -> None:
    """Run the environment's pip; its own words are shown where it fails."""
    if subprocess.run([str(PYTHON), "-m", "pip", *arguments], cwd=ROOT, env=clean(), check=False).returncode:
        raise SetupError("安装依赖失败，原因见上面 pip 的说明；没有网络时请先配置软件包镜像。 / Installing failed; pip says why above.")


LEADING_ELSEWHERE = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV")


def clean() -> dict[str, str]:
    """The process environment without what would lead Python or pip elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name not in LEADING_ELSEWHERE}
    return kept | {"PYTHONUTF8": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def succeeds(*command: str) -> bool:
    """Whether a command ends well; what it says is not shown."""
    return subprocess.run(command, cwd=ROOT, env=clean(), capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Waits until no other process works on this folder's environment. Without file locks (Windows) there is no waiting."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(ROOT / "scripts", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def say(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)
