"""pandera on Polars: types, required, pattern, length, ranges, enumeration, unique.

`with_pandera.py FILE THREADS`; prints rows and how many checks failed as JSON.
Not: check digits, the foreign key, rows with cells too many or too few (Polars refuses the file), row numbers.
"""

import json
import os
import sys

os.environ["POLARS_MAX_THREADS"] = sys.argv[2]

import pandera.polars as pa
import polars as pl

TYPES = {"registered": pl.Date, "updated": pl.Datetime("us"), "amount": pl.Float64, "staff": pl.Int64, "lon": pl.Float64, "lat": pl.Float64}
CHECKS = {
    "uscc": pa.Column(pl.String, pa.Check.str_matches("^[0-9A-HJ-NPQRTUWXY]{18}$"), unique=True),
    "citizen_number": pa.Column(pl.String, pa.Check.str_matches("^[1-9][0-9]{16}[0-9X]$")),
    "name": pa.Column(pl.String, pa.Check.str_length(max_value=50)),
    "division": pa.Column(pl.String, pa.Check.str_matches("^[0-9]{6}$")),
    "registered": pa.Column(pl.Date, nullable=True),
    "updated": pa.Column(pl.Datetime("us"), nullable=True),
    "amount": pa.Column(pl.Float64, pa.Check.ge(0), nullable=True),
    "staff": pa.Column(pl.Int64, pa.Check.in_range(0, 10_000_000), nullable=True),
    "status": pa.Column(pl.String, pa.Check.isin(["01", "02", "03", "04", "05", "09"]), nullable=True),
    "phone": pa.Column(pl.String, pa.Check.str_matches("^1[2-9][0-9]{9}$"), nullable=True),
    "lon": pa.Column(pl.Float64, pa.Check.in_range(73, 136), nullable=True),
    "lat": pa.Column(pl.Float64, pa.Check.in_range(3, 54), nullable=True),
    "remark": pa.Column(pl.String, nullable=True),
}

table = pl.read_csv(sys.argv[1], schema={name: TYPES.get(name, pl.String) for name in CHECKS})
try:
    pa.DataFrameSchema(CHECKS, strict=True).validate(table, lazy=True)
    wrong = 0
except pa.errors.SchemaErrors as error:
    wrong = len(error.schema_errors)
print(json.dumps({"rows": table.height, "wrong": wrong}))
