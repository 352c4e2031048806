"""Dataset folders with made tables: a `datapackage.json` with a table schema, the data, the table that foreign keys lead to, the truth.

A folder is made once and kept under a name that says what is in it; `MADE` counts up when what is made changes.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mistakes import Fault, lines, spoil
from rows import DIVISIONS, FIELDS, STATUS, blocks

MADE = 1
SEED = 20_260_105

CODE = {"type": "string", "constraints": {"required": True, "pattern": "[0-9]{6}"}}
SCHEMA: Mapping[str, Any] = {
    "fields": [
        {
            "name": "uscc",
            "type": "string",
            "semantic": "uscc",
            "constraints": {"required": True, "unique": True, "pattern": "[0-9A-HJ-NPQRTUWXY]{18}"},
        },
        {
            "name": "citizen_number",
            "type": "string",
            "semantic": "citizen-number",
            "constraints": {"required": True, "pattern": "[1-9][0-9]{16}[0-9X]"},
        },
        {"name": "name", "type": "string", "constraints": {"required": True, "maxLength": 50}},
        {"name": "division", **CODE},
        {"name": "registered", "type": "date"},
        {"name": "updated", "type": "datetime", "format": "%Y-%m-%d %H:%M:%S"},
        {"name": "amount", "type": "number", "constraints": {"minimum": 0}},
        {"name": "staff", "type": "integer", "constraints": {"minimum": 0, "maximum": 10_000_000}},
        {"name": "status", "type": "string", "constraints": {"enum": list(STATUS)}},
        {"name": "phone", "type": "string", "constraints": {"pattern": "1[2-9][0-9]{9}"}},
        {"name": "lon", "type": "number", "constraints": {"minimum": 73, "maximum": 136}},
        {"name": "lat", "type": "number", "constraints": {"minimum": 3, "maximum": 54}},
        {"name": "remark", "type": "string"},
    ],
    "missingValues": [""],
    "foreignKeys": [{"fields": ["division"], "reference": {"resource": "division", "fields": ["code"]}}],
}
DIVISION_SCHEMA: Mapping[str, Any] = {"fields": [{"name": "code", **CODE}, {"name": "label", "type": "string"}]}


@dataclass(frozen=True, slots=True)
class Folder:
    """A made folder, and what a check of it must say that it saw: the dataset in it, and beside that what only we need."""

    path: Path
    rows: int
    columns: int = len(FIELDS)
    encoding: str = "utf-8"
    kind: str = "csv"

    @property
    def dataset(self) -> Path:
        """The folder to check."""
        return self.path / "dataset"

    @property
    def data(self) -> Path:
        """The table."""
        return self.dataset / f"data.{self.kind}"

    @property
    def truth(self) -> set[Fault]:
        """The findings that there have to be."""
        with (self.path / "truth.csv").open(encoding="utf-8", newline="") as file:
            return {Fault(int(row), field, rule) for row, field, rule in csv.reader(file)}


def resource(name: str, schema: Mapping[str, Any], encoding: str = "utf-8") -> dict[str, Any]:
    """A table of a data package."""
    return {"name": name, "path": f"{name}.csv", "encoding": encoding, "schema": schema}


def write_package(path: Path, resources: Sequence[Mapping[str, Any]]) -> None:
    """Write `datapackage.json`, and the schemas apart for programs that want a file."""
    write_json(path / "dataset" / "datapackage.json", {"name": "register", "title": "企业登记信息", "resources": resources})
    for declared in resources:
        write_json(path / f"{declared['name']}.schema.json", declared["schema"])


def write_json(path: Path, value: object) -> None:
    """Write a value for people to read."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def write_divisions(path: Path) -> None:
    """Write the table of codes."""
    rows = "".join(f"{code},区划{code}\n" for code in DIVISIONS)
    (path / "dataset" / "division.csv").write_text("code,label\n" + rows, encoding="utf-8", newline="")


def write_register(path: Path, rows: int, encoding: str, rate: float) -> None:
    """Write the table and its truth."""
    chance = random.Random(SEED + 1)
    told = (path / "truth.csv").open("w", encoding="utf-8", newline="")
    with told, (path / "dataset" / "data.csv").open("w", encoding=encoding, newline="") as data:
        data.write(",".join(FIELDS) + "\n")
        for start, columns in blocks(rows, SEED):
            faults = spoil(columns, start, rate, chance) if rate else []
            data.write("\n".join(lines(columns, faults, start)) + "\n")
            csv.writer(told, lineterminator="\n").writerows(faults)


def register(root: Path, rows: int, encoding: str = "utf-8", rate: float = 0.0) -> Folder:
    """The folder with the register of enterprises: so many rows, with mistakes in a share of them."""
    path = root / f"register-{MADE}-{rows}-{encoding}{f'-{rate}' if rate else ''}"
    folder = Folder(path, rows, encoding=encoding)
    if not path.exists():
        unfinished = fresh(path)
        write_divisions(unfinished)
        write_register(unfinished, rows, encoding, rate)
        write_package(unfinished, [resource("data", SCHEMA, encoding), resource("division", DIVISION_SCHEMA)])
        unfinished.rename(path)
    return folder


TYPES = {"integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP"}
"""Of fields in DuckDB and Parquet; others are text. SQLite has numbers, and days as text."""


def in_database(root: Path, rows: int, kind: str) -> Folder:
    """The register as a table of a database: `sqlite`, `duckdb`, or a `parquet` file."""
    plain = register(root, rows)
    path = root / f"register-{MADE}-{rows}-{kind}"
    folder = Folder(path, rows, encoding="", kind=kind)
    if not path.exists():
        unfinished = fresh(path)
        write_divisions(unfinished)
        (unfinished / "truth.csv").touch()
        (write_sqlite if kind == "sqlite" else write_duckdb)(plain.data, unfinished / "dataset" / f"data.{kind}")
        schema = {**SCHEMA, "fields": [{**field, "format": "default"} if kind != "sqlite" else field for field in SCHEMA["fields"]]}
        declared = resource("data", schema, "utf-8") | {"path": f"data.{kind}"}
        if kind != "parquet":
            declared["dialect"] = {"table": "data"}
        write_package(unfinished, [declared, resource("division", DIVISION_SCHEMA)])
        unfinished.rename(path)
    return folder


def write_sqlite(data: Path, path: Path) -> None:
    """Write the register into a SQLite file."""
    types = {"integer": "INTEGER", "number": "REAL"}
    columns = ", ".join(f"{field['name']} {types.get(field['type'], 'TEXT')}" for field in SCHEMA["fields"])
    with closing(sqlite3.connect(path)) as connection, data.open(encoding="utf-8", newline="") as file:
        connection.execute(f"CREATE TABLE data ({columns})")
        rows = csv.reader(file)
        next(rows)
        connection.executemany(
            f"INSERT INTO data VALUES ({', '.join('?' * len(FIELDS))})", ([cell or None for cell in row] for row in rows)
        )
        connection.commit()


def write_duckdb(data: Path, path: Path) -> None:
    """Write the register into a DuckDB file or a Parquet file."""
    import duckdb

    columns = {field["name"]: TYPES.get(field["type"], "VARCHAR") for field in SCHEMA["fields"]}
    with duckdb.connect(str(path) if path.suffix == ".duckdb" else ":memory:") as connection:
        connection.execute(f"CREATE TABLE data AS SELECT * FROM read_csv('{data}', header = true, columns = {columns!r})")
        if path.suffix == ".parquet":
            connection.execute(f"COPY data TO '{path}'")


def fresh(path: Path) -> Path:
    """An empty folder beside the path, to be renamed when it is whole."""
    unfinished = path.with_name(path.name + ".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    (unfinished / "dataset").mkdir(parents=True)
    return unfinished
