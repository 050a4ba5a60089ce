"""Two `akb-sync watch` on one Lease: one writes, whatever happens to it, and never both."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.simulated.cli.program import Process, Program
from tests.simulated.engine.stage import Json, Stage, eventually, hosts

LEASE = 3.0
SLACK = 6.0
"""Seconds for a machine that is busy with other tests."""


@dataclass
class Pair:
    """The leader and the follower."""

    leader: Process
    follower: Process


@pytest.fixture
def web(stage: Stage) -> Json:
    web = stage.workload("web")
    stage.pods(web, 2)
    return web


@pytest.fixture
def pair(stage: Stage, akb: Program, web: Json) -> Iterator[Pair]:
    assert web
    with akb.start("watch") as first, akb.start("watch") as second:
        eventually("one leads", lambda: holder(stage), 20.0)
        converged(stage, 2)
        leads = [one for one in (first, second) if one.with_all("this process leads")]
        assert len(leads) == 1
        other = second if leads[0] is first else first
        other.until("another process leads")
        eventually("it is said", lambda: wrote(leads[0]) == 3)
        yield Pair(leads[0], other)


def holder(stage: Stage) -> str:
    found = stage.cluster.list("Lease", "akb-sync")
    return str(found[0]["spec"]["holderIdentity"]) if found else ""


def converged(stage: Stage, count: int) -> None:
    eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", count), 20.0)


def wrote(process: Process) -> int:
    return len(process.with_all("created")) + len(process.with_all("deleted"))


def test_one_writes_and_the_other_looks_on(stage: Stage, pair: Pair, web: Json) -> None:
    stage.pod(web, "10.244.1.3")
    converged(stage, 3)
    eventually("it is said", lambda: wrote(pair.leader) == 4)
    assert wrote(pair.follower) == 0
    assert stage.apic.counts["logins"] == 2


def test_a_leader_that_is_told_to_stop_hands_over_at_once(stage: Stage, pair: Pair, web: Json) -> None:
    assert pair.leader.stop() == 0
    stopped = time.monotonic()
    pair.follower.until("this process leads")
    assert time.monotonic() - stopped < LEASE
    stage.pod(web, "10.244.1.3")
    converged(stage, 3)
    eventually("it is said", lambda: wrote(pair.follower) == 1)


def test_a_leader_that_is_killed_is_replaced_when_its_lease_has_run_out(
    stage: Stage, pair: Pair, web: Json
) -> None:
    pair.leader.stop(signal.SIGKILL)
    stage.pod(web, "10.244.1.3")
    pair.follower.until("this process leads", timeout=LEASE + SLACK)
    converged(stage, 3)


def test_a_leader_that_stood_still_writes_nothing_when_it_goes_on(
    stage: Stage, pair: Pair, web: Json
) -> None:
    old = pair.leader
    before = wrote(old)
    old.signal(signal.SIGSTOP)
    pods = [stage.pod(web, "10.244.1.3")]
    pair.follower.until("this process leads", timeout=LEASE + SLACK)
    converged(stage, 3)
    # What the old leader would write, if it still believed what it saw last:
    stage.remove(pods[0])
    converged(stage, 2)
    stage.pod(web, "10.244.1.3", name="another")
    converged(stage, 3)
    posts = stage.posts
    old.signal(signal.SIGCONT)
    old.until("another process leads", timeout=SLACK)
    stage.pod(web, "10.244.1.4")
    converged(stage, 4)
    assert wrote(old) == before
    assert stage.posts == posts + 1
    assert holder(stage) in pair.follower.until("this process leads")


def test_a_leader_that_cannot_renew_stops_writing_and_goes_on_when_it_can(
    stage: Stage, akb: Program, web: Json
) -> None:
    with akb.start("watch") as alone:
        converged(stage, 2)
        stage.cluster.deny("update", "leases")
        alone.until("lease:", "update leases.coordination.k8s.io", "ClusterRole", timeout=LEASE + SLACK)
        eventually("it lost its right", lambda: alone.with_all("another process leads"), LEASE + SLACK)
        posts = stage.posts
        stage.pod(web, "10.244.1.3")
        stage.cluster.allow()
        alone.until("lease: right again")
        converged(stage, 3)
        assert stage.posts == posts + 1
        assert alone.stop() == 0
    assert len(alone.with_all("update leases")) == 1


def test_sync_refuses_beside_a_leader_and_names_it(stage: Stage, pair: Pair, akb: Program) -> None:
    assert pair
    ended = akb.run("sync", "--yes")
    assert ended.code == 1
    assert holder(stage) in ended.error
    assert "Lease akb-sync/akb-sync" in ended.error
    assert "--force" in ended.error
    assert akb.run("sync", "--dry-run").code == 0
    assert akb.run("sync", "--yes", "--force").code == 0


def test_sync_goes_on_when_the_leader_has_handed_back(stage: Stage, akb: Program, web: Json) -> None:
    with akb.start("watch") as running:
        converged(stage, 2)
        assert running.stop() == 0
    stage.pod(web, "10.244.1.3")
    assert akb.run("sync", "--yes").code == 0
    converged(stage, 3)


def test_the_lease_is_handed_back_although_the_apic_never_answers(
    stage: Stage, akb: Program, web: Json
) -> None:
    assert web
    stage.apic.faults.hang(count=1000)
    with akb.start("watch") as running:
        running.until("this process leads")
        eventually("it asked", lambda: stage.apic.counts["canned"])
        running.signal(signal.SIGTERM)
        eventually("the Lease is free", lambda: holder(stage) == "", LEASE + SLACK)
        eventually("it ended", lambda: not running.running, 20.0)
    stage.apic.faults.clear()
