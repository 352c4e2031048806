"""A module of the standard library whose loading waits until one of its functions is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from govdata.cli.deferral import deferred

NAME = "colorsys"


@pytest.fixture
def unloaded() -> Iterator[None]:
    """Nobody has loaded the module; what was loaded is there again afterwards."""
    before = sys.modules.pop(NAME, None)
    yield
    sys.modules.pop(NAME, None)
    if before is not None:
        sys.modules[NAME] = before


@pytest.mark.usefixtures("unloaded")
def test_functions_load_the_module_when_they_are_called() -> None:
    with deferred(NAME):
        taken = importlib.import_module(NAME)
        function = taken.rgb_to_hsv
    assert NAME not in sys.modules
    assert function(0.0, 0.0, 0.5) == taken.rgb_to_hsv(0.0, 0.0, 0.5) == (0.6666666666666666, 1.0, 0.5)
    assert sys.modules[NAME] is not taken


@pytest.mark.usefixtures("unloaded")
def test_a_call_while_it_is_deferred() -> None:
    with deferred(NAME):
        assert importlib.import_module(NAME).rgb_to_hsv(0.0, 0.0, 0.0) == (0.0, 0.0, 0.0)
        assert hasattr(sys.modules[NAME], "ONE_THIRD")
    assert hasattr(sys.modules[NAME], "ONE_THIRD")


def test_what_is_loaded_stays() -> None:
    loaded = importlib.import_module(NAME)
    with deferred(NAME):
        assert importlib.import_module(NAME) is loaded
    assert sys.modules[NAME] is loaded


@pytest.mark.usefixtures("unloaded")
def test_an_import_that_fails_leaves_nothing() -> None:
    with pytest.raises(ImportError), deferred(NAME):
        raise ImportError
    assert NAME not in sys.modules
