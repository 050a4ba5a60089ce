"""Many marks lost at once, and what a plan says beside its items."""

from __future__ import annotations

import pytest

from akb_sync.model import Notice, ObjectRef
from akb_sync.reasons import Reason

from .builders import (
    GREATER,
    ME,
    Epg,
    Subnet,
    cluster,
    epg,
    fabric,
    l3out,
    plan,
    pod,
    subnet,
    workload,
)

IPS = [f"10.0.0.{number}" for number in range(1, 12)]
WANTS = cluster(*(pod(ip) for ip in IPS))


def _lost(*, mark: object = None, count: int = 11, name: str | None = None) -> list[Subnet]:
    damaged = [subnet(ip, mark, name=name) for ip in IPS[:count]]  # type: ignore[arg-type]
    return [*damaged, *(subnet(ip) for ip in IPS[count:])]


@pytest.mark.parametrize(
    ("held", "alarm"),
    [
        (epg("A", *_lost()), True),
        (epg("A", *_lost(count=10)), False),
        (epg("A", *_lost(), mark=None), True),
        (epg("A", *_lost(mark="orchestrator:terraform")), True),
        (epg("A", *_lost(mark="orchestrator:terraform"), mark="orchestrator:terraform"), False),
        (epg("A", *_lost(name="theirs")), False),
        (epg("A", *_lost(mark=GREATER)), False),
        (epg("A", *_lost(), tags={ME.release_tag: "released"}), False),
    ],
)
def test_more_than_ten_marks_lost_at_once_are_an_alarm(held: Epg, alarm: bool) -> None:
    found = plan(WANTS, fabric(l3out(held)))
    told = [notice.reason for notice in found.notices]
    assert told == ([Reason.MARKS_LOST] if alarm else [])
    if alarm:
        assert not found.settled
        assert "11 marks" in found.notices[0].message


def test_restoring_marks_goes_on_beside_the_alarm() -> None:
    assert len(plan(WANTS, fabric(l3out(epg("A", *_lost())))).actionable) == 11


def test_what_the_cluster_has_to_say_is_in_the_plan_in_a_stable_order() -> None:
    first = Notice(Reason.UNKNOWN_KEY, ObjectRef("Deployment", "apps", "a"), "one")
    second = Notice(Reason.HOST_NETWORK, ObjectRef("Deployment", "apps", "b"), "two")
    for notices in ((first, second), (second, first)):
        desired = cluster(workload())
        object.__setattr__(desired, "notices", notices)
        assert plan(desired, fabric(l3out(epg("A")))).notices == (first, second)


@pytest.mark.parametrize(
    ("reason", "settled"),
    [
        (Reason.INVALID_ANNOTATION, False),
        (Reason.NOT_ALLOWED, False),
        (Reason.OUT_OF_RANGE, False),
        (Reason.AMBIGUOUS_SERVICE, False),
        (Reason.HOST_NETWORK, True),
        (Reason.UNKNOWN_KEY, True),
    ],
)
def test_a_plan_is_settled_only_when_nobody_has_to_look(reason: Reason, settled: bool) -> None:
    desired = cluster(workload())
    object.__setattr__(desired, "notices", (Notice(reason, workload().ref, "x"),))
    assert plan(desired, fabric(l3out(epg("A")))).settled is settled
