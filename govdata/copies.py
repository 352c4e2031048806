"""A copy of this process, which the system makes in a moment: it knows what this one knows, is asked for something, and answers.

The packages that it loads and Python's lock are its own. What a copy fails at is done by the one who asked, so that its error is the one
that it would be without a copy; a copy that the system ends is an error, as with other processes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, NoReturn

from govdata.errors import EngineError

ROOM = 1 << 20
"""Bytes that wait in a pipe: as many as Linux allows everybody."""

Serve = Callable[[BinaryIO, BinaryIO], None]
"""What a copy does: reads what it is asked (`hear`) and answers (`tell`) until there is no more; an error ends the copy, untold."""


class Copy:
    """A copy of this process, by the system's number."""

    def __init__(self, number: int, pipes: tuple[int, int]) -> None:
        self.name = ""
        """What an error calls its work."""
        self._number = number
        self._asked: BinaryIO = os.fdopen(pipes[0], "wb")
        self._answers: BinaryIO = os.fdopen(pipes[1], "rb")

    def ask(self, what: object) -> None:
        """Have something done."""
        if not self._number:
            return
        with contextlib.ExitStack() as left:
            left.callback(self.stop)  # what it was told of it is no whole question
            with contextlib.suppress(BrokenPipeError):  # it is told when the answer is missed
                tell(what, self._asked)
            left.pop_all()

    def answer(self) -> Any:
        """What it answers; `None` where it failed, now or before. `EngineError`: the system ended it."""
        if not self._number:
            return None
        with contextlib.ExitStack() as left:
            left.callback(self.stop)  # a part of the answer may be left: Polars breaks off in any thread where a key is pressed
            try:
                answer = hear(self._answers)
            except (EOFError, pickle.UnpicklingError) as error:
                number, self._number = self._number, 0
                if os.WIFSIGNALED(_waited(number)):
                    raise EngineError("worker-died", dataset=self.name) from error
                answer = None
            left.pop_all()
            return answer

    def stop(self) -> None:
        """End the copy, whatever it does, and wait for its end."""
        if number := self._ended():
            _waited(number)

    def leave(self) -> None:
        """End the copy, whatever it does. A thread waits for its end: the system takes its time to put away what it holds."""
        if number := self._ended():
            threading.Thread(target=_waited, args=(number,), name="govdata-copy", daemon=True).start()

    def _ended(self) -> int:
        """Its number, where it was still there."""
        number, self._number = self._number, 0
        if number:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        for file in (self._asked, self._answers):
            with contextlib.suppress(OSError):
                file.close()
        return number


def _waited(number: int) -> int:
    """How a process ended, once it has; 0 where the system has put it away by itself, as whoever began this process may have told it."""
    try:
        return os.waitpid(number, 0)[1]
    except ChildProcessError:
        return 0


def is_alone() -> bool:
    """Whether this is a process of one thread, those of libraries counted too: others do not live on in a copy.

    A system that does not tell is not trusted.
    """
    try:
        return hasattr(os, "fork") and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def copied(serve: Serve) -> Copy | None:
    """A copy of this process, which must be alone; `None` where the system makes none. It ends with the process that it is a copy of."""
    pipes: list[tuple[int, int]] = []
    with _unheard() as heard:
        try:
            pipes.append(_pipe())
            pipes.append(_pipe())
            number = os.fork()
        except OSError:
            for end in itertools.chain(*pipes):
                os.close(end)
            return None
        asked, answers = pipes
        if not number:
            _be_copy(serve, asked, answers, heard)
        os.close(asked[0])
        os.close(answers[1])
        return Copy(number, (asked[1], answers[0]))


@contextlib.contextmanager
def _unheard() -> Iterator[Iterable[int]]:
    """What interrupts a process waits; given is what waited before. A copy that hears it as it begins would do what this process does."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield heard
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _be_copy(serve: Serve, asked: tuple[int, int], answers: tuple[int, int], heard: Iterable[int]) -> NoReturn:
    try:
        # The one who asks tells when to end; a key pressed at the terminal reaches every process.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        os.close(asked[1])
        os.close(answers[0])
        with open(asked[0], "rb") as told, open(answers[1], "wb") as file:
            serve(told, file)
    finally:
        # Nothing that this process holds is the copy's to put away, and no error of it is its to tell.
        os._exit(1)


def _pipe() -> tuple[int, int]:
    """A pipe with room for so much that who writes need not wait until it is read, where the system gives it."""
    ends = os.pipe()
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, ROOM)
    return ends


def tell(what: object, file: BinaryIO) -> None:
    """Write down something for another process."""
    pickle.dump(what, file, pickle.HIGHEST_PROTOCOL)
    file.flush()


def hear(file: BinaryIO) -> Any:
    """What another process has written down; EOFError where it is gone."""
    return pickle.load(file)
