"""The program's entry: the version is answered at once, everything else by `cli.main`."""

from __future__ import annotations

import gc
import os
import sys

SELDOM = 250_000
"""So many new objects before Python looks for circles among them (else 700): loading makes many objects and no circles.

A small run makes fewer: one look takes as long as reading a thousand rows."""


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
    gc.freeze()  # else Python would look through all objects for circles before it ends, which takes a tenth of a small run
    sys.exit(code)


if __name__ == "__main__":
    main()
