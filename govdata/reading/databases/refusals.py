"""Why a database cannot be read, or not further: raised inside, a finding outside."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path


class Refusal(Exception):
    """What stops the reading: the rule of the finding and its arguments."""

    def __init__(self, rule: str, /, **arguments: object) -> None:
        super().__init__(rule, arguments)
        self.rule = rule
        self.arguments: Mapping[str, object] = arguments


def words(error: BaseException, path: Path) -> str:
    """What a database said, in one line and without the folders of this machine."""
    first = (str(error).strip().splitlines() or [""])[0]
    real = Path(os.path.realpath(path))  # `resolve` refuses a link that leads to itself
    # A file is named to DuckDB as a pattern that fits it alone.
    for name in (str(path.absolute()), glob.escape(str(path.absolute())), str(real), str(path)):
        first = first.replace(name, path.name)
    for folder in (path.absolute().parent, real.parent):
        first = first.replace(f"{folder}/", "").replace(f"{folder}\\", "")
    return first.partition(" See also ")[0][:200]
