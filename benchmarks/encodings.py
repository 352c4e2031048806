"""Encodings: the proof of a whole file and its text in UTF-8, in pairs in one run.

    python benchmarks/encodings.py [--rows 200000] [--rounds 5]

The proof (validity, plausibility, digest, line ends, odd characters) of the same table in UTF-8 and in GB18030 stands beside
`bytes.decode` of the file and beside itself without the compiled packages. `to_utf8` stands beside Python's codec, on one thread.
Times are processor seconds, so that a second thread counts as much as the first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from measuring import paired, table
from reading import decode, write_csv

from govdata.reading.encodings.octets import pieces
from govdata.reading.encodings.proof import Proof, prove
from govdata.reading.encodings.speed import PLAIN, Speed, speed_for
from govdata.reading.encodings.transcoding import to_utf8
from govdata.settings import Settings


def line(what: str, size: float, beside: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> Sequence[object]:
    """One comparison as a row of the table."""
    first, second, ratio = paired(ours, theirs, rounds)
    return what, f"{size / first:,.0f} MB/s", beside, f"{size / second:,.0f} MB/s", f"{ratio:.2f}"


def write_ascii(path: Path, rows: int) -> None:
    """As many rows without a single hanzi, but for the last one."""
    with path.open("w", encoding="gb18030", newline="") as file:
        for number in range(rows):
            file.write(f"A{number:07},abcdefghijklmnopqrstuvwxyz,113301{number:09}X,120.{number:06},30.{number:06},2026-01-01,ok,x,y,z\n")
        file.write("A,最后一行是汉字的数据\n")


def proofs(folder: Path, rows: int, rounds: int) -> list[Sequence[object]]:
    """Proofs beside decoding, and beside proofs without the compiled packages."""
    settings, lines = Settings(), []
    for what, encoding in (("UTF-8", "utf-8"), ("GB18030", "gb18030"), ("one hanzi at the end", "gb18030")):
        path = folder / f"{what}.csv"
        write_ascii(path, rows) if "end" in what else write_csv(path, rows, encoding)
        size, speed = path.stat().st_size / 1e6, speed_for(path, large=0)

        def proof(path: Path = path, speed: Speed = speed) -> object:
            return prove(path, None, settings, speed)

        def plain(path: Path = path) -> object:
            return prove(path, None, settings, PLAIN)

        def text(path: Path = path, encoding: str = encoding) -> object:
            return decode(path, encoding)

        found = proof()
        assert isinstance(found, Proof), found
        assert (found.encoding, found) == (encoding, plain())
        lines.append(line(f"proof, {what}, {size:.0f} MB", size, "bytes.decode", proof, text, rounds))
        lines.append(line(f"proof, {what}", size, "without compiled packages", proof, plain, rounds))
    return lines


def against_utf8(folder: Path, rounds: int) -> Sequence[object]:
    """The proof of the table in GB18030 beside that of the table in UTF-8."""
    one, other = folder / "GB18030.csv", folder / "UTF-8.csv"
    settings, size = Settings(), other.stat().st_size / 1e6

    def proof(path: Path) -> object:
        return prove(path, None, settings, speed_for(path, large=0))

    return line("proof, the table in GB18030", size, "the table in UTF-8", lambda: proof(one), lambda: proof(other), rounds)


def transcoding(folder: Path, rounds: int) -> Sequence[object]:
    """GB18030 in UTF-8."""
    parts = [piece.data for piece in pieces(folder / "GB18030.csv")]
    size = sum(map(len, parts)) / 1e6
    assert to_utf8(parts[0], "gb18030") == parts[0].decode("gb18030").encode()

    def ours() -> object:
        return [to_utf8(part, "gb18030") for part in parts]

    def theirs() -> object:
        return [part.decode("gb18030").encode() for part in parts]

    return line("to_utf8, GB18030", size, "Python's codec", ours, theirs, rounds)


def main() -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        lines = proofs(Path(name), chosen.rows, chosen.rounds)
        lines += [against_utf8(Path(name), chosen.rounds), transcoding(Path(name), chosen.rounds)]
    print(table(["", "govdata", "beside", "its speed", "times as fast"], lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
