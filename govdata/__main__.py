"""The program's entry: the version is answered at once, everything else by `cli.main`."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from typing import NoReturn

SELDOM = 250_000
"""So many new objects before Python looks for circles among them (else 700): loading makes many objects and no circles.

A small run makes fewer: one look takes as long as reading a thousand rows."""

NO_MEMORY = "内存不足。 Out of memory.\n".encode()


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from govdata import __version__

        print(f"govdata {__version__}")
        return
    gc.set_threshold(SELDOM)
    # numpy is asked for no linear algebra, and its threads for that would spin for a while as they begin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from govdata.cli.main import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130  # while the program was still loading, before there is a language to say it in
    except MemoryError:  # or too little of it is left for finding the words
        with contextlib.suppress(OSError):
            os.write(2, NO_MEMORY)
        code = 3
    _leave(code)


def _leave(code: int) -> NoReturn:
    """End the process without taking apart all that it holds, which takes a twentieth of a small run: the system does that at once."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, full, or not there; what was to be told of it is told
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
