"""Stories by moments: everything that happens to a real cluster, whatever else happens meanwhile.

Everywhere each story is played in quiet, and each moment with the stories that it hurts most. `FULL=1` plays
every story at every moment.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.matrix.moments import FULL, MOMENTS
from tests.e2e.matrix.play import Outcome, play
from tests.e2e.matrix.stage import Stage
from tests.e2e.matrix.stories.catalogue import STORIES
from tests.e2e.matrix.story import Story

SECONDS_PER_CELL = 1200
HURTS = {
    "engine down": ("scale 1 to 30 to 2", "annotation edited", "annotation malformed", "Service removed"),
    "engine killed at work": ("scale 1 to 30 to 2", "two workloads swap EPGs"),
    "engine frozen": ("rolling update with surge", "namespace deleted"),
    "apiserver restart": ("scale 1 to 30 to 2", "StatefulSet ordered scale"),
    "etcd outage": ("rollout restart", "Service added"),
    "APIC away": ("annotation moved to another tenant", "two clusters on one VRF"),
    "people at work": ("rolling update with surge", "two workloads swap EPGs"),
}
BY_TITLE = {story.title: story for story in STORIES}


def cells() -> Iterator[tuple[Story, str]]:
    for moment in MOMENTS:
        for story in STORIES:
            wanted = FULL or moment == "quiet" or story.title in HURTS[moment]
            if wanted and moment not in story.not_at:
                yield story, moment


@pytest.mark.timeout(SECONDS_PER_CELL)
@pytest.mark.parametrize(
    ("story", "moment"), [pytest.param(*cell, id=f"{cell[1]}-{cell[0].title}") for cell in cells()]
)
def test_the_fabric_is_exact_after_each_story(
    stage: Stage, outcomes: list[Outcome], story: Story, moment: str
) -> None:
    outcomes.append(play(stage, story, moment))


def test_every_moment_has_a_story_that_it_hurts() -> None:
    assert HURTS.keys() == MOMENTS.keys() - {"quiet"}
    assert {title for titles in HURTS.values() for title in titles} <= BY_TITLE.keys()
