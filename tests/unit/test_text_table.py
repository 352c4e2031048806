"""Text tables: the rows of csv.reader and frictionless, and a finding for everything odd."""

from __future__ import annotations

import csv
import gc
import io
import os
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from govdata.reading.signature import check_readable
from govdata.reading.texts.delimiter import check_delimiter
from govdata.reading.texts.lines import Lines, TooBig
from govdata.reading.texts.table import open_text
from govdata.settings import Settings
from govdata.values import Dialect, Finding, Resource, Row

RUN = Settings()
MEBIBYTE = 1 << 20


def read(path: Path, run: Settings = RUN, **more: Any) -> list[Row | Finding]:
    resource = Resource(id="t", path=path, file="dir/" + path.name, format=more.pop("format", "csv"), **more)
    return list(open_text(resource, run).stream())  # type: ignore[arg-type]


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., list[Row | Finding]]:
    def write_and_read(data: bytes | str, run: Settings = RUN, name: str = "a.csv", **more: Any) -> list[Row | Finding]:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return read(path, run, **more)

    return write_and_read


def rows(items: list[Row | Finding]) -> list[tuple[int, int | None, list[Any]]]:
    return [(item.number, item.line, list(item.cells)) for item in items if isinstance(item, Row)]


def found(items: list[Row | Finding]) -> list[tuple[str, int | None]]:
    return [(item.rule, item.line) for item in items if isinstance(item, Finding)]


CASES: dict[str, tuple[bytes | str, list[tuple[str, int | None]]]] = {
    "plain": ("a,b\n1,x\n", []),
    "mark at the beginning": ("\ufeffa,b\n1,x\n", []),
    "no last line end": ("a,b\n1,x", []),
    "line end inside quotes": ('a,b\r\n1,"x\ny"\r\n2,z\r\n', []),
    "quotes doubled": ('a,b\n1,"x""y"\n', []),
    "quote inside a bare cell": ('a,b\n1,x"y\n', []),
    "other kinds of line separators are text": ("a,b\n1,x\u2028y\x85z\x0b\x0c\x1c\n", []),
    "blank rows": ("a,b\n\n1,x\n\n", []),
    "mixed line ends": ("a,b\n1,x\r\n2,y\n", [("file/line-ends", 2)]),
    "CR alone": ("a,b\r1,x\r", [("file/line-ends", 1)]),
    "empty": ("", [("file/empty", None)]),
    "mark only": ("\ufeff", [("file/empty", None)]),
    "blank lines only": ("\n\n", [("file/empty", None)]),
    "header only": ("a,b\n", [("file/header-only", None)]),
    "header and blank rows": ("a,b\n\n,\n", [("file/header-only", None)]),
    "NUL": ("a,b\n1,x\0y\n", [("file/nul", 2)]),
    "Ctrl-Z": ("a,b\n1,x\n\x1a", [("file/control-z", 3)]),
    "mark inside": ("a,b\n1,x\n\ufeffa,b\n2,y\n", [("file/bom-inside", 3)]),
    "unclosed quote": ('a,b\n1,x\n2,"y\n3,z\n', [("file/unclosed-quote", 3)]),
    "unclosed quote in the last cell": ('a,b\n1,"x', [("file/unclosed-quote", 2)]),
    "unclosed after a closed one": ('a,b\n"1\n2","x\ny\n', [("file/unclosed-quote", 3)]),
    "text after a quote": ('a,b\n1,"x"y\n2,z\n', [("file/stray-quote", 2)]),
    "semicolons": ("a;b\n1;x\n2;y\n", [("file/delimiter", 1)]),
    "tabs": ("a\tb\n1\tx\n2\ty\n", [("file/delimiter", 1)]),
    "full-width commas": ("编号，名称\n1，停车场\n2，公园\n", [("file/delimiter", 1)]),
    "one column": ("名称\n停车场；收费\n公园\n", []),
    "one column of lists": ("名称、别名\n停车场\n公园\n", []),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), [("file/not-text", None)]),
    "archive": (b"PK\x03\x04" + bytes(99), [("file/not-text", None)]),
    "old Office file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), [("file/not-text", None)]),
    "PDF": (b"%PDF-1.7\n" + bytes(99), [("file/not-text", None)]),
    "page": ("<html><table><tr><td>1</td></tr></table></html>", [("file/not-text", None)]),
    "noise": (bytes(range(256)) * 8, [("file/not-text", None)]),
    "a column called BM": ("BM,MZ\n1,2\n", []),
    "wrong encoding": ("a,b\n1,12路\n".encode("gb18030"), [("file/encoding", 2)]),
}


@pytest.mark.parametrize("name", CASES)
def test_findings(name: str, table: Callable[..., list[Row | Finding]]) -> None:
    data, expected = CASES[name]
    items = table(data)
    assert found(items) == expected
    assert all(item.file == "dir/a.csv" and item.resource == "t" for item in items if isinstance(item, Finding))


FATAL = {"file/unclosed-quote", "file/not-text", "file/encoding", "file/delimiter"}


@pytest.mark.parametrize("name", [name for name, (_, rules) in CASES.items() if not FATAL & {rule for rule, _ in rules}])
def test_rows_and_their_numbers_equal_frictionless(name: str, table: Callable[..., list[Row | Finding]], tmp_path: Path) -> None:
    items = table(CASES[name][0])
    if any(rule == "file/control-z" for rule, _ in found(items)):
        items.append(Row(3, 3, ["\x1a"]))  # left out by us
    if (tmp_path / "a.csv").stat().st_size > 3:
        assert [(number, cells) for number, _, cells in rows(items)] == _frictionless(tmp_path / "a.csv")


def _frictionless(path: Path) -> list[tuple[int, list[str]]]:
    from frictionless import Dialect as Other
    from frictionless import Resource as Reference
    from frictionless import formats, system

    encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "utf-8"
    dialect = Other(header=False, controls=[formats.CsvControl(delimiter=",", quote_char='"', skip_initial_space=False)])
    with system.use_context(trusted=True), Reference(path=str(path), encoding=encoding, format="csv", dialect=dialect) as resource:
        return list(enumerate(map(list, resource.cell_stream), start=1))


def test_physical_lines(table: Callable[..., list[Row | Finding]]) -> None:
    items = table('a,b\r\n1,"x\r\ny\rz"\r\n\r\n2,"p"q\r\n3,r\r\n')
    assert [(number, line) for number, line, _ in rows(items)] == [(1, 1), (2, 2), (3, 5), (4, 6), (5, 7)]
    assert rows(items)[1][2] == ["1", "x\r\ny\rz"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("dialect", [Dialect(), Dialect(quote=None, declared=True), Dialect(skip_initial_space=True, declared=True)])
def test_blocks_without_quotes_are_read_as_the_others_are(end: str, dialect: Dialect, table: Callable[..., list[Row | Finding]]) -> None:
    """Blocks (1 MiB) that are read at once before, between and after such as are read line by line."""
    many = [f"{number}, x{number}" if number % 7 else "" for number in range(90_000)]
    odd = [f'1,"x{end}y"', '2,"x""y"', "", "3", "4,5,6"]
    text = end.join(["a,b", *many, *odd, *many, *many, *odd, "last,"])
    items = table(text, dialect=dialect)
    options: dict[str, Any] = {"skipinitialspace": dialect.skip_initial_space}
    options |= {} if dialect.quote else {"quoting": csv.QUOTE_NONE, "quotechar": None}
    expected, lines = [], csv.reader(io.StringIO(text, newline=""), **options)
    before = 0
    for number, cells in enumerate(lines, 1):
        expected.append((number, before + 1, cells))
        before = lines.line_num
    assert rows(items) == expected
    assert len(text) > 3 * MEBIBYTE
    assert found(items) == []


def test_source_knows_size_digest_and_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编号,名称\n1,公共停车场\n".encode("gb18030"))
    source = open_text(Resource("t", path, "a.csv", "csv"), RUN)
    assert (source.info.encoding, source.info.size, len(source.info.sha256)) == ("gb18030", path.stat().st_size, 64)
    assert list(source.stream()) == list(source.stream())


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig", "utf-16-le"])
def test_encodings(encoding: str, table: Callable[..., list[Row | Finding]]) -> None:
    items = table("编号,名称\r\n1,公共停车场\r\n2,中心公园\r\n".encode(encoding))
    assert [cells for _, _, cells in rows(items)] == [["编号", "名称"], ["1", "公共停车场"], ["2", "中心公园"]]
    assert not found(items)


@pytest.mark.parametrize(
    ("dialect", "text", "cells"),
    [
        (Dialect(delimiter=";", declared=True), "a;b\n1;x,y\n", ["1", "x,y"]),
        (Dialect(quote="'"), "a,b\n1,'x,y'\n", ["1", "x,y"]),
        (Dialect(quote=None), 'a,b\n1,"x\n', ["1", '"x']),
        (Dialect(escape="\\"), "a,b\n1,x\\,y\n", ["1", "x,y"]),
        (Dialect(skip_initial_space=True), 'a,b\n1, "x,y"\n', ["1", "x,y"]),
        (Dialect(delimiter="|"), "a|b\n1|x\n", ["1", "x"]),
    ],
)
def test_declared_dialect(dialect: Dialect, text: str, cells: list[str], table: Callable[..., list[Row | Finding]]) -> None:
    items = table(text, dialect=dialect)
    assert rows(items)[1][2] == cells
    assert not found(items)


def test_tsv_is_tabs_unless_declared(table: Callable[..., list[Row | Finding]]) -> None:
    assert rows(table("a\tb\n1\tx\n", format="tsv", name="a.tsv"))[1][2] == ["1", "x"]
    assert rows(table("a,b\n1,x\n", format="tsv", dialect=Dialect(declared=True)))[1][2] == ["1", "x"]


@pytest.mark.parametrize("dialect", [Dialect(delimiter="||"), Dialect(delimiter=""), Dialect(quote="''"), Dialect(escape="ab")])
def test_impossible_dialect(dialect: Dialect, table: Callable[..., list[Row | Finding]]) -> None:
    assert found(table("a||b\n1||2\n", dialect=dialect)) == [("file/dialect", None)]


def test_delimiter_by_the_names_that_are_expected() -> None:
    header = ["编号;名称;备注\n"]
    assert check_delimiter(header, ",", ()) is None
    finding = check_delimiter(header, ",", ("编号", "名称"))
    assert finding is not None
    assert (finding.args["character"], finding.args["columns"]) == (";", 3)
    assert check_delimiter(["备注；说明\n", "a；b\n"], ",", ("备注；说明",)) is None
    assert check_delimiter(["a;b,c;d\n", "1;2,5;3\n"], ",", ("a", "d")) is not None


def test_rows_declared_as_none(table: Callable[..., list[Row | Finding]]) -> None:
    assert found(table("a,b\n", rows=0)) == []
    assert found(table("a,b\n", rows=3)) == [("file/header-only", None)]
    assert found(table("a,b\n", dialect=Dialect(header_rows=()))) == []


def test_long_line_and_long_cell(table: Callable[..., list[Row | Finding]]) -> None:
    run = Settings(max_cell=50, max_line=300)
    assert found(table("a,b\n1," + "x" * 400 + "\n", run)) == [("file/line-limit", 2)]
    assert found(table("a,b\n1," + "x" * 60 + "\n2,y\n", run)) == [("file/cell-limit", 2)]
    assert found(table(("a,b\n1," + "上" * 400 + "\n").encode("utf-16"), run)) == [("file/cell-limit", 2)]
    assert found(table("a,b\n" + "1," * 60 + "x\n", run)) == []
    assert found(table('a,b\n1,"y\n' + "2,x\n" * 60, run)) == [("file/unclosed-quote", 2)]
    assert found(table('a,b\n1,"y"z\n2,"y\n' + "2,x\n" * 60, run)) == [("file/stray-quote", 2), ("file/unclosed-quote", 3)]


@given(st.lists(st.integers(0, 12), min_size=1, max_size=12), st.integers(3, 10))
@examples(max_examples=200, deadline=None)
def test_cell_limit_is_exact(lengths: list[int], limit: int) -> None:
    lines = Lines([",".join("x" * length for length in lengths).encode()], "utf-8", limit, 1000, ",")
    if max(lengths) > limit:
        with pytest.raises(TooBig):
            next(iter(lines))
    else:
        assert next(iter(lines), "") == ",".join("x" * length for length in lengths)


def test_unclosed_quote_does_not_hold_the_file(table: Callable[..., list[Row | Finding]]) -> None:
    items = table('a,b\n1,"x\n' + "2,yyyyyyyyyyyyyyy\n" * 100_000, Settings(max_cell=1 << 16))
    assert found(items) == [("file/unclosed-quote", 2)]
    assert len(rows(items)) == 1


def test_file_that_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,x\n" * 300_000)
    source = open_text(Resource("t", path, "a.csv", "csv"), RUN)
    stream = source.stream()
    next(stream)
    with path.open("a") as more:
        more.write("2,y\n")
    assert [item.rule for item in stream if isinstance(item, Finding)] == ["file/changed"]
    assert [item.rule for item in source.stream() if isinstance(item, Finding)] == ["file/changed"]
    path.unlink()
    assert [item.rule for item in source.stream() if isinstance(item, Finding)] == ["file/unreadable"]


def test_missing_folder_and_special_files(tmp_path: Path) -> None:
    assert found(read(tmp_path / "none.csv")) == [("file/missing", None)]
    assert found(read(tmp_path)) == [("file/not-a-file", None)]
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    assert found(read(loop)) == [("file/unreadable", None)]
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert found(read(pipe)) == [("file/not-a-file", None)]
    assert check_readable(Path("a\0b")) is not None


@pytest.mark.parametrize("suffix", ["wps", "dps", "pdf", "docx", "accdb"])
def test_formats_that_are_no_text_tables(suffix: str, table: Callable[..., list[Row | Finding]]) -> None:
    assert found(table("a,b\n1,2\n", format=suffix)) == [("file/format-unsupported", None)]


def test_workbook_named_csv_is_named(tmp_path: Path) -> None:
    from openpyxl import Workbook

    path = tmp_path / "a.csv"
    Workbook().save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(path)
    (finding,) = read(path)
    assert isinstance(finding, Finding)
    assert finding.args["kind"] == "file-workbook"


CELL = st.text(st.sampled_from(['"', ",", "\r", "\n", " ", "a", "1", "停", "车", "\ufeff", "\x1a", "\x0b", "\u2028", ";"]), max_size=6)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=8), st.booleans())
@examples(max_examples=300, deadline=None)
def test_what_csv_writer_writes_is_read_back(table: list[list[str]], quote_all: bool) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerows(table)
    _compare(text.getvalue())


PARTS = st.lists(st.sampled_from(['"', '"', ",", "\r", "\n", "\r\n", "a", "停车", " ", '",', ',"']), max_size=40)


@given(PARTS)
@examples(max_examples=500, deadline=None)
def test_any_text_equals_csv_reader(parts: list[str]) -> None:
    _compare("".join(parts))


@given(PARTS, st.integers(1, 7), st.sampled_from(["utf-8", "gb18030", "utf-16-le"]))
@examples(max_examples=300, deadline=None)
def test_lines_do_not_depend_on_where_bytes_are_cut(parts: list[str], size: int, encoding: str) -> None:
    text = "".join(parts)
    data = text.encode(encoding)
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    assert list(Lines(pieces, encoding, 1000, 1000, ",")) == list(io.StringIO(text, newline=""))


def _compare(text: str) -> None:
    """Rows equal `csv.reader`'s up to a fatal finding; and no row is lost without one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode())
        items = read(path, encoding="utf-8")
    expected = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    rules = {rule for rule, _ in found(items)}
    got = [cells for _, _, cells in rows(items)]
    if rules & {"file/unclosed-quote", "file/delimiter"}:
        assert got == expected[: len(got)]
    else:
        assert got == [row for row in expected if row != ["\x1a"]]


@given(st.binary(max_size=300))
@examples(max_examples=300, deadline=None)
def test_random_bytes_never_raise(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(data)
        assert all(isinstance(item, Row | Finding) for item in read(path))


def test_lines_left_unread_are_let_go_at_once() -> None:
    """Not when Python looks for circles: a thousand files, of each of which only the head is read, would fill the memory."""
    lines = Lines([b"a,b\n1,2\n" * 1000], "utf-8", 100, 1000, ",")
    assert next(iter(lines)) == "a,b\n"
    gone = weakref.ref(lines)
    gc.disable()
    try:
        del lines
        assert gone() is None
    finally:
        gc.enable()
