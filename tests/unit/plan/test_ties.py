"""What decides between two wishes, seen where nothing else would decide the same way by chance."""

from __future__ import annotations

from dataclasses import replace

from akb_sync.plan import Memory
from akb_sync.plan.memory import Cause, notice_departures
from akb_sync.reasons import Reason

from .builders import binding, cluster, does, fabric, holds, l3out, plan, pod, service, workload

A, B = binding("A"), binding("B")


def test_the_oldest_workload_gets_an_address_whatever_its_epg_is_called() -> None:
    young, old = workload("young", A, age=1), workload("old", B, age=9)
    found = plan(cluster(pod("10.0.0.1", young), pod("10.0.0.1", old)), fabric(l3out()))
    assert does(found) == ["create A", "create B", "create B 10.0.0.1/32"]
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.CONFLICT}


def test_of_two_ways_to_go_the_more_careful_counts_in_any_order() -> None:
    ended, withdrawn = pod("10.0.0.1"), service("10.0.0.1")
    for order in ((ended, withdrawn), (withdrawn, ended)):
        before = replace(cluster(ended, withdrawn), wanted={"10.0.0.1/32": order})
        memory = notice_departures(Memory(), before, cluster(workload()))
        assert memory.cause(binding(), "10.0.0.1/32") is Cause.WITHDRAWN
