"""The floor: DuckDB reads a table and touches every column, no check at all. `scan.py FILE THREADS`; prints the rows as JSON."""

import json
import sys
from pathlib import Path

import duckdb

path, threads = sys.argv[1:]
with Path(path).open(encoding="utf-8") as file:
    names = file.readline().rstrip("\n").split(",")
columns = ", ".join(f"'{name}': 'varchar'" for name in names)
dialect = "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'"
question = f"select count(*), sum(strlen(columns(*))) from read_csv(?, {dialect}, columns = {{{columns}}})"
with duckdb.connect(config={"threads": int(threads)}) as connection:
    found = connection.execute(question, [path]).fetchall()[0]
print(json.dumps({"rows": found[0]}))
