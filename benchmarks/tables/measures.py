"""One function for each line of the numbers to reach: what is run in pairs, and what the ratio is of."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import contenders
import growth
import small
from contenders import ROOT, Setting, look, ours
from folders import Folder, in_database, register
from goals import Goal, Result, left_out, result, today
from processes import Command, Ratio, checked, limited, pairs, ratio, read_once

RATE = 0.001
LIMIT = 400
NO_PEERS, NO_QSV = "the peers are not installed", "no qsv"


@dataclass(frozen=True, slots=True)
class Bench:
    """The setting, and how large and how often."""

    setting: Setting
    rows: int
    big: int
    cells: int
    pairs: int
    rate: float = RATE

    def clean(self) -> Folder:
        """The register without a mistake."""
        return register(self.setting.root, self.rows)


def named(rows: int) -> str:
    """A number of rows as people say it."""
    return f"{rows // 1_000_000}M" if rows >= 1_000_000 and not rows % 1_000_000 else f"{rows:,}"


def beside(bench: Bench, goal: Goal, folder: Folder, other: Command | None, why: str = NO_PEERS) -> Result:
    """Ours against another on the same folder; the ratio is theirs ÷ ours where more is better, else ours ÷ theirs."""
    if other is None:
        return left_out(goal, why)
    read_once(folder.data)
    command = ours(bench.setting, folder.dataset, wrong=bool(folder.truth))
    mine, theirs = pairs(command, other, bench.pairs, functools.partial(look, folder))
    return result(goal, ratio(theirs, mine) if goal.more else ratio(mine, theirs), mine, theirs)


def clean(bench: Bench) -> Iterator[Result]:
    """All checks, against frictionless with the same rules."""
    goal = Goal(f"{named(bench.rows)} rows × 13, all checks: times as fast as frictionless, same rules", 20, 35, more=True)
    yield beside(bench, goal, bench.clean(), contenders.reference(bench.clean()))


def scan(bench: Bench) -> Iterator[Result]:
    """All checks, against a bare scan."""
    goal = Goal(f"{named(bench.rows)} rows × 13: time of a bare DuckDB scan", 3.5, 2.2)
    yield beside(bench, goal, bench.clean(), contenders.scan(bench.setting, bench.clean()))


def big(bench: Bench) -> Iterator[Result]:
    """A large table: against a bare scan, and its memory."""
    folder = register(bench.setting.root, bench.big)
    goal = Goal(f"{named(bench.big)} rows × 13: time of a bare DuckDB scan", 4.5, 3.5)
    yield beside(bench, goal, folder, contenders.scan(bench.setting, folder))
    command, most = ours(bench.setting, folder.dataset), Goal(f"{named(bench.big)} rows: memory of all processes", 600, 600, unit=" MB")
    done = checked(command)
    look(folder, command, done)
    yield replace(result(most, Ratio((done.peak,))), seconds=f"{done.seconds:.3g}")


def limit(bench: Bench) -> Iterator[Result]:
    """A large table under a hard limit of memory."""
    folder = register(bench.setting.root, bench.big)
    command = ours(bench.setting, folder.dataset)
    done, how = limited(command, LIMIT)
    if not done.status:
        look(folder, command, done)
    end = "killed or failed" if done.status else "finished"
    what = f"{named(bench.big)} rows under a hard limit of {LIMIT} MB ({how})"
    reached = "**no**" if done.status else "aim"
    seconds, memory = f"{done.seconds:.3g}", f"{done.peak:.0f}"
    yield Result(what, "finishes", "finishes", end, reached=reached, seconds=seconds, memory=memory, date=today())


def errors(bench: Bench) -> Iterator[Result]:
    """Mistakes of 15 kinds, every finding compared with the truth."""
    folder = register(bench.setting.root, bench.rows, rate=bench.rate)
    what = f"{named(bench.rows)} rows, {bench.rate:.1%} bad of 15 kinds, every finding right: times as fast as frictionless"
    goal = Goal(what, 14, 25, more=True)
    yield beside(bench, goal, folder, contenders.reference(folder))


def gb18030(bench: Bench) -> Iterator[Result]:
    """The same table in GB18030 and in UTF-8."""
    other, plain = register(bench.setting.root, bench.rows, "gb18030"), bench.clean()
    read_once(other.data, plain.data)
    first, second = ours(bench.setting, other.dataset), ours(bench.setting, plain.dataset)
    mine, theirs = pairs(first, second, bench.pairs, lambda command, done: look(other if command is first else plain, command, done))
    yield result(Goal(f"{named(bench.rows)} rows in GB18030: time of UTF-8", 1.3, 1.05), ratio(mine, theirs), mine, theirs)


def codes(bench: Bench) -> Iterator[Result]:
    """A table of 3,200 rows with its schema."""
    folder = small.codes(bench.setting.root)
    schema = folder.dataset / "schema.json"
    first = ours(bench.setting, folder.data, "--schema", str(schema))
    second = contenders.frictionless(folder.data, "--schema", schema.name)
    goal = Goal("3,200 rows with a schema: times as fast as `frictionless validate`", 7, 12, more=True)
    yield started(bench, goal, folder, (first, second))


def folder(bench: Bench) -> Iterator[Result]:
    """A dataset of an entry and twenty rows, against the table alone."""
    made = small.car_parks(bench.setting.root)
    commands = ours(bench.setting, made.dataset), contenders.frictionless(made.data)
    goal = Goal("a folder of an entry and 20 rows: times as fast as `frictionless validate` of the CSV alone", 4, 6, more=True)
    yield started(bench, goal, made, commands)


def started(bench: Bench, goal: Goal, folder: Folder, commands: tuple[Command, Command]) -> Result:
    """Short runs: three times as many pairs, after one that nobody counts."""
    often = 1 if bench.pairs == 1 else 3 * bench.pairs
    for command in commands if often > 1 else ():
        checked(command)
    mine, theirs = pairs(*commands, often, functools.partial(look, folder))
    return result(goal, ratio(theirs, mine), mine, theirs)


def workbook(bench: Bench) -> Iterator[Result]:
    """What the benchmark of workbooks says."""
    rows = max(bench.rows // 10, 100)
    command = [sys.executable, str(ROOT / "benchmarks" / "workbook.py"), "--rows", str(rows), "--full", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    goal = Goal(f"XLSX, {named(rows)} rows × 13: times as fast as openpyxl read-only (`benchmarks/workbook.py`)", 5, 8, more=True)
    ratios = re.findall(r"\| ([0-9.]+) \|$", done.stdout, re.MULTILINE)  # of each kind of sheet, the first as Excel and WPS write
    yield result(goal, Ratio((float(ratios[0]),)))


def lookalikes(bench: Bench) -> Iterator[Result]:
    """All our checks against pandera and pointblank, which do what they can."""
    table = bench.clean()
    arguments = (str(table.data), str(bench.setting.jobs))
    goals = {"with_pandera.py": ("pandera (Polars)", 0.85), "with_pointblank.py": ("pointblank (Polars)", 1.05)}
    for script, (name, floor) in goals.items():
        goal = Goal(f"{named(bench.rows)} rows, all our checks: time of {name} on the checks that it can do", floor, 0.6)
        yield beside(bench, goal, table, contenders.peer(bench.setting, script, *arguments))


def qsv(bench: Bench) -> Iterator[Result]:
    """All our checks against `qsv validate`."""
    table = bench.clean()
    for across, text, floor, aim in ((False, "without", 0.9, 0.5), (True, "with", 0.4, 0.25)):
        goal = Goal(f"{named(bench.rows)} rows, all our checks: time of `qsv validate` {text} unique and lookup", floor, aim)
        yield beside(bench, goal, table, contenders.qsv(bench.setting, table, across=across), NO_QSV)


def peers(bench: Bench) -> Iterator[Result]:
    """The peers against a bare scan, without us: what the machine gives."""
    table = bench.clean()
    below, setting = contenders.scan(bench.setting, table), bench.setting
    arguments = (str(table.data), str(setting.jobs))
    others = {
        "frictionless, same rules": contenders.reference(table),
        "pandera": contenders.peer(setting, "with_pandera.py", *arguments),
        "pointblank": contenders.peer(setting, "with_pointblank.py", *arguments),
        "qsv without unique and lookup": contenders.qsv(setting, table, across=False),
        "qsv with them": contenders.qsv(setting, table, across=True),
    }
    read_once(table.data)
    for name, above in others.items():
        goal = Goal(f"{named(bench.rows)} rows × 13: time of {name} against a bare DuckDB scan", 0, 0)
        if above is None or below is None:
            yield replace(left_out(goal, NO_QSV if name.startswith("qsv") else NO_PEERS), floor="", aim="")
            continue
        first, second = pairs(above, below, bench.pairs, functools.partial(look, table))
        yield replace(result(goal, ratio(first, second), first, second), floor="", aim="", reached="")


def longer(bench: Bench) -> Iterator[Result]:
    """More rows."""
    sizes = [bench.rows // 100, bench.rows // 10, bench.rows, *([bench.big] if bench.big > bench.rows else [])]
    yield grown(bench, "rows", {named(rows): register(bench.setting.root, rows) for rows in sizes}, base=1)


def wider(bench: Bench) -> Iterator[Result]:
    """More columns."""
    yield grown(bench, "columns", {str(columns): growth.wide(bench.setting.root, columns, bench.cells) for columns in (5, 50, 500)})


def keys(bench: Bench) -> Iterator[Result]:
    """More foreign keys."""
    yield grown(bench, "foreign keys", {str(keys): growth.keyed(bench.setting.root, keys, bench.cells) for keys in (1, 10, 100)})


def grown(bench: Bench, what: str, tables: dict[str, Folder], base: int = 0) -> Result:
    """The time per cell of tables of several sizes, in turn: the most against that of the base."""
    rounds = [{name: per_cell(bench, table) for name, table in tables.items()} for _ in range(bench.pairs)]
    names = list(tables)[base:]
    ratios = Ratio(tuple(max(times[name] for name in names) / times[names[0]] for times in rounds))
    goal = Goal(f"growth, {', '.join(tables)} {what}: most time per cell against {names[0]} {what}", 1.5, 1.1)
    times = [f"{Ratio(tuple(each[name] for each in rounds)).median * 1e9:,.0f}" for name in tables]
    return replace(result(goal, ratios), seconds=f"{' : '.join(times)} ns a cell")


def per_cell(bench: Bench, table: Folder) -> float:
    """Seconds per cell of a whole run."""
    read_once(table.data)
    command = ours(bench.setting, table.dataset)
    done = checked(command)
    look(table, command, done)
    return done.seconds / (table.rows * table.columns)


def database(bench: Bench, kind: str) -> Iterator[Result]:
    """The register in a database, beside the bare scan of the same rows as CSV. No floor is set."""
    folder, plain = in_database(bench.setting.root, bench.rows, kind), bench.clean()
    below = contenders.scan(bench.setting, plain)
    goal = Goal(f"{named(bench.rows)} rows × 13 in {kind}, all checks: time of a bare DuckDB scan of the CSV", 0, 0)
    if below is None:
        yield replace(left_out(goal, NO_PEERS), floor="", aim="")
        return
    read_once(folder.data, plain.data)
    command = ours(bench.setting, folder.dataset)
    mine, theirs = pairs(command, below, bench.pairs, lambda done, run: look(folder if done is command else plain, done, run))
    yield replace(result(goal, ratio(mine, theirs), mine, theirs), floor="", aim="", reached="")


MEASURES: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "clean": clean,
    "scan": scan,
    "big": big,
    "limit": limit,
    "errors": errors,
    "gb18030": gb18030,
    "codes": codes,
    "folder": folder,
    "workbook": workbook,
    "lookalikes": lookalikes,
    "qsv": qsv,
    "peers": peers,
    "rows": longer,
    "columns": wider,
    "keys": keys,
    "sqlite": functools.partial(database, kind="sqlite"),
    "duckdb": functools.partial(database, kind="duckdb"),
    "parquet": functools.partial(database, kind="parquet"),
}
