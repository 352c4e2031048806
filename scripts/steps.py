"""What scripts/bundle, scripts/demo, scripts/test, scripts/ckan and scripts/lock do, once a Python was found. Standard library only."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

import environment
from environment import PYTHON, ROOT, SetupError, say

PACKAGES = {
    "chromium": ["chromium", "fonts-noto-cjk"],
    "node": ["nodejs"],
    "npm": ["npm"],
    "java": ["default-jre-headless"],
    "nginx": ["nginx-light"],
    "soffice": ["libreoffice-calc"],
}
"""What the tests marked `service` need: program → Debian packages."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

CKAN_LOCK = "scripts/stack/requirements.lock"

PLUGINS = "datastore scheming_datasets dcat govdata"
"""What runs in the site that has what govdata brings: our plugin comes as a wheel into CKAN's own environment."""

DEMO = ("right", "mistakes")
"""The two directories of the example: as it should be, and the same with mistakes planted."""


def demo(arguments: list[str]) -> int:
    """The main job on the shipped example: findings are expected where mistakes were planted, so they are no failure of this script."""
    del arguments
    with environment.only_one():
        environment.prepare("run")
        if not (ROOT / "demo").exists() and govdata("demo", "demo"):
            return 3
    codes = [govdata("validate", f"demo/{name}", "--output", f"demo/{name}.html") for name in DEMO]
    unfinished = [code for code in codes if code not in (0, 1)]
    if unfinished:
        say(f"检查没有完成（退出码 {unfinished[0]}）。 / The check did not finish (exit code {unfinished[0]}).")
        return unfinished[0]
    say("")
    say("“mistakes”里的错误是有意放进去的，不通过是正常的；每一处写在 demo/mistakes.yaml。")
    say("The mistakes are planted: that this one does not pass is expected; demo/mistakes.yaml lists them.")
    built = govdata("site", "build", "demo/right", "--to", str(ROOT / "demo" / "public"))
    for name in DEMO:
        say(f"报告 / Report: {ROOT / 'demo' / name}.html")
    # 1: what the gate leaves out of a public site is left out on purpose.
    if built in (0, 1):
        say(f"网站 / Site: {ROOT / 'demo' / 'public' / 'index.html'}（用浏览器打开 / open it in a browser）")
    return codes[0] if built in (0, 1) else built


def govdata(*arguments: str) -> int:
    """Run the program of the environment; its console script would not start from a path with spaces in it."""
    return run(str(PYTHON), "-m", "govdata", *arguments)


def run(*command: str) -> int:
    """Run a command in the project's folder and give its exit code."""
    return subprocess.run(command, cwd=ROOT, env=environment.clean(), stdin=subprocess.DEVNULL, check=False).returncode


def test(arguments: list[str]) -> int:
    """Lint, types, tests; all are run, and the first that failed gives the exit code. pytest comes last: its summary ends the output."""
    everything = "--all" in arguments
    chosen = [argument for argument in arguments if argument != "--all"]
    if everything and not ready_for_services():
        return 3
    with environment.only_one():
        environment.prepare("test")
    if everything and ckan(["install", "--package", str(wheel()), "--plugins", f"govdata={PLUGINS}"]):
        return 3
    codes = []
    if not chosen:
        codes.append(step("ruff", "check", "--quiet", "."))
        codes.append(step("ruff", "format", "--check", "--quiet", "."))
        codes.append(step("mypy"))
    if not everything:
        say("没有运行需要浏览器和 CKAN 的测试（标记 service）；全部运行请用 scripts/test --all。")
        say("Left out: the tests marked `service`, which need a browser, Node.js, Java and CKAN; scripts/test --all runs them too.")
    failed = [name for name, code in zip(("ruff check", "ruff format", "mypy"), codes, strict=False) if code]
    if failed:
        say(f"未通过 / Failed: {', '.join(failed)}")
    with running_ckan() if everything else contextlib.nullcontext():
        codes.append(step("pytest", "-n", "2", *([] if everything else ["-m", "not service"]), *chosen))
    return next((code for code in codes if code), 0)


def bundle(arguments: list[str]) -> int:
    """The folder for machines without internet; made by the environment's Python, which has what reads a lock."""
    with environment.only_one():
        environment.prepare("run")
    return run(str(PYTHON), "-B", "scripts/bundling.py", *arguments)


@contextlib.contextmanager
def running_ckan() -> Iterator[None]:
    """The CKAN to test against is up; afterwards it is as it was before. What cannot be started is an error."""
    ran = ckan(["status"]) == 0
    ckan(["start"])
    try:
        yield
    finally:
        if not ran:
            ckan(["stop"])


def wheel() -> pathlib.Path:
    """The project as a wheel: the same bytes as long as nothing changes, so that it is not installed again."""
    folder = pathlib.Path(os.environ.get("GOVDATA_CKAN_DIR") or ROOT / ".ckan") / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    say("制作安装包… / Making the wheel …")
    subprocess.run(
        [str(PYTHON), "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, env=environment.clean(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


def step(tool: str, *arguments: str) -> int:
    """Run a tool of the environment."""
    say(f"— {tool} {' '.join(arguments)}")
    return run(str(PYTHON), "-m", tool, *arguments)


def ready_for_services() -> bool:
    """Whether browser and Node.js are there, after installing them where that may be done."""
    packages = missing()
    if packages and shutil.which("apt-get") and os.geteuid() == 0:
        say(f"安装 / Installing: {' '.join(packages)}")
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]):
            subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
        packages = missing()
    if packages:
        say(f"缺少这些软件包，请先安装：{' '.join(packages)}")
        say(f"These are missing, install them first (Debian: apt-get install): {' '.join(packages)}")
    return not packages


def missing() -> list[str]:
    """The Debian packages whose programs are not on the path."""
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"
    programs = {name: shutil.which(name, path=path) for name in PACKAGES}
    programs["chromium"] = next(filter(None, map(shutil.which, BROWSERS)), None)
    return [package for program, found in programs.items() if not found for package in PACKAGES[program]]


def lock(arguments: list[str]) -> int:
    """Resolve anew for every platform from Python 3.11 on; `--keep` leaves versions that still fit. No index address gets inside."""
    with environment.only_one():
        environment.prepare("test")
        if not environment.succeeds(str(PYTHON), "-m", "uv", "--version"):
            environment.pip("install", "--quiet", "uv")
        newest = [] if "--keep" in arguments else ["--upgrade"]
        own = ["--extra", "fast", "--group", "setup", "pyproject.toml"]
        tests = ["--extra", "ckan", "--extra", "graph", "--extra", "sql", "--group", "test", "--constraint", "requirements.lock"]
        kinds = {"requirements.lock": own, "requirements-test.lock": [*tests, *own], CKAN_LOCK: [CKAN_LOCK.replace(".lock", ".in")]}
        for file, sources in kinds.items():
            if compile_lock(file, [*sources, *newest]):
                return 3
    return 0


def compile_lock(file: str, options: list[str]) -> int:
    """One lock, with digests, for all platforms."""
    fixed = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header", "--quiet"]
    return run(str(PYTHON), "-m", "uv", "pip", "compile", *fixed, *options, "--output-file", file)


def ckan(arguments: list[str]) -> int:
    """One command of the CKAN to test against."""
    from stack import command  # POSIX only

    return command.main(arguments)


def main(arguments: list[str]) -> int:
    """Run one step and give its exit code."""
    steps = {"bundle": bundle, "demo": demo, "test": test, "lock": lock, "ckan": ckan}
    try:
        return steps[arguments[0]](arguments[1:])
    except SetupError as error:
        say(str(error))
        return 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
