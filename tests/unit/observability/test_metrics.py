"""The numbers: what they count, that their number is bounded, and that the manual has them all."""

import re

import pytest

from akb_sync.engine.report import Report
from akb_sync.errors import ApicUnreachable
from akb_sync.item import Action
from akb_sync.model import Freshness, Notice, ObjectRef
from akb_sync.observability import Metrics
from akb_sync.reasons import Reason
from tests.unit.engine.items import epg, held, plan, subnet
from tests.unit.engine.looks import FRESH, WORKLOAD, look
from tests.unit.engine.scripted import HandClock

MANY = [ObjectRef("Deployment", "shop", f"web-{n}") for n in range(200)]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(HandClock())


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"akb_sync_{name}", labels)


def test_writes_are_counted_by_action_and_kind(metrics: Metrics) -> None:
    metrics.wrote(Report(done=(epg(), subnet(), subnet("10.0.0.2/32"), subnet(action=Action.DELETE))), 0.3)
    assert value(metrics, "writes_total", action="create", kind="epg") == 1
    assert value(metrics, "writes_total", action="create", kind="subnet") == 2
    assert value(metrics, "writes_total", action="delete", kind="subnet") == 1
    assert value(metrics, "write_seconds_count") == 1


def test_every_kind_of_write_is_there_before_the_first_one(metrics: Metrics) -> None:
    assert value(metrics, "writes_total", action="move", kind="subnet") == 0
    assert value(metrics, "drift_reverted_total", kind="subnet") == 0


def test_what_was_put_right_is_counted_as_drift(metrics: Metrics) -> None:
    metrics.wrote(Report(done=(subnet(action=Action.UPDATE, reason=Reason.DRIFT),)), 0.1)
    assert value(metrics, "drift_reverted_total", kind="subnet") == 1


def test_what_did_not_work_is_counted(metrics: Metrics) -> None:
    report = Report(rejected=((subnet(), "no"),), unknown=(subnet(), epg()), not_sent=(epg(),))
    metrics.wrote(report, 0.1)
    names = ("rejected_total", "unknown_outcomes_total", "not_sent_total")
    assert [value(metrics, name) for name in names] == [1, 2, 1]


def test_a_plan_is_counted_by_state_reason_and_notice(metrics: Metrics) -> None:
    found = plan(
        subnet(action=Action.NONE, reason=Reason.IN_SYNC),
        subnet("10.0.0.2/32"),
        held(subnet("10.0.0.3/32"), Reason.CONFLICT),
        epg(action=Action.NONE, reason=Reason.UNMANAGED),
        held(subnet("10.0.0.4/32", action=Action.DELETE), Reason.MASS_DELETE),
        notices=(Notice(Reason.NEAR_MISS, WORKLOAD, "x"),),
    )
    metrics.looked(look(found))
    states = {
        state: value(metrics, "objects", state=state) for state in ("in_sync", "to_write", "held", "left")
    }
    assert states == {"in_sync": 1, "to_write": 1, "held": 2, "left": 1}
    assert value(metrics, "held", reason="Conflict") == 1
    assert value(metrics, "notices", reason="NearMiss") == 1
    assert value(metrics, "awaiting_approval") == 1
    metrics.looked(look(plan()))
    assert value(metrics, "held", reason="Conflict") == 0


def test_freshness_leader_pause_and_troubles_are_seen(metrics: Metrics) -> None:
    freshness = {**FRESH, "pods": Freshness.STALE, "T/A": Freshness.FRESH, "T/B": Freshness.STALE}
    metrics.looked(look(freshness=freshness, leading=False, troubles={"pods": "forbidden"}))
    assert value(metrics, "kind_fresh", kind="pods") == 0
    assert value(metrics, "kind_fresh", kind="services") == 1
    assert value(metrics, "l3outs", freshness="stale") == 1
    assert value(metrics, "leader") == 0
    assert value(metrics, "troubles") == 1
    metrics.looked(look())
    assert (value(metrics, "leader"), value(metrics, "paused")) == (1, 0)


def test_the_last_success_is_a_moment_of_the_wall_clock() -> None:
    clock = HandClock()
    metrics = Metrics(clock)
    metrics.looked(look(plan(subnet())))
    metrics.wrote(Report(error=ApicUnreachable("no", "x")), 0.1)
    assert value(metrics, "last_success_timestamp_seconds") == 0
    metrics.looked(look())
    assert value(metrics, "last_success_timestamp_seconds") == clock.now().timestamp()


def test_the_number_of_time_series_does_not_grow_with_the_cluster(metrics: Metrics) -> None:
    metrics.looked(look())
    before = metrics.text().count(b"\n")
    items = [
        held(subnet(f"10.0.{n}.1/32", workloads=(MANY[n],)), Reason.CONFLICT, f"{n}") for n in range(200)
    ]
    freshness = {**FRESH, **{f"T/L{n}": Freshness.FRESH for n in range(200)}}
    metrics.looked(look(plan(*items), freshness=freshness))
    metrics.wrote(Report(done=tuple(items)), 0.1)
    assert metrics.text().count(b"\n") == before


def test_two_engines_in_one_program_count_apart() -> None:
    one, other = Metrics(HandClock()), Metrics(HandClock())
    one.wrote(Report(done=(subnet(),)), 0.1)
    assert value(other, "writes_total", action="create", kind="subnet") == 0


def test_every_metric_has_a_name_of_ours_and_a_sentence(metrics: Metrics) -> None:
    for family in metrics.registry.collect():
        assert re.fullmatch(r"akb_sync_[a-z0-9_]+", family.name)
        assert family.documentation.endswith(".")
