"""Tables that grow in one direction: more columns or more foreign keys, the number of cells staying the same."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from folders import MADE, SEED, Folder, fresh, resource, write_package
from rows import CALENDAR, FOUR, STAFF, THREE

CODES = 1_000
"""So many rows has each table that a foreign key leads to."""
KEYED = 100
"""So many columns has the table of which ever more become foreign keys."""


def letters(chance: random.Random, rows: int) -> list[str]:
    """Codes of a letter and six digits."""
    signs = (chance.choices(values, k=rows) for values in ("ABCDEF", THREE, THREE))
    return list(map("".join, zip(*signs, strict=True)))


def decimals(chance: random.Random, rows: int) -> list[str]:
    """Numbers with four digits after the point."""
    return list(map(".".join, zip(chance.choices(STAFF, k=rows), chance.choices(FOUR, k=rows), strict=True)))


KINDS = (
    ({"type": "string", "constraints": {"required": True, "pattern": "[A-F][0-9]{6}"}}, letters),
    ({"type": "integer", "constraints": {"minimum": 0, "maximum": 5_000}}, lambda chance, rows: chance.choices(STAFF, k=rows)),
    ({"type": "number", "constraints": {"minimum": 0}}, decimals),
    ({"type": "date"}, lambda chance, rows: chance.choices(CALENDAR, k=rows)),
    ({"type": "string", "constraints": {"enum": ["01", "02", "03"]}}, lambda chance, rows: chance.choices(["01", "02", "03"], k=rows)),
)


def wide(root: Path, columns: int, cells: int) -> Folder:
    """A table of so many columns, of five kinds in turn."""
    folder = Folder(root / f"wide-{MADE}-{columns}-{cells}", cells // columns, columns)
    if not folder.path.exists():
        fields = {f"f{number}": KINDS[number % len(KINDS)] for number in range(columns)}
        write(folder, {name: made for name, (_, made) in fields.items()}, {"fields": [{"name": n, **d} for n, (d, _) in fields.items()]})
    return folder


def keyed(root: Path, keys: int, cells: int) -> Folder:
    """A table of 100 columns, of which so many are foreign keys, each to a table of its own."""
    folder = Folder(root / f"keyed-{MADE}-{keys}-{cells}", cells // KEYED, KEYED)
    if not folder.path.exists():
        names = [f"f{number}" for number in range(KEYED)]
        declared = [{"fields": [name], "reference": {"resource": f"codes-{name}", "fields": ["code"]}} for name in names[:keys]]
        schema = {"fields": [{"name": name, "type": "string"} for name in names], "foreignKeys": declared}
        write(folder, dict.fromkeys(names, lambda chance, rows: chance.choices(THREE[:CODES], k=rows)), schema)
    return folder


def write(folder: Folder, columns: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Write the table, its package, and the tables that its foreign keys lead to."""
    unfinished, chance = fresh(folder.path), random.Random(SEED)
    targets = [key["reference"]["resource"] for key in schema.get("foreignKeys", [])]
    for name in targets:
        (unfinished / "dataset" / f"{name}.csv").write_text("\n".join(["code", *THREE[:CODES], ""]), encoding="utf-8", newline="")
    with (unfinished / "dataset" / folder.data.name).open("w", encoding="utf-8", newline="") as data:
        data.write(",".join(columns) + "\n")
        for start in range(0, folder.rows, 10_000):
            made = [column(chance, min(10_000, folder.rows - start)) for column in columns.values()]
            data.write("\n".join(map(",".join, zip(*made, strict=True))) + "\n")
    (unfinished / "truth.csv").touch()
    codes = {"fields": [{"name": "code", "type": "string", "constraints": {"required": True}}]}
    write_package(unfinished, [resource("data", schema), *(resource(name, codes) for name in targets)])
    unfinished.rename(folder.path)
