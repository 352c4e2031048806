"""Attack the validator with broken data and see that it only ever answers with a report or a refusal.

    python -m tests.fuzz.fuzz --cases 2000 --seed 1 --kinds package,entry --keep /tmp/found

Every case has its own seed (`--seed`, kind, number), so that one can be run again alone (`--only package:17`). Cases run in a
child process, some hundred each, so that a crash of the interpreter is a finding too. Not collected by pytest.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from govdata.errors import GovdataError
from govdata.formats import write
from govdata.messages import error_text
from govdata.validation import validate
from govdata.values import Report
from tests.fuzz.attacks import ATTACKS, Case, Corpus
from tests.fuzz.corpus import ROOT, read_corpus
from tests.fuzz.mutations import MARKUP

SECONDS = 20
KIBIBYTES = 1_500_000
ADDRESSES = 4 << 30
CHUNK = 100
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


class TooLong(BaseException):
    """The case took longer than `SECONDS`; no `except Exception` catches it."""


class Wrong(Exception):
    """An answer that may not be given."""


def _alarm(number: int, frame: Any) -> None:
    raise TooLong


def run_case(case: Case, folder: Path, number: int) -> str:
    """Check one case and write its report in every form; what became of it in one word."""
    for name, body in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    options = dict(case.options)
    if "schema" in options:
        options["schema"] = folder / options["schema"]
    try:
        report = validate(folder / case.path, language=("zh-CN", "en")[number % 2], **options)
    except GovdataError as error:
        if str(ROOT) in str(error):
            raise Wrong(f"our own content is refused: {error}"[:300]) from error
        said = error_text(error, "zh-CN"), error_text(error, "en")
        _refuse_secrets(case, "\n".join(map(str, said)), "error")
        return "refused"
    _check_outputs(report, case, number)
    if case.broken and report.valid:
        raise Wrong("called valid")
    return "valid" if report.valid else "found"


def _check_outputs(report: Report, case: Case, number: int) -> None:
    for kind, language in (("text", "zh-CN"), ("text", "en"), ("json", "zh-CN"), ("html", "zh-CN"), ("html", "en")):
        said = "".join(write(report, kind, language))
        said.encode("utf-8")
        _refuse_secrets(case, said, kind)
        if kind == "text" and (sign := CONTROL.search(said)):
            raise Wrong(f"control sign {sign[0]!r} in text")
        if kind == "html" and MARKUP in said:
            raise Wrong("markup in html")
        if kind == "json":
            found = json.loads(said)
            if number % 10 == 0:
                _check_shape(found)


def _refuse_secrets(case: Case, said: str, kind: str) -> None:
    for secret in case.secrets:
        if secret in said:
            at = said.index(secret)
            raise Wrong(f"personal number in {kind}: {said[max(0, at - 80) : at + 30]!r}")


def _check_shape(found: Any) -> None:
    import jsonschema

    schema = json.loads((ROOT / "schemas/report.schema.json").read_text("utf-8"))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(found):
        raise Wrong(f"report schema: {error.json_path.split('[')[0]} {error.message[:200]}")


def signature(error: BaseException) -> str:
    """The place of a failure: its kind and the last lines of ours on the way."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/govdata/" in frame.filename]
    places = [f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}" for frame in frames[-2:]]
    said = str(error)[:160] if isinstance(error, Wrong) else ""
    return f"{type(error).__name__} {' < '.join(reversed(places))} {re.sub('[0-9]+', '0', said)}"


def run_chunk(kind: str, numbers: range, corpus: Corpus, args: argparse.Namespace) -> None:
    """Run some cases in this process; lines `number TAB word` go to the log, failures with their trace to `--keep`."""
    signal.signal(signal.SIGALRM, _alarm)
    for number in numbers:
        _log(args, f"{kind}:{number}\tbegun")
        case = ATTACKS[kind](Random(f"{args.seed}:{kind}:{number}"), corpus)
        with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
            began = time.monotonic()
            word, error = _guarded(case, Path(folder), number)
            if error is not None:
                _keep(args, f"{kind}:{number}", word, error, case)
            spent = time.monotonic() - began
            if spent > 5 and error is None:
                word += f" slow {spent:.0f} s"
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _log(args, f"{kind}:{number}\t{word}")
        if used > KIBIBYTES:
            _log(args, f"{kind}:{number}\tMEMORY {used} KiB")
            return


def _log(args: argparse.Namespace, line: str) -> None:
    with Path(args.keep, "log").open("a", encoding="utf-8") as file:
        print(line, file=file)


def _guarded(case: Case, folder: Path, number: int) -> tuple[str, BaseException | None]:
    signal.alarm(SECONDS)
    try:
        return run_case(case, folder, number), None
    except (Exception, TooLong) as error:  # noqa: BLE001
        return f"BUG {signature(error)}", error
    finally:
        signal.alarm(0)


def _keep(args: argparse.Namespace, name: str, word: str, error: BaseException, case: Case) -> None:
    base = Path(args.keep, re.sub("[^A-Za-z0-9.]+", "-", word)[:120])
    if base.exists() and not args.only:
        return
    for file, body in case.files.items():
        path = base / "files" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    trace = "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace").decode()
    base.joinpath("trace.txt").write_text(f"{name} {case.options}\n{trace[:3000]}\n…\n{trace[-6000:]}", encoding="utf-8")


def main() -> int:
    """Run the kinds asked for, one chunk after the other, and say what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--kinds", default=",".join(ATTACKS))
    parser.add_argument("--keep", default=tempfile.mkdtemp(prefix="fuzz-kept-"))
    parser.add_argument("--only", default="", help="kind:number")
    args = parser.parse_args()
    faulthandler.enable()
    Path(args.keep).mkdir(parents=True, exist_ok=True)
    Path(args.keep, "log").write_text("")
    corpus = read_corpus()
    if args.only:
        kind, _, number = args.only.partition(":")
        run_chunk(kind, range(int(number), int(number) + 1), corpus, args)
    for kind in args.kinds.split(",") if not args.only else ():
        done = 0
        while done < args.cases:
            done = _fork(kind, done, corpus, args)
    return _summary(Path(args.keep))


def _fork(kind: str, start: int, corpus: Corpus, args: argparse.Namespace) -> int:
    """Run a chunk in a child; the number of the next case. A child that died takes only its last case with it."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
        run_chunk(kind, range(start, min(start + CHUNK, args.cases)), corpus, args)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    log = Path(args.keep, "log")
    last = int(log.read_text("utf-8").splitlines()[-1].split("\t")[0].rpartition(":")[2])
    if status:
        _log(args, f"{kind}:{last}\tDIED {status}")
    return last + 1


def _summary(keep: Path) -> int:
    lines = [line.split("\t", 1) for line in (keep / "log").read_text("utf-8").splitlines()]
    said = [(name, word) for name, word in lines if word != "begun"]
    totals = Counter((name.partition(":")[0], word.split(" ")[0]) for name, word in said)
    for (kind, word), count in sorted(totals.items()):
        print(f"{kind:12}{word:10}{count}")
    bad = Counter(word for _, word in said if word.startswith(("BUG", "DIED", "MEMORY")) or "slow" in word)
    for word, count in bad.most_common():
        print(f"{count:6} {word}   e.g. {next(name for name, other in said if other == word)}")
    print(f"kept in {keep}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
