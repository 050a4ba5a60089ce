"""The disk of the journal, the state and the log is full: what must not be lost waits, all else goes on."""

import json

import pytest
import requests

from akb_sync.engine.state_keeper import SELDOM
from tests.e2e.controlplane.polling import eventually
from tests.e2e.controlplane.ports import LOOPBACK, free_port
from tests.e2e.faults.ground import Ground, deleted, until_settled
from tests.e2e.faults.small_disk import SmallDisk, small_disk
from tests.e2e.matrix import manifests
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.judge import judge
from tests.e2e.matrix.oracle import Wishes
from tests.e2e.matrix.views import Views

FULL = "No space left"
TOLD = "to be deleted: "


@pytest.fixture
def disk(ground: Ground) -> SmallDisk:
    return small_disk(ground)


@pytest.fixture
def listening(ground: Ground) -> str:
    """Where the engine answers probes."""
    where = f"{LOOPBACK}:{free_port()}"
    ground.equip("--listen", where)
    return f"http://{where}"


def test_with_no_room_for_the_journal_deletes_wait_and_all_else_goes_on(
    ground: Ground, disk: SmallDisk, listening: str
) -> None:
    journal, state = disk.place / "journal.jsonl", disk.place / "state.json"
    ground.equip("--journal", str(journal), "--state-file", str(state), before=disk.before)
    with ground.cell("journal disk") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        disk.fill()
        going = _grow_and_shrink(cell, views)
        _is_held(ground, cell, going, listening)
        assert FULL in ground.said("--state-file", timeout=2 * SELDOM)
        disk.free()
        views.until_exact()
        eventually("ready again", lambda: requests.get(f"{listening}/readyz", timeout=5).ok, timeout=60)
        entries = [json.loads(line) for line in disk.read(journal.name).splitlines()]
        assert {entry["dn"] for entry in entries} == set(deleted(cell)) == going
        assert json.loads(disk.read(state.name))
        judge(cell, views, before, lagging=True)


def test_with_no_room_for_the_log_the_journal_in_it_holds_deletes_and_all_else_goes_on(
    ground: Ground, disk: SmallDisk, listening: str
) -> None:
    log = disk.place / "log"
    to_the_disk = ("sh", "-c", 'log=$1; shift; exec "$@" 2>>"$log"', "sh", str(log))
    ground.equip(before=(*disk.before, *to_the_disk))
    with ground.cell("log disk") as (cell, views):
        _begin(cell, views)
        before = ground.fabric.dump()
        disk.fill(log.name)
        going = _grow_and_shrink(cell, views)
        _is_held(ground, cell, going, listening)
        disk.free()
        views.until_exact()
        told = [line.partition(TOLD)[2] for line in disk.read(log.name).splitlines() if TOLD in line]
        assert {json.loads(entry)["dn"] for entry in told} >= set(deleted(cell)) == going
        judge(cell, views, before, lagging=True)


def _begin(cell: Cell, views: Views) -> None:
    cell.create(manifests.deployment("web", 4, cell.binding("A")))
    cell.create(manifests.deployment("shop", 1, cell.binding("B")))
    views.until_begun()


def _grow_and_shrink(cell: Cell, views: Views) -> set[str]:
    """Two of shop's Pods come, then two of web's go; gives the DNs of the subnets that have to go.

    In this order, lest one that comes gets the address of one that goes: that is a move, and waits too.
    """
    (site,) = cell.sites
    cell.scale("deployment/shop", 3)
    cell.until_pods(7)
    there = _subnets(views.wanted(site))
    cell.scale("deployment/web", 2)
    cell.until_pods(5)
    until_settled(cell)
    return there - _subnets(views.wanted(site))


def _is_held(ground: Ground, cell: Cell, going: set[str], listening: str) -> None:
    """What has come is written, what has to go is still there, and the engine says why and lives."""
    (site,) = cell.sites

    def looks_so() -> bool:
        there, wanted = _subnets(cell.managed(site)), _subnets(cell.wanted(site))
        return len(going) == 2 and there == wanted | going

    eventually("what came is written, what goes is held", looks_so, timeout=60)
    eventually("the reason told", lambda: FULL in requests.get(f"{listening}/readyz", timeout=5).text)
    assert looks_so()
    assert requests.get(f"{listening}/livez", timeout=5).ok
    ground.engine.must_run()


def _subnets(wishes: Wishes) -> set[str]:
    return {f"{epg}/extsubnet-[{prefix}]" for epg, subnets in wishes.items() for prefix in subnets}
