"""pointblank on Polars: types, required, pattern, length, ranges, enumeration, unique.

`with_pointblank.py FILE THREADS`; prints rows and how many checks failed as JSON.
Not: check digits, the foreign key, rows with cells too many or too few (Polars refuses the file), row numbers.
"""

import json
import os
import sys

os.environ["POLARS_MAX_THREADS"] = sys.argv[2]

import pointblank as pb
import polars as pl

TYPES = {"registered": pl.Date, "updated": pl.Datetime("us"), "amount": pl.Float64, "staff": pl.Int64, "lon": pl.Float64, "lat": pl.Float64}

table = pl.read_csv(sys.argv[1], infer_schema=False, schema_overrides=TYPES)
checked = (
    pb.Validate(table)
    .col_vals_not_null(columns=["uscc", "citizen_number", "name", "division"])
    .rows_distinct(columns_subset="uscc")
    .col_vals_regex(columns="uscc", pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")
    .col_vals_regex(columns="citizen_number", pattern="^[1-9][0-9]{16}[0-9X]$")
    .col_vals_regex(columns="name", pattern="^.{1,50}$")
    .col_vals_regex(columns="division", pattern="^[0-9]{6}$")
    .col_vals_ge(columns="amount", value=0, na_pass=True)
    .col_vals_between(columns="staff", left=0, right=10_000_000, na_pass=True)
    .col_vals_in_set(columns="status", set=["01", "02", "03", "04", "05", "09"])
    .col_vals_regex(columns="phone", pattern="^1[2-9][0-9]{9}$", na_pass=True)
    .col_vals_between(columns="lon", left=73, right=136, na_pass=True)
    .col_vals_between(columns="lat", left=3, right=54, na_pass=True)
    .interrogate(collect_extracts=False)
)
print(json.dumps({"rows": table.height, "wrong": sum(failed > 0 for failed in checked.n_failed().values())}))
