"""How fast a file is read: large ones with numpy and Polars where they are installed and with a thread that reads ahead."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TypeVar

from govdata.classes import dataclass
from govdata.reading.encodings.octets import CHUNK, Octets, length
from govdata.reading.encodings.sifting import count_characters, count_lines, may_be_odd, may_hold_utf8, sift

LARGE = 16 << 20
"""From so many bytes on the compiled packages are worth the time that their import takes."""
ROOM = 2 << 30
"""Bytes of address space that numpy and Polars reserve, most of it unused: with less, numpy's algebra ends the process as it loads."""
HANDED_ON = (OSError, MemoryError, KeyboardInterrupt)
"""What a thread fails with that is no bug of ours: where a key is pressed, what Polars does is broken off in any thread."""
Item = TypeVar("Item")


def as_it_is(data: bytes) -> bytes:
    """Nothing is left out."""
    return data


def perhaps(utf8: bytes) -> bool:
    """Nothing is excluded beforehand."""
    return True


def line_feeds(data: bytes) -> int:
    """How many LF there are."""
    return data.count(b"\n")


def decodes(data: bytes) -> bool:
    """Whether bytes are UTF-8, as Python's codec says."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decodes_in_polars(data: bytes) -> bool:
    """The same from Polars: many times as fast, and other threads go on meanwhile."""
    import polars

    try:
        polars.Series([data], dtype=polars.Binary).cast(polars.String)
    except polars.exceptions.PolarsError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Speed:
    """The ways in which a file is read; whatever they are, what is found is the same."""

    chunk: int = CHUNK
    sift: Callable[[bytes], bytes] = as_it_is
    count: Callable[[str], Mapping[str, int]] = Counter
    line_feeds: Callable[[bytes], int] = line_feeds
    is_utf8: Callable[[bytes], bool] = decodes
    odd: Callable[[bytes], bool] = perhaps
    """Whether text in UTF-8 may hold a private-use character or a lost one."""
    utf8: Callable[[bytes], bool] = perhaps
    """Whether bytes of another encoding may hold two hanzi in UTF-8."""
    fast_codec: bool = False
    """The C library's iconv may do what Python's codec does, where it is known to do the same."""
    ahead: bool = False
    """A thread reads and counts while another decodes."""
    apart: bool = False
    """A thread takes the digest."""


PLAIN = Speed()


def speed_for(source: Octets, large: int = LARGE, chunk: int = CHUNK) -> Speed:
    """The fastest way for a file of this size with the packages that are installed."""
    if length(source) < large:
        return Speed(chunk)
    if not has_room():
        return Speed(chunk, ahead=True, apart=True)
    valid = decodes_in_polars if installed("polars") else decodes
    if not installed("numpy"):
        return Speed(chunk, is_utf8=valid, ahead=True, apart=True)
    return Speed(chunk, sift, count_characters, count_lines, valid, may_be_odd, may_hold_utf8, fast_codec=True, ahead=True, apart=True)


def has_room() -> bool:
    """Whether the process may have the address space that compiled packages reserve (`ulimit -v`)."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return True
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    return most == resource.RLIM_INFINITY or most >= ROOM


def installed(package: str) -> bool:
    """Whether a package can be imported, without doing so."""
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # hidden: None stands for it in sys.modules
        return False


def beside(work: Callable[[], Item], name: str) -> Callable[[], Item]:
    """What a function gives that a thread of its own runs; the call waits for it, and raises what it raised of `HANDED_ON`."""
    import threading

    given, failed = list[Item](), list[BaseException]()

    def run() -> None:
        try:
            given.append(work())
        except HANDED_ON as error:
            failed.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()

    def wait() -> Item:
        thread.join()
        if failed:
            raise failed[0]
        if not given:
            raise RuntimeError(f"the thread {name} has died")
        return given[0]

    return wait


def ahead(items: Iterator[Item], room: int = 2) -> Generator[Item]:
    """The items of an iterator that runs in a thread of its own, at most `room` of them before they are asked for."""
    import queue
    import threading

    waiting: queue.Queue[list[Item]] = queue.Queue(room)
    stopped, failed, ended = threading.Event(), list[BaseException](), threading.Event()

    def work() -> None:
        try:
            for item in items:
                waiting.put([item])
                if stopped.is_set():
                    break
            ended.set()
        except HANDED_ON as error:
            failed.append(error)
        finally:
            waiting.put([])

    thread = threading.Thread(target=work, name="govdata-reading", daemon=True)
    thread.start()
    given: list[Item] = []
    try:
        while given := waiting.get():
            yield given[0]
    finally:
        stopped.set()
        while given:
            given = waiting.get()
        thread.join()
    if failed:
        raise failed[0]
    if not ended.is_set():
        raise RuntimeError("the thread that reads ahead has died")
