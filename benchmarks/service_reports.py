"""Reports for services: what it takes to write 5,000 results as SARIF (at most a second), and the others of the same report.

    python benchmarks/service_reports.py [--results 5000] [--rounds 5]

Processor seconds, the least of the rounds, in one process in which the content has been read; sizes as written and with gzip.
"""

from __future__ import annotations

import argparse
import gzip

from measuring import seconds, table

from govdata.formats import write
from govdata.values import DatasetReport, Finding, Report

FORMATS = ("sarif", "junit", "github", "gitlab", "markdown")


def report_of(results: int) -> Report:
    """So many findings of a few rules in one table, each with a value of its own."""
    rules = ("table/type-error", "table/constraint-error", "table/code-list", "id/uscc")
    found = tuple(
        Finding(
            rules[number % len(rules)],
            file="停车场.csv",
            line=number + 2,
            row=number + 2,
            column=3,
            field="泊位数",
            cell=f"C{number + 2}",
            value=f"{number:,}",
            message=f"“{number:,}”不是整数。",
            help="把单元格改成这一列要求的写法；整列都不对的，先核对条目里这个信息项的“类型”是不是写错了。",
            fingerprint=f"{number:016x}",
        )
        for number in range(results)
    )
    dataset = DatasetReport(
        path="停车场", id="307001/000012", title="公共停车场", valid=False, entry={"file": "entry.yaml"}, resources=(),
        checked={"rules": 64}, skipped=(), causes=(), counts={}, shown=results, accepted=(), findings=found, folder="停车场",
    )  # fmt: skip
    return Report("0", {"today": "2026-03-02", "language": "zh-CN"}, False, (dataset,))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    report = report_of(options.results)
    rows = []
    for name in FORMATS:
        text = "".join(write(report, name, "zh-CN")).encode()
        taken = min(seconds(lambda name=name: "".join(write(report, name, "zh-CN"))) for _ in range(options.rounds))
        rows.append(
            (f"{name}, {options.results:,} findings", f"{taken:.2f}", f"{len(text) / 1e6:.2f}", f"{len(gzip.compress(text)) / 1e6:.2f}")
        )
    print(table(["report", "seconds", "MB", "MB with gzip"], rows))


if __name__ == "__main__":
    main()
