"""The search of the static site, measured: what an index costs to build, whether all is found, what a query fetches, how long it takes.

python benchmarks/site_search.py [--sizes 1000 10000 100000] [--keep FOLDER] [--browser]

Datasets are generated (site_made.py), queries are those of the tests, and so is the truth that they are held against: a slow look
through all texts. Bytes are as sent with gzip. With `--browser`, Chromium asks some queries over a line of 400 ms and 50 KiB/s, its
processor slowed to a quarter, and over a good one, in tabs that have been open for a second; that needs Chromium and npm.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import multiprocessing
import pickle
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from measuring import ROOT, table
from site_made import records

sys.path.insert(0, str(ROOT))

from govdata.publishing.site.search.building import build
from govdata.publishing.site.search.documents import Document, document_of
from govdata.publishing.site.search.updating import update
from tests.site.search import truth
from tests.site.search.made import QUERIES, SCRIPTS, codes, with_pages

ENGINE = ROOT / "tests" / "site" / "search" / "engine.mjs"
DRIVER = Path(__file__).with_suffix(".mjs")
LOCKED = ROOT / "tests" / "targets"
DELAY, SPEED = 0.4, 50 * 1024
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}


def stored(file: Path) -> Iterator[Document]:
    """The documents of a file, one after the other."""
    with file.open("rb") as source:
        while True:
            try:
                yield pickle.load(source)
            except EOFError:
                return


def make(file: Path, count: int) -> None:
    """Write generated documents into a file, so that their making is not measured."""
    with file.open("wb") as target:
        for record in records(count):
            pickle.dump(document_of(record), target)


def _measured(work: Any, answer: Any) -> None:
    start = time.process_time()
    told = work()
    answer.put((time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, told))


def apart(work: Any) -> tuple[float, float, Any]:
    """Processor seconds, largest memory (MiB) and answer of work in a process of its own."""
    context = multiprocessing.get_context("fork")
    answer = context.Queue()
    process = context.Process(target=_measured, args=(work, answer))
    process.start()
    told: tuple[float, float, Any] = answer.get()
    process.join()
    return told


def write(site: Path, files: Any) -> tuple[int, int]:
    """Write files; how many and how many bytes."""
    count = size = 0
    for path, data in files:
        if data is None:
            continue
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        size += (site / path).write_bytes(data)
        count += 1
    return count, size


def build_cost(site: Path, file: Path) -> list[object]:
    """Build whole, then with one dataset changed."""
    seconds, memory, (count, size) = apart(lambda: write(site, build(stored(file))))
    first = next(stored(file))
    other = {name: getattr(first, name) for name in Document.__match_args__}
    changed = Document(**{**other, "title": first.title + "更正", "date": "2026-11-11"})
    new = Document(**{**other, "code": "999999/1"})
    one, _, told = apart(lambda: sum(1 for _ in update([changed], [], site) or ()))
    more, _, fresh = apart(lambda: sum(1 for _ in update([new], [], site) or ()))
    return [f"{seconds:.1f}", f"{memory:.0f}", count, f"{size / 1e6:.1f}", f"{one:.2f} ({told})", f"{more:.2f} ({fresh})"]


def ask(site: Path, queries: Sequence[str], *more: str) -> list[Any]:
    """What the engine says in Node."""
    command = ["node", str(ENGINE), str(SCRIPTS), str(site), *more]
    told = json.dumps([{"q": query} for query in queries])
    answers: list[Any] = json.loads(subprocess.run(command, input=told, capture_output=True, text=True, check=True).stdout)
    return answers


def quality(site: Path, file: Path, answers: Sequence[Any]) -> list[object]:
    """Recall, precision of all that is found, exact totals below 50, what is shown."""
    places = {code: place for place, code in enumerate(codes(site))}
    texts, numbers = [], []
    for document in stored(file):
        texts.append(truth.text_of(document))
        numbers.append(places[document.code])
    recalls, precisions, exact, wanted_exact, loose = [], [], 0, 0, 0
    for query, answer in zip(QUERIES, answers, strict=True):
        whole, pieces = ({numbers[place] for place in found} for found in truth.found(query, texts))
        got = set(answer["whole"])
        every = got | set(answer["apart"])
        recalls.append(len(every & (whole | pieces)) / len(whole | pieces) if whole | pieces else 1.0)
        precisions.append(len(got & whole) / len(got) if got else 1.0)
        wanted_exact += len(whole) < 50
        exact += len(whole) < 50 and answer["settled"]["whole"] == len(whole)
        loose += answer["settled"]["exact"] and answer["settled"]["whole"] != len(whole)
        if recalls[-1] < 1 or precisions[-1] < 0.99:
            print(f"{query}: recall {recalls[-1]:.4f}, precision {precisions[-1]:.4f} of {len(whole)}", file=sys.stderr)
    return [f"{min(recalls):.3f}", f"{statistics.mean(precisions):.4f}", f"{exact}/{wanted_exact}", loose]


def kilobytes(answers: Sequence[Any], key: str) -> str:
    """Median and largest of what was fetched, in KB of a thousand bytes."""
    sizes = [(answer["first"] if key == "first" else answer)["bytes"] / 1000 for answer in answers]
    return f"{statistics.median(sizes):.0f} ({max(sizes):.0f})"


def fetched(site: Path, answers: Sequence[Any], session: Sequence[Any]) -> list[object]:
    """Page, first query, the same with exact totals, next queries, round trips."""
    page = sum(
        len(gzip.compress((site / name).read_bytes(), 6)) for name in ("index/meta.js", "assets/search-engine.js", "assets/search.js")
    )
    rounds = [answer["first"]["rounds"] for answer in answers]
    times = [answer["first"]["ms"] for answer in answers]
    told = [f"{page / 1000:.1f}", kilobytes(answers, "first"), kilobytes(answers, "all"), kilobytes(session[1:], "first")]
    return [*told, f"{statistics.median(rounds):.0f} ({max(rounds)})", f"{statistics.median(times):.0f} ({max(times):.0f})"]


class Line:
    """A line that answers late and lets so many bytes through in a second, all answers together."""

    def __init__(self, delay: float, speed: float) -> None:
        self.delay, self.speed, self.free, self.lock = delay, speed, 0.0, threading.Lock()

    def wait(self, size: int) -> None:
        """Until so many bytes have gone through."""
        if not self.speed:
            return
        with self.lock:
            self.free = max(self.free, time.monotonic()) + size / self.speed
            until = self.free
        time.sleep(max(0.0, until - time.monotonic()))


def serve(site: Path, line: Line) -> ThreadingHTTPServer:
    """A server of the site, with gzip, at the end of a line."""
    packed: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # As servers do: else an answer's body waits for the word that its head has come, which is given after 40 ms.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            name = self.path.split("?")[0].lstrip("/")
            time.sleep(line.delay)
            if not (site / name).is_file():
                self.send_error(404)
                return
            if name not in packed:
                packed[name] = gzip.compress((site / name).read_bytes(), 6)
            data = packed[name]
            self.send_response(200)
            for key, value in (
                ("Content-Type", TYPES.get(Path(name).suffix, "image/png")),
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(data))),
            ):
                self.send_header(key, value)
            self.send_header("Cache-Control", "max-age=600")
            self.end_headers()
            # A page that is closed hangs up while exact totals are still on their way.
            with contextlib.suppress(ConnectionError):
                for start in range(0, len(data), 4096):
                    line.wait(len(data[start : start + 4096]))
                    self.wfile.write(data[start : start + 4096])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def timed(site: Path, folder: Path) -> list[object]:
    """Milliseconds of the page, the first and the next query, and of a page opened with a query: on the slow line, then on a good one."""
    found: list[object] = []
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    for delay, speed, slower in ((DELAY, SPEED, "4"), (0.0, 0.0, "1")):
        server = serve(site, Line(delay, speed))
        command = ["node", str(folder / DRIVER.name), browser, f"http://127.0.0.1:{server.server_port}/", slower]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        server.shutdown()
        server.server_close()
        told: Mapping[str, list[float]] = json.loads(done.stdout)
        found += [f"{statistics.median(told[key]):.0f} ({max(told[key]):.0f})" for key in ("page", "first", "next", "linked")]
    return found


def prepared() -> Path:
    """The driver beside its modules."""
    folder = Path(tempfile.mkdtemp(prefix="govdata-browser-"))
    for path in (LOCKED / "package.json", LOCKED / "package-lock.json", DRIVER):
        shutil.copy(path, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, check=True)
    return folder


def main() -> int:
    """Measure all sizes and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--keep", type=Path, help="a folder for the sites, kept")
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    costs, answers_of, times = [], [], []
    driver = prepared() if options.browser else None
    with tempfile.TemporaryDirectory() as temporary:
        for size in options.sizes:
            site = (options.keep or Path(temporary)) / str(size)
            site.mkdir(parents=True, exist_ok=True)
            file = site / "documents.pickle"
            make(file, size)
            costs.append([size, *build_cost(site, file)])
            print(f"{size}: built", file=sys.stderr)
            with_pages(site)
            answers, session = ask(site, QUERIES), ask(site, QUERIES, "session")
            answers_of.append([size, *quality(site, file, answers), *fetched(site, answers, session)])
            if driver:
                times.append([size, *timed(site, driver)])
    print(table(["datasets", "build, CPU s", "memory, MiB", "files", "MB", "one changed, CPU s (files)", "one new"], costs))
    head = ["datasets", "least recall", "precision", "exact below 50", "wrongly exact"]
    head += ["page, KB", "first query", "with exact total", "next", "round trips", "ms in Node"]
    print(f"\n{len(QUERIES)} queries; KB with gzip, median (largest)\n\n{table(head, answers_of)}")
    if times:
        head = [f"{line}: {what}" for line in ("slow", "good") for what in ("page ms", "first query", "next", "page with a query")]
        head.insert(0, "datasets")
        print(f"\n{table(head, times)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
