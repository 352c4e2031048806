"""A browser and Node.js scripts for tests: both are found or asked for by name, never left out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_browser() -> str:
    """The path of a browser that understands Chromium's protocol."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"no browser on the path; one of {', '.join(BROWSERS)} is needed (Debian: apt-get install chromium fonts-noto-cjk)"
    return found


def with_modules(folder: Path, lock: Path, *scripts: Path) -> Path:
    """Copy scripts into a folder outside the source tree, and install beside them what the lock of another says; gives the folder."""
    npm = shutil.which("npm")
    assert npm, "npm is not on the path; it is needed (Debian: apt-get install npm)"
    for path in (lock / "package.json", lock / "package-lock.json", *scripts):
        shutil.copy(path, folder)
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return folder
