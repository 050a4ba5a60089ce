"""Annotations that name an EPG only, between both simulators."""

import json

from akb_sync.reasons import Reason

from .stage import EPG, L3OUT, TENANT, Stage, hosts

EPG_ONLY = json.dumps({"epg": EPG})


def peer(stage: Stage, l3out: str, address: str) -> None:
    """A BGP peer of an L3Out, on the anchor node of its floating SVI."""
    path = "topology/pod-1/node-101"
    peers = {"bgpPeerP": {"attributes": {"addr": address}}}
    interface = {
        "l3extVirtualLIfP": {"attributes": {"nodeDn": path, "encap": "vlan-100"}, "children": [peers]}
    }
    profile = {"l3extLIfP": {"attributes": {"name": "I"}, "children": [interface]}}
    node = {"l3extLNodeP": {"attributes": {"name": "N"}, "children": [profile]}}
    stage.apic.post(f"uni/tn-{TENANT}", {"l3extOut": {"attributes": {"name": l3out}, "children": [node]}})


def node_address(stage: Stage) -> str:
    (first, *_) = stage.cluster.list("Node")
    found: str = first["status"]["addresses"][0]["address"]
    return found


def test_an_epg_alone_is_put_into_the_l3out_whose_bgp_peers_are_the_nodes(stage: Stage) -> None:
    peer(stage, L3OUT, node_address(stage))
    peer(stage, "ELSEWHERE", "192.0.2.77")
    stage.pods(stage.workload("web", annotation=EPG_ONLY), 3)
    assert stage.sync().plan.settled
    assert stage.prefixes() == hosts("10.244.1", 3)


def test_an_epg_alone_is_put_into_the_l3out_of_the_setting(stage: Stage) -> None:
    stage.pods(stage.workload("web", annotation=EPG_ONLY), 2)
    assert stage.sync(default_l3out=f"{TENANT}/{L3OUT}").plan.settled
    assert stage.prefixes() == hosts("10.244.1", 2)


def test_two_candidates_are_listed_and_nothing_is_written_or_removed(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pods(web, 2)
    stage.sync()
    before = stage.dump()
    for l3out in (L3OUT, "ELSEWHERE"):
        peer(stage, l3out, node_address(stage))
    stage.workload("late", annotation=EPG_ONLY)
    outcome = stage.sync()
    (notice,) = [one for one in outcome.plan.notices if one.reason is Reason.PARENT_UNKNOWN]
    assert f"2 L3Outs carry this cluster's nodes: {TENANT}/ELSEWHERE (BGP peer " in notice.message
    assert not outcome.plan.settled
    assert outcome.written == []
    assert before.items() <= stage.dump().items()


def test_a_running_engine_goes_on_by_itself_when_the_peer_appears(stage: Stage) -> None:
    stage.pods(stage.workload("web", annotation=EPG_ONLY), 2)
    assert not stage.sync().plan.settled
    peer(stage, L3OUT, node_address(stage))
    assert stage.sync().plan.settled
    assert stage.prefixes() == hosts("10.244.1", 2)
