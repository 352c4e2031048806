"""frictionless with the same rules: the schema with its foreign key, and both check digits as checks of a row.

`reference.py FOLDER`: a folder with `datapackage.json`. Prints rows and findings as JSON. The dialect is fixed, findings are not limited.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
from frictionless import Check, Checklist, Dialect, Error, Package, Resource, Row, Schema, errors, formats, system

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_VALUES = {sign: value for value, sign in enumerate(USCC)}
USCC_WEIGHTS = [3**place % 31 for place in range(17)]
CITIZEN_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
EVERYTHING = 1_000_000_000


@attrs.define(kw_only=True, repr=False)
class CitizenNumber(Check):
    """The check digit of a citizen number."""

    type = "citizen-number"
    Errors = [errors.CellError]  # noqa: RUF012

    def validate_row(self, row: Row) -> Iterator[Error]:
        """Compare the last character with the one that the others ask for."""
        value = row["citizen_number"]
        if not value or len(value) != 18 or not value[:17].isdigit():
            return
        total = sum(int(digit) * weight for digit, weight in zip(value, CITIZEN_WEIGHTS, strict=False))
        if "10X98765432"[total % 11] != value[17]:
            yield errors.CellError.from_row(row, note="citizen-number", field_name="citizen_number")


@attrs.define(kw_only=True, repr=False)
class CreditCode(Check):
    """The check character of a unified social credit code."""

    type = "uscc"
    Errors = [errors.CellError]  # noqa: RUF012

    def validate_row(self, row: Row) -> Iterator[Error]:
        """Compare the last character with the one that the others ask for."""
        value = row["uscc"]
        if not value or len(value) != 18 or not USCC_VALUES.keys() >= set(value):
            return
        total = sum(USCC_VALUES[sign] * weight for sign, weight in zip(value, USCC_WEIGHTS, strict=False))
        if USCC[-total % 31] != value[17]:
            yield errors.CellError.from_row(row, note="uscc", field_name="uscc")


def resource(folder: Path, declared: dict) -> Resource:
    """A table with its schema; nothing about it is guessed."""
    dialect = Dialect(controls=[formats.CsvControl(delimiter=",", quote_char='"', double_quote=True, skip_initial_space=False)])
    path, encoding = str(folder / declared["path"]), declared["encoding"]
    made = Resource(name=declared["name"], path=path, encoding=encoding, dialect=dialect, schema=Schema.from_descriptor(declared["schema"]))
    made.hash = None
    return made


def fault(error: dict) -> list:
    """Row, field and rule of an error, in govdata's words."""
    kind = {"citizen-number": "id/citizen-number", "uscc": "id/uscc"}.get(error.get("note", ""), f"table/{error['type']}")
    field = error.get("fieldName") or ",".join(error.get("fieldNames", []))
    return [error["rowNumber"], field, kind]


def main() -> None:
    """Check the first table of the package."""
    folder = Path(sys.argv[1])
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    with system.use_context(trusted=True):
        tables = [resource(folder, declared) for declared in package["resources"]]
        Package(resources=tables)
        report = tables[0].validate(Checklist(checks=[CitizenNumber(), CreditCode()]), limit_errors=EVERYTHING)
    task = report.tasks[0].to_dict()
    print(json.dumps({"rows": task["stats"]["rows"], "findings": [fault(error) for error in task["errors"]]}))


main()
