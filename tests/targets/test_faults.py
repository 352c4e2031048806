"""Faults on the real stack: after each, one more run gives the wanted state, once, and a plan that is empty.

Every case once, on one of the two sites in turn; all of them on both, many rounds, and the kills by the hundred: benchmarks/ckan_faults.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from random import Random

import pytest

from tests.targets.conftest import Site
from tests.targets.faults import services
from tests.targets.faults.cases import CASES
from tests.targets.faults.kills import ANYWHERE, killed_after_steps
from tests.targets.faults.people import exorcise
from tests.targets.faults.proxy import unchanged
from tests.targets.faults.rounds import Round, play
from tests.targets.faults.stories import Story
from tests.targets.faults.world import open_world

pytestmark = pytest.mark.service

SITES = ("stock", "govdata")
KILLS = 3
STRIDE = 9
"""Of the records of the journal so many are passed over from one kill to the next."""

SLOW = ("before the run", "after the run")
"""Of the faults of services CI takes those during a run."""
SAMPLE = [name for name in CASES if name != ANYWHERE and not name.endswith(SLOW)]


@pytest.fixture(scope="module")
def stories(sites: Mapping[str, Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Story]]:
    """A directory on each site, published once; made when it is asked for."""
    with (
        open_world(sites["stock"], tmp_path_factory.mktemp("stock")) as stock,
        open_world(sites["govdata"], tmp_path_factory.mktemp("ours")) as ours,
    ):
        made = {world.site.name: Story(world, Random(7)) for world in (stock, ours)}
        for story in made.values():
            story.begin()
            assert story.world.recover() == []
        yield made


@contextmanager
def _cleaned(story: Story) -> Iterator[Story]:
    """A directory for one test. One that passed has seen that nothing is left; what one that fails leaves is not the next one's to find."""
    world = story.world
    try:
        yield story
    except BaseException:
        world.proxy.rule = unchanged
        services.start()
        world.until_up()
        world.publish()
        world.held_back |= world.litter()
        raise
    finally:
        exorcise(world)


@pytest.mark.parametrize("name", SAMPLE)
def test_one_more_run_puts_it_right(stories: dict[str, Story], name: str) -> None:
    with _cleaned(stories[SITES[SAMPLE.index(name) % 2]]) as story:
        now = Round(story.world, story, 0)
        assert play(now, name) == [], now.notes


@pytest.mark.parametrize("site", SITES)
def test_killed_at_random_points(stories: dict[str, Story], site: str) -> None:
    with _cleaned(stories[site]) as story:
        for number in range(KILLS):
            now = Round(story.world, story, number)
            assert play(now, ANYWHERE) == [], now.notes


@pytest.mark.parametrize("site", SITES)
def test_killed_after_records_of_the_journal(stories: dict[str, Story], site: str) -> None:
    with _cleaned(stories[site]) as story:
        for told, wrong in killed_after_steps(story.world, story, start=4, stride=STRIDE):
            assert wrong == [], told
