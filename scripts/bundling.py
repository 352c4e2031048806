"""Makes the folder that installs govdata on machines without internet. Run by `.venv`'s Python (scripts/bundle): needs `packaging` and pip.

What belongs in it is what requirements.lock says for each platform and Python; nothing is taken that has not one of its digests.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import environment
from environment import PYTHON, ROOT, SetupError, say
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

TEMPLATES = ROOT / "scripts" / "offline"
PYTHONS = ("3.11", "3.12", "3.13")
NEWEST_GLIBC = 28
"""glibc 2.28: Debian 10, Kylin V10, UOS 20 and whatever is newer."""
_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
PLATFORMS = {
    "linux-x86_64": {**_LINUX, "platform_machine": "x86_64"},
    "linux-aarch64": {**_LINUX, "platform_machine": "aarch64"},
    "windows-amd64": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
}
"""Name → what markers of the lock ask of a machine."""
_UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|Max retries|Temporary failure in name resolution|ProxyError|ConnectionError|timed out"
)


@dataclass(frozen=True)
class Pin:
    """One package of the lock: name, version, marker, and the digests it may have."""

    name: str
    version: str
    requirement: Requirement
    digests: frozenset[str]

    def line(self, digests: frozenset[str] | None = None) -> str:
        """As a line of a requirements file without a marker."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash=sha256:{digest}" for digest in sorted(digests or self.digests))])


@dataclass(frozen=True)
class Machine:
    """A kind of machine that the folder is for."""

    platform: str
    python: str

    @property
    def tags(self) -> frozenset[Tag]:
        """The wheels that such a machine takes."""
        version = tuple(int(part) for part in self.python.split("."))
        kinds = self.wheel_platforms
        found = {*cpython_tags(version, platforms=kinds), *compatible_tags(version, f"cp{self.python.replace('.', '')}", kinds)}
        return frozenset(found)

    @property
    def wheel_platforms(self) -> list[str]:
        """The platforms of wheels, the newest first."""
        if self.platform == "windows-amd64":
            return ["win_amd64"]
        processor = self.platform.partition("-")[2]
        named = [f"manylinux_2_{minor}_{processor}" for minor in range(NEWEST_GLIBC, 4, -1)]
        return [*named, f"manylinux2014_{processor}", f"manylinux2010_{processor}", f"manylinux1_{processor}"]

    def wants(self, pin: Pin) -> bool:
        """Whether the lock's marker holds there."""
        full = {**PLATFORMS[self.platform], "python_version": self.python, "python_full_version": f"{self.python}.0"}
        full |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        return pin.requirement.marker is None or pin.requirement.marker.evaluate(full)

    def __str__(self) -> str:
        return f"{self.platform}, Python {self.python}"


def read_lock(text: str) -> list[Pin]:
    """The packages of a lock."""
    pins = []
    for entry in re.split(r"\n(?=[A-Za-z0-9])", text.strip()):
        requirement = Requirement(entry.partition(" \\\n")[0])
        version = next(iter(requirement.specifier)).version
        pins.append(Pin(canonicalize_name(requirement.name), version, requirement, frozenset(re.findall(r"sha256:([0-9a-f]{64})", entry))))
    return pins


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def drop_damaged(folder: Path, pins: Sequence[Pin]) -> None:
    """Take away what is not whole, or not of this lock: it is fetched anew."""
    known = {digest for pin in pins for digest in pin.digests}
    for path in folder.iterdir():
        if path.suffix != ".whl" or digest(path) not in known:
            path.unlink()


def lacking(folder: Path, pins: Sequence[Pin], machine: Machine) -> list[Pin]:
    """What a machine of this kind would not find in the folder."""
    tags, there = machine.tags, set()
    for path in folder.glob("*.whl"):
        name, version, _, offered = parse_wheel_filename(path.name)
        if offered & tags:
            there.add((name, str(version)))
    return [pin for pin in pins if machine.wants(pin) and (pin.name, pin.version) not in there]


def fetch(folder: Path, pins: Sequence[Pin], machine: Machine) -> None:
    """What the machine lacks, from the index that pip is set up to use; pip compares the digests."""
    wanted = lacking(folder, pins, machine)
    if not wanted:
        return
    say(f"{machine}：{len(wanted)} …")
    if download(folder, wanted, machine).returncode:
        # One by one, to say which it is.
        for pin in wanted:
            done = download(folder, [pin], machine)
            if done.returncode:
                raise SetupError(refusal(pin, machine, done.stderr))


def download(folder: Path, pins: Sequence[Pin], machine: Machine) -> subprocess.CompletedProcess[str]:
    """pip's answer to asking for wheels of these packages. Without --require-hashes nothing would be compared."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "wanted.txt"
        file.write_text("\n".join(pin.line() for pin in pins) + "\n", encoding="utf-8")
        number = machine.python.replace(".", "")
        options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "cp", "--python-version", machine.python]
        options += [f"--abi={abi}" for abi in (f"cp{number}", "abi3", "none")]
        options += [f"--platform={name}" for name in machine.wheel_platforms]
        return ask_pip("download", "--quiet", *options, "--dest", str(folder), "--requirement", str(file))


def ask_pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the environment's pip."""
    command = [str(PYTHON), "-m", "pip", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment.clean(), capture_output=True, text=True, encoding="utf-8", check=False)


def refusal(pin: Pin, machine: Machine, told: str) -> str:
    """Why a wheel could not be had, as a sentence."""
    if _UNREACHABLE.search(told):
        place = index()
        return (
            f"连不上软件源：{place}。已经下载的都留着，请稍后再运行一次。\n"
            f"The package index cannot be reached: {place}. What was fetched is kept; run this again later."
        )
    last = next((line for line in reversed(told.splitlines()) if line.strip()), "")
    return (
        f"{pin.name} {pin.version} 没有适合 {machine} 的安装包（只有源代码，或者摘要不符）：{last}\n"
        f"There is no wheel of {pin.name} {pin.version} for {machine} (only source, or another digest): {last}"
    )


def index() -> str:
    """The package index that pip asks, without user and password."""
    named = os.environ.get("PIP_INDEX_URL") or ask_pip("config", "get", "global.index-url").stdout.strip()
    if not named:
        return "pip 的默认软件源 / pip's default index"
    parts = urllib.parse.urlsplit(named)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def build(folder: Path) -> Path:
    """The project's own wheel; those of earlier versions are taken away."""
    for old in folder.glob("govdata-*.whl"):
        old.unlink()
    command = [str(PYTHON), "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment.clean(), stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return next(folder.glob("govdata-*.whl"))


def prove(folder: Path, machine: Machine, file: Path) -> None:
    """pip itself would install all of it on such a machine from the folder alone."""
    with tempfile.TemporaryDirectory() as place:
        number = machine.python.replace(".", "")
        options = ["--dry-run", "--no-deps", "--no-index", "--find-links", str(folder), "--require-hashes", "--only-binary", ":all:"]
        options += ["--implementation", "cp", "--python-version", machine.python, "--target", place]
        options += [f"--abi={abi}" for abi in (f"cp{number}", "abi3", "none")] + [f"--platform={name}" for name in machine.wheel_platforms]
        done = ask_pip("install", "--quiet", *options, "--requirement", str(file))
    if done.returncode:
        raise SetupError(f"{machine}: {done.stderr.strip()}")


def write_requirements(folder: Path, pins: Sequence[Pin], machines: Sequence[Machine], own: Path) -> None:
    """One list of what to install for each kind of machine: the lock's markers are decided here, not on the other machine."""
    (folder / "requirements").mkdir(exist_ok=True)
    for machine in machines:
        _, version, _, _ = parse_wheel_filename(own.name)
        lines = [pin.line() for pin in pins if machine.wants(pin)] + [f"govdata=={version} --hash=sha256:{digest(own)}"]
        path = folder / "requirements" / f"{machine.platform}-{machine.python}.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        prove(folder / "wheels", machine, path)


def write_installers(folder: Path, machines: Sequence[Machine]) -> None:
    """Installers and README. Windows PowerShell reads a file without a mark in the console's own encoding, and cmd wants CRLF."""
    for template in sorted(TEMPLATES.iterdir()):
        text = template.read_text(encoding="utf-8").replace("@MACHINES@", "\n".join(f"- {machine}" for machine in machines))
        windows = template.suffix in (".ps1", ".cmd")
        encoding = "utf-8-sig" if template.suffix == ".ps1" else "ascii" if windows else "utf-8"
        path = folder / template.name
        path.write_text(text, encoding=encoding, newline="\r\n" if windows else "\n")
        if template.suffix == ".sh":
            path.chmod(0o755)


def write_sums(folder: Path) -> None:
    """SHA256SUMS of everything beside it, as `sha256sum -c` reads it."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    (folder / "SHA256SUMS").write_text("".join(f"{digest(folder / name)}  {name}\n" for name in names), encoding="ascii", newline="\n")


def bundle(folder: Path, machines: Sequence[Machine]) -> None:
    """The whole folder. It has no SHA256SUMS until it is whole, so that half of one installs nowhere."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    (folder / "SHA256SUMS").unlink(missing_ok=True)
    pins = read_lock((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    drop_damaged(wheels, pins)
    for machine in machines:
        fetch(wheels, pins, machine)
        lost = lacking(wheels, pins, machine)
        if lost:
            raise SetupError(f"{machine}: {', '.join(pin.name for pin in lost)}")
    for name in ("requirements", "licences"):
        shutil.rmtree(folder / name, ignore_errors=True)
    write_requirements(folder, pins, machines, build(wheels))
    write_installers(folder, machines)
    write_sums(folder)


def machines(platforms: Sequence[str], pythons: Sequence[str]) -> Iterator[Machine]:
    """Every kind of machine that is asked for."""
    yield from (Machine(platform, python) for platform in platforms or PLATFORMS for python in pythons or PYTHONS)


def main(arguments: list[str]) -> int:
    """Make the folder; 3 where something could not be had."""
    parser = argparse.ArgumentParser(prog="scripts/bundle", description="离线安装包 / A folder that installs without internet")
    parser.add_argument("--to", type=Path, default=ROOT / "offline", metavar="FOLDER")
    parser.add_argument("--platform", action="append", choices=sorted(PLATFORMS), default=[])
    parser.add_argument("--python", action="append", default=[], metavar="3.N")
    options = parser.parse_args(arguments)
    wrong = [version for version in options.python if not re.fullmatch(r"3\.(1[1-9]|[2-9][0-9])", version)]
    if wrong:
        parser.error(f"--python {wrong[0]}")
    try:
        bundle(options.to.absolute(), list(machines(options.platform, options.python)))
    except SetupError as error:
        say(str(error))
        return 3
    size = sum(path.stat().st_size for path in options.to.rglob("*") if path.is_file()) // 1_000_000
    say(f"已写入 {options.to}（{size} MB） / Written to {options.to} ({size} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
