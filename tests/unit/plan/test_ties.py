"""What decides between two wishes, seen where nothing else would decide the same way by chance."""

from __future__ import annotations

from akb_sync.reasons import Reason

from .builders import binding, cluster, does, fabric, holds, l3out, plan, pod, workload

A, B = binding("A"), binding("B")


def test_the_oldest_workload_gets_an_address_whatever_its_epg_is_called() -> None:
    young, old = workload("young", A, age=1), workload("old", B, age=9)
    found = plan(cluster(pod("10.0.0.1", young), pod("10.0.0.1", old)), fabric(l3out()))
    assert does(found) == ["create A", "create B", "create B 10.0.0.1/32"]
    assert holds(found) == {A.subnet_dn("10.0.0.1/32"): Reason.CONFLICT}
