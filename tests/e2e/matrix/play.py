"""Plays one cell: a story at a moment, and what has to be true afterwards."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests

from tests.e2e.controlplane.polling import eventually
from tests.e2e.matrix.cell import SETTLE_SECONDS, Cell, is_settled
from tests.e2e.matrix.fabric import ENGINE, PEOPLE, Dump, mark
from tests.e2e.matrix.moments import MOMENTS
from tests.e2e.matrix.oracle import Wishes, wanted
from tests.e2e.matrix.rules import Turns, broken, objects_of
from tests.e2e.matrix.stage import Site, Stage
from tests.e2e.matrix.story import Story

_AWAY = (requests.RequestException,)
SYNCED, OPEN = 0, 3


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
        views.until_exact()
        before = fabric.dump()
        with MOMENTS[moment](cell) as strike:
            for _ in story.act(cell):
                strike()
        views.until_arrived(story.expected(cell))
        seconds = views.until_exact()
        posts = len(fabric.writes(ENGINE, cell.roots))
        objects = fabric.touched(ENGINE, cell.roots).total()
        judge(cell, views, before, OPEN if story.open else SYNCED)
        return Outcome(story.title, moment, seconds, objects, posts)


def begin(stage: Stage, *numbers: int) -> list[Site]:
    """Give the clusters of a cell, with nothing on record of what was before."""
    sites = [stage.site(number) for number in numbers]
    stage.fabric.simulator.reset_journal()
    for site in sites:
        site.diary.forget()
    return sites


def judge(cell: Cell, views: "Views", before: Dump, code: int = SYNCED) -> None:
    """Everything that has to be true of a cell whose fabric is exact.

    Args:
        cell: the cell.
        views: what its clusters want.
        before: the fabric before the act.
        code: the exit code that a further `sync` has to end with.
    """
    _nothing_else_changed(cell, before)
    _no_prefix_is_in_two_epgs(cell)
    _nobody_wrote_in_vain(cell, views)
    for site in cell.sites:
        _a_second_pass_writes_nothing(cell, site, code)
        _the_engine_is_well(site)


class Views:
    """What each cluster of a cell wants and has, read anew with every look."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._wanted: dict[Site, Wishes] = {}

    def wanted(self, site: Site) -> Wishes:
        """What a cluster wants now; an annotation that became unreadable keeps what was read last."""
        objects = site.objects(self._cell.namespace, self._cell.bystanders)
        self._wanted[site] = wanted(objects, self._wanted.get(site))
        return self._wanted[site]

    def until_exact(self) -> float:
        """Wait until each cluster has on the fabric what it wants; returns after how many seconds."""
        began = time.monotonic()
        different: list[str] = ["never compared"]

        def exact() -> bool:
            different[:] = self._differences()
            return not different

        try:
            eventually("the fabric exact", exact, timeout=SETTLE_SECONDS, ignoring=_AWAY)
        except AssertionError as error:
            raise AssertionError(f"{error}\n" + "\n".join(different[:20])) from None
        return time.monotonic() - began

    def _differences(self) -> list[str]:
        found: list[str] = []
        for site in self._cell.sites:
            found += difference(self.wanted(site), self._cell.managed(site))
        return found

    def until_arrived(self, expected: Mapping[str, int]) -> None:
        """Wait until the clusters want what the story ends with, and nothing is on its way any more."""
        eventually(
            f"the cluster's end state {expected}",
            lambda: self._counts() == expected and self._settled(),
            timeout=SETTLE_SECONDS,
            ignoring=_AWAY,
        )

    def _counts(self) -> dict[str, int]:
        return {
            epg: len(subnets)
            for site in self._cell.sites
            for epg, subnets in self.wanted(site).items()
            if not self._cell.is_bystander(epg)
        }

    def _settled(self) -> bool:
        pods = [pod for site in self._cell.sites for pod in site.pods(self._cell.namespace)]
        return all(pod["status"].get("phase") == "Succeeded" or is_settled(pod) for pod in pods)


def difference(wishes: Wishes, managed: Wishes) -> Iterator[str]:
    """Sentences about what is wanted and not there, there and not wanted, or there under another name."""
    for epg in sorted(wishes.keys() | managed.keys()):
        if epg not in managed:
            yield f"{epg} is missing"
        elif epg not in wishes:
            yield f"{epg} is not wanted"
        want, have = wishes.get(epg, {}), managed.get(epg, {})
        for prefix in sorted(want.keys() | have.keys()):
            if want.get(prefix) != have.get(prefix):
                yield f"{epg}: {prefix} is {have.get(prefix)!r}, wanted {want.get(prefix)!r}"


def _nothing_else_changed(cell: Cell, before: Dump) -> None:
    """What bears no mark of these clusters is as it was, but for what people did themselves."""
    after = cell.fabric.dump()
    people = {dn for _, dn in cell.fabric.touched(PEOPLE, cell.roots)}
    theirs = {
        dn
        for dn in before.keys() | after.keys()
        if before.get(dn) != after.get(dn)
        and not any(_is_ours(dn, dump, site.uid8) for dump in (before, after) for site in cell.sites)
        and dn not in people
    }
    assert not theirs, f"changed, and not ours: {sorted(theirs)[:20]}"


def _is_ours(dn: str, dump: Dump, uid8: str) -> bool:
    """Whether an object, or the EPG or subnet that it is below, bears a cluster's mark."""
    found = dn
    while found.count("/") > 2:
        if dump.get(found, ("", {}))[1].get("annotation") == mark(uid8, found):
            return True
        found = _parent(found)
    return False


def _parent(dn: str) -> str:
    """The DN of the parent: the last slash that is not in brackets ends it."""
    depth = 0
    for index in range(len(dn) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(dn[index], 0)
        if dn[index] == "/" and depth == 0:
            return dn[:index]
    return ""


def _no_prefix_is_in_two_epgs(cell: Cell) -> None:
    """The leafs raise F0467 when one VRF has a prefix in two external EPGs."""
    path = 'class/faultInst.json?query-target-filter=eq(faultInst.code,"F0467")'
    found = [dn for dn in cell.fabric.reader.objects(path) if dn.startswith(cell.roots)]
    assert not found, f"prefixes in two EPGs: {found}"


def _nobody_wrote_in_vain(cell: Cell, views: Views) -> None:
    turns, there = Turns(), frozenset[str]()
    for site in cell.sites:
        for namespace in (cell.namespace, cell.bystanders):
            site.diary.wait_until_current(namespace)
            turns.follow(site.diary.wishes(namespace))
        there |= objects_of(views.wanted(site))
    engine = cell.fabric.touched(ENGINE, cell.roots)
    sentences = broken(turns, engine, cell.fabric.touched(PEOPLE, cell.roots), there)
    assert not sentences, "\n".join(sentences[:20])


def _a_second_pass_writes_nothing(cell: Cell, site: Site, expected: int) -> None:
    before = len(cell.fabric.writes(ENGINE, cell.roots))
    done = site.sync(cell.namespace)
    assert done.returncode == expected, f"sync ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    after = cell.fabric.writes(ENGINE, cell.roots)
    assert len(after) == before, f"a second pass wrote {[write.touched for write in after[before:]]}"


def _the_engine_is_well(site: Site) -> None:
    site.engine.must_run()
    said = site.engine.log()
    for word in ("Traceback", "unexpected "):
        assert word not in said, (
            f"the engine's log has {word!r}: {said[max(0, said.find(word) - 300) :][:3000]}"
        )
