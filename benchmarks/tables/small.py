"""Small things to check: the table of codes with its schema, and a dataset of an entry with a table of twenty rows."""

from __future__ import annotations

from pathlib import Path

from folders import DIVISION_SCHEMA, Folder, fresh, write_divisions, write_json
from rows import DIVISIONS

ENTRY = """title: Public car parks of Yunjian
identifier: "307001/000012"
publisher: Construction Commission of Yunjian
publisherCode: "113101990000000434"
description: Number, division, spaces and first day of the car parks open to the public
sharing: {type: unconditional, method: file}
opening: {open: no}
updateCycle: quarterly
issued: 2026-01-05
keywords: [car park, parking]
contact: {organisation: Information office, phone: 021-00001004}
resources:
  - file: data.csv
    fields:
      - {name: number, type: string, primaryKey: yes}
      - {name: division, type: string, semantic: division}
      - {name: spaces, type: integer, minimum: 0}
      - {name: opened, type: date}
"""


def codes(root: Path) -> Folder:
    """A table of 3,200 rows and two columns, and its schema beside it."""
    folder = Folder(root / "codes-1", len(DIVISIONS), 2)
    if not folder.path.exists():
        unfinished = fresh(folder.path)
        write_divisions(unfinished)
        (unfinished / "dataset" / "division.csv").rename(unfinished / "dataset" / folder.data.name)
        write_json(unfinished / "dataset" / "schema.json", DIVISION_SCHEMA)
        (unfinished / "truth.csv").touch()
        unfinished.rename(folder.path)
    return folder


def car_parks(root: Path) -> Folder:
    """A dataset as an officer makes it."""
    folder = Folder(root / "car-parks-1", 20, 4)
    if not folder.path.exists():
        unfinished = fresh(folder.path)
        (unfinished / "dataset" / "entry.yaml").write_text(ENTRY, encoding="utf-8")
        rows = "".join(f"P{number:04},{DIVISIONS[number]},{number * 17},2025-03-{number + 1:02}\n" for number in range(folder.rows))
        (unfinished / "dataset" / folder.data.name).write_text("number,division,spaces,opened\n" + rows, encoding="utf-8", newline="")
        (unfinished / "truth.csv").touch()
        unfinished.rename(folder.path)
    return folder
