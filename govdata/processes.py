"""Other processes of this program: begun, given work, ended; one that the system ends is an error that names its work."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from govdata.classes import dataclass
from govdata.errors import EngineError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor


@dataclass(frozen=True, slots=True)
class Processes:
    """A number of processes at work."""

    pool: ProcessPoolExecutor

    def submit(self, name: str, function: Callable[..., Any], *given: Any) -> Callable[[], Any]:
        """Have something done; what is given back waits for it. `name`: what an error calls it (`EngineError` if a process died)."""
        from concurrent.futures.process import BrokenProcessPool

        try:
            with _unheard_keys():
                future = self.pool.submit(function, *given)
        except BrokenProcessPool as error:
            raise EngineError("worker-died", dataset=name) from error

        def wait() -> Any:
            try:
                return future.result()
            except BrokenProcessPool as error:
                raise EngineError("worker-died", dataset=name) from error

        return wait

    def stop(self) -> None:
        """End all processes at once."""
        # Not all children of this process: another pool of it may be at work. Killed, as one that was halted would not end otherwise.
        for process in list((self.pool._processes or {}).values()):
            process.kill()
        # The thread of the pool is waited for: it would break off with a trace where the program ends meanwhile.
        self.pool.shutdown(wait=True, cancel_futures=True)


def start(jobs: int, begin: Callable[..., None], *given: Any) -> Processes:
    """So many processes; each is made ready by `begin` with what is given."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Not forked: threads of Polars do not live on in a fork.
    return Processes(ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (gc.get_threshold(), begin, given)))


@contextlib.contextmanager
def _unheard_keys() -> Iterator[None]:
    """A process that is begun meanwhile hears no key pressed at the terminal, not even before it comes to `_begin`."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(seldom: tuple[int, int, int], begin: Callable[..., None], given: tuple[Any, ...]) -> None:
    # The one who asks tells when to end; a key pressed at the terminal reaches every process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # As the one who asks does: what is made are many objects and no circles.
    gc.freeze()
    gc.set_threshold(*seldom)
    import threading

    threading.Thread(target=_end_with_parent, name="govdata-parent", daemon=True).start()
    begin(*given)


def _end_with_parent() -> None:
    """One who is killed tells nobody to end, and whoever waits for work of him would wait for ever."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
