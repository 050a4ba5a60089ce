"""The faults of external EPGs: one query for many L3Outs, and what an answer tells."""

import pytest

from akb_sync.apic.fault_records import fault_of, fault_queries, read_faults
from akb_sync.model import Binding, L3Out

POLICY = "topology/pod-2/node-103/local/svc-policyelem-id-0/uni/epp"
LEAF = f"{POLICY}/rtd-[uni/tn-T/out-L/instP-E]/nwissues/fault-F0467"
OWN = "uni/tn-T/out-L/instP-E/rsprov-web/fault-F0974"


def test_one_query_asks_for_twenty_l3outs() -> None:
    l3outs = [L3Out("T", f"L{number:02}") for number in range(21)]
    (path, first), (_, second) = fault_queries(l3outs)
    assert path == "/api/class/faultInst.json"
    assert first["query-target-filter"].startswith('or(wcard(faultInst.dn,"uni/tn-T/out-L00/instP-"),')
    assert second["query-target-filter"] == 'wcard(faultInst.dn,"uni/tn-T/out-L20/instP-")'
    assert list(fault_queries([])) == []


@pytest.mark.parametrize("dn", [LEAF, OWN])
def test_a_fault_belongs_to_the_epg_that_its_dn_names(dn: str) -> None:
    fault = fault_of({"dn": dn, "code": "F1", "severity": "minor", "descr": "text"})
    assert fault is not None
    assert (fault.binding, fault.code, fault.description) == (Binding("T", "L", "E"), "F1", "text")


@pytest.mark.parametrize(
    "attributes", [{"dn": LEAF, "severity": "cleared"}, {"dn": "uni/tn-T/out-L/lnodep-N/fault-F1"}, {}]
)
def test_what_is_cleared_or_about_something_else_is_left_out(attributes: dict[str, str]) -> None:
    assert fault_of(attributes) is None


def test_faults_are_given_by_epg() -> None:
    class Session:
        def get(self, _path: str, _params: object = None) -> list[dict[str, object]]:
            return [{"faultInst": {"attributes": {"dn": dn, "code": dn[-5:]}}} for dn in (LEAF, OWN)]

    found = read_faults(Session(), [L3Out("T", "L")])
    assert [fault.code for fault in found[Binding("T", "L", "E")]] == ["F0467", "F0974"]
