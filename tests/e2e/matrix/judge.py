"""What has to be true after every cell, whatever its story and its moment.

Why: an exact fabric is not enough. The engine must have touched nothing else and nothing twice, and it must
be in good health.
"""

from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import ENGINE, PEOPLE, Dump, mark
from tests.e2e.matrix.rules import Turns, broken, objects_of
from tests.e2e.matrix.stage import Site
from tests.e2e.matrix.views import Views

SYNCED, OPEN = 0, 3


def judge(cell: Cell, views: Views, before: Dump, code: int = SYNCED, *, lagging: bool = False) -> None:
    """Everything that has to be true of a cell whose fabric is exact.

    Args:
        cell: the cell.
        views: what its clusters want.
        before: the fabric before the act.
        code: the exit code that a further `sync` has to end with.
        lagging: whether the engine had to catch up (see `rules`).
    """
    _nothing_else_changed(cell, before)
    _no_prefix_is_in_two_epgs(cell)
    _nobody_wrote_in_vain(cell, views, lagging=lagging)
    for site in cell.sites:
        _a_second_pass_writes_nothing(cell, site, code)
        _the_engine_is_well(site)


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


def _nobody_wrote_in_vain(cell: Cell, views: Views, *, lagging: bool) -> None:
    turns, there = Turns(), frozenset[str]()
    for site in cell.sites:
        for namespace in (cell.namespace, cell.bystanders):
            site.diary.wait_until_current(namespace)
            turns.follow(site.diary.wishes(namespace))
        there |= objects_of(views.wanted(site))
    engine = cell.fabric.touched(ENGINE, cell.roots)
    sentences = broken(turns, engine, cell.fabric.touched(PEOPLE, cell.roots), there, lagging=lagging)
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
