"""How it ends: the write in flight finishes, no other begins, and nothing is waited for in vain."""

import pytest

from tests.simulated.engine.stage import Stage, binding, eventually

from .running import Running
from .told import Told


@pytest.mark.usefixtures("untouched")
def test_the_write_in_flight_finishes_and_no_other_begins(stage: Stage, told: Told) -> None:
    tenants = 12
    stage.apic.small_fabric(*(f"TEN_{number}" for number in range(tenants)))
    for number in range(tenants):
        app = stage.workload(f"app-{number}", annotation=binding("E", f"L3O_{number}", f"TEN_{number}"))
        stage.pod(app, f"10.244.{number}.1")
    stage.apic.faults.latency = 0.15  # so that not all is written between two looks of the test
    with Running(stage) as running:
        eventually("the first write is committed", lambda: stage.posts, 30.0)
        running.stop()
        assert not running.watch.writing
    stopped_at = stage.posts
    assert 0 < stopped_at < tenants
    assert len(told.lines("created EPG")) == stopped_at
    assert len(told.lines("created subnet")) == stopped_at


def test_a_stop_ends_the_wait_for_a_kubernetes_api_that_is_not_there(stage: Stage, told: Told) -> None:
    stage.cluster.stop()
    with Running(stage) as running:
        told.until("no connection")
        running.watch.stop()
        eventually("it returned", lambda: not running.alive, 3.0)


def test_a_stop_ends_the_wait_for_an_apic_that_is_not_there(stage: Stage, told: Told) -> None:
    stage.apic.stop()
    stage.pod(stage.workload("web"), "10.244.1.1")
    with Running(stage) as running:
        told.until("connection refused")
        running.watch.stop()
        eventually("it returned", lambda: not running.alive, 3.0)


def test_a_stop_before_the_start_is_a_stop(stage: Stage) -> None:
    running = Running(stage)
    running.watch.stop()
    with running:
        eventually("it returned", lambda: not running.alive, 3.0)
    assert stage.apic.counts["logins"] == 0


def test_the_session_is_logged_out_and_no_watch_stays_open(stage: Stage) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    with Running(stage) as running:
        running.until_followed()
    assert stage.apic.counts["logouts"] == stage.apic.counts["logins"] == 1
    eventually("all watches are closed", lambda: stage.cluster.watches() == 0)
