"""Plays one cell: a story at a moment."""

from dataclasses import dataclass

from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import ENGINE
from tests.e2e.matrix.judge import OPEN, SYNCED, judge
from tests.e2e.matrix.moments import LAGGING, MOMENTS
from tests.e2e.matrix.stage import Site, Stage
from tests.e2e.matrix.story import Story
from tests.e2e.matrix.views import Views


@dataclass(frozen=True)
class Outcome:
    """What was measured in a cell.

    Attributes:
        story, moment: which one.
        seconds: from the moment when the cluster had arrived (and what else happened was over) to exactness.
        objects: how many objects the engine created, updated and deleted in the whole cell.
        posts: with how many requests.
    """

    story: str
    moment: str
    seconds: float
    objects: int
    posts: int


def play(stage: Stage, story: Story, moment: str) -> Outcome:
    """Play one cell; an AssertionError says what was not true."""
    fabric = stage.fabric
    sites = begin(stage, *story.sites)
    with Cell(story.title, fabric, sites) as cell:
        views = Views(cell)
        story.prepare(cell)
        views.until_begun()
        before = fabric.dump()
        with MOMENTS[moment](cell) as strike:
            for _ in story.act(cell):
                strike()
        views.until_arrived(story.expected(cell))
        seconds = views.until_exact()
        posts = len(fabric.writes(ENGINE, cell.roots))
        objects = fabric.touched(ENGINE, cell.roots).total()
        judge(cell, views, before, OPEN if story.open else SYNCED, lagging=moment in LAGGING)
        return Outcome(story.title, moment, seconds, objects, posts)


def begin(stage: Stage, *numbers: int) -> list[Site]:
    """Give the clusters of a cell, with nothing on record of what was before."""
    sites = [stage.site(number) for number in numbers]
    stage.fabric.simulator.reset_journal()
    for site in sites:
        site.diary.forget()
    return sites
