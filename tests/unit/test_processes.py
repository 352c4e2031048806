"""Other processes of this program."""

from __future__ import annotations

import signal

import pytest

from govdata.processes import start


def nothing() -> None:
    """Makes ready for nothing."""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no such thing on this system")
def test_keys_pressed_are_not_heard_from_the_first_moment() -> None:
    processes = start(2, nothing)
    try:
        waiting = [processes.submit("it", signal.pthread_sigmask, signal.SIG_BLOCK, ()) for _ in range(3)]
        assert all(signal.SIGINT in found() for found in waiting)
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
    finally:
        processes.stop()
