"""The same prefix in two external EPGs of one VRF (facts, section 6.1)."""

import pytest

from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic_simulator.client import Client, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
QUERY = 'and(wcard(faultInst.changeSet,"prefix-entry-already-in-use"),wcard(faultInst.dn,"uni/epp/rtd"))'


def put(apic: ApicSimulator, epg: str, ip: str, l3out: str = L3OUT, **given: str) -> None:
    apic.post(l3out, mo("l3extInstP", [mo("l3extSubnet", ip=ip, **given)], name=epg))


def losers(apic: ApicSimulator) -> set[str]:
    dns = (dn for dn, found in apic.of_class("faultInst").items() if found["code"] == "F0467")
    return {dn.split("rtd-[")[1].split("]")[0].rpartition("instP-")[2] for dn in dns}


def test_the_second_epg_gets_the_fault_in_the_words_of_an_apic(apic: ApicSimulator, client: Client) -> None:
    put(apic, "EPG1", "10.0.0.0/8")
    assert (
        client.post(
            f"mo/{L3OUT}", mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")], name="EPG2")
        ).status_code
        == 200
    )
    (item,) = client.imdata("class/faultInst", **{"query-target-filter": QUERY})
    found = item["faultInst"]["attributes"]
    vrf = apic.get(f"{TENANT}/ctx-VRF_K8_C1")
    assert vrf is not None
    debug = (
        "prefix-entry-already-in-use: Prefix entry "
        f"sys/ctx-[vxlan-{vrf['scope']}]/pfx-[10.0.0.0/8] is in use;"
    )
    assert found["descr"] == (
        f"Configuration failed for {L3OUT}/instP-EPG2 due to Prefix Entry Already Used in Another EPG, "
        f"debug message: {debug}"
    )
    assert found["changeSet"] == (
        "configQual:prefix-entry-already-in-use, configSt:failed-to-apply, "
        f"debugMessage:{debug}, temporaryError:no"
    )
    assert found["dn"] == (
        f"topology/pod-1/node-101/local/svc-policyelem-id-0/uni/epp/rtd-[{L3OUT}/instP-EPG2]"
        "/nwissues/fault-F0467"
    )
    assert (found["code"], found["severity"], found["delegated"]) == ("F0467", "minor", "yes")


def test_the_fault_goes_when_either_side_gives_way(apic: ApicSimulator) -> None:
    put(apic, "one", "10.0.0.0/8")
    put(apic, "two", "10.0.0.0/8")
    apic.delete(f"{L3OUT}/instP-two/extsubnet-[10.0.0.0/8]")
    assert losers(apic) == set()
    put(apic, "two", "10.0.0.0/8")
    assert losers(apic) == {"two"}
    apic.delete(f"{L3OUT}/instP-one")
    assert losers(apic) == set()
    put(apic, "one", "10.0.0.0/8")
    assert losers(apic) == {"one"}


def test_a_third_epg_loses_too_and_the_next_one_wins(apic: ApicSimulator) -> None:
    for name in ("one", "two", "three"):
        put(apic, name, "10.0.0.0/8")
    assert losers(apic) == {"two", "three"}
    apic.delete(f"{L3OUT}/instP-one")
    assert losers(apic) == {"three"}


def test_an_epg_keeps_its_fault_until_its_last_conflict_is_gone(apic: ApicSimulator) -> None:
    for ip in ("10.0.0.0/8", "11.0.0.0/8"):
        put(apic, "one", ip)
        put(apic, "two", ip)
    apic.delete(f"{L3OUT}/instP-one/extsubnet-[10.0.0.0/8]")
    assert losers(apic) == {"two"}
    apic.delete(f"{L3OUT}/instP-one/extsubnet-[11.0.0.0/8]")
    assert losers(apic) == set()


def test_only_import_security_counts(apic: ApicSimulator) -> None:
    put(apic, "one", "10.0.0.0/8")
    put(apic, "two", "10.0.0.0/8", scope="export-rtctrl")
    assert losers(apic) == set()
    put(apic, "two", "10.0.0.0/8", scope="export-rtctrl,import-security")
    assert losers(apic) == {"two"}
    put(apic, "two", "10.0.0.0/8", scope="export-rtctrl")
    assert losers(apic) == set()


def test_host_bits_are_masked_on_the_leaf(apic: ApicSimulator) -> None:
    put(apic, "one", "10.0.0.0/8")
    put(apic, "two", "10.0.0.1/8")
    assert losers(apic) == {"two"}


@pytest.mark.parametrize("ip", ["0.0.0.0/0", "::/0"])
def test_default_routes_do_not_conflict(apic: ApicSimulator, ip: str) -> None:
    put(apic, "one", ip)
    put(apic, "two", ip)
    assert losers(apic) == set()


def test_prefixes_of_other_lengths_and_the_same_epg_do_not_conflict(apic: ApicSimulator) -> None:
    put(apic, "one", "10.0.0.0/8")
    put(apic, "one", "10.0.0.1/8")
    put(apic, "two", "10.0.0.0/9")
    assert losers(apic) == set()


def test_a_conflict_goes_through_tenants_that_share_a_vrf(apic: ApicSimulator) -> None:
    apic.post("uni/tn-common", mo("fvCtx", name="shared"))
    for name in ("a", "b"):
        l3out = mo("l3extOut", [mo("l3extRsEctx", tnFvCtxName="shared")], name="o")
        apic.post("uni", mo("fvTenant", [l3out], name=name))
    put(apic, "one", "10.0.0.0/8", "uni/tn-a/out-o")
    put(apic, "two", "10.0.0.0/8", "uni/tn-b/out-o")
    assert losers(apic) == {"two"}
    apic.post("uni/tn-b", mo("fvCtx", name="shared"))  # its own VRF is nearer than the one in common
    assert losers(apic) == set()


def test_an_l3out_that_changes_its_vrf_takes_its_prefixes_along(apic: ApicSimulator) -> None:
    other = mo("l3extOut", [mo("l3extRsEctx", tnFvCtxName="away")], name="other")
    apic.post(TENANT, other)
    apic.post(TENANT, mo("fvCtx", name="away"))
    put(apic, "one", "10.0.0.0/8")
    put(apic, "two", "10.0.0.0/8", f"{TENANT}/out-other")
    assert losers(apic) == set()
    apic.post(f"{TENANT}/out-other", mo("l3extRsEctx", tnFvCtxName="VRF_K8_C1"))
    assert losers(apic) == {"two"}


def test_every_leaf_of_the_l3out_raises_the_fault(apic: ApicSimulator, client: Client) -> None:
    nodes = [mo("l3extRsNodeL3OutAtt", tDn=f"topology/pod-1/node-{n}") for n in (102, 103)]
    apic.post(L3OUT, mo("l3extLNodeP", nodes, name="np"))
    client.open_socket().subscribe("class/faultInst")
    put(apic, "one", "10.0.0.0/8")
    put(apic, "two", "10.0.0.0/8")
    events = [client.event() for _ in range(2)]
    assert [found["dn"].split("/")[2] for _name, _status, found in events] == ["node-102", "node-103"]
    apic.delete(f"{L3OUT}/instP-two")
    assert [client.event()[1] for _ in range(2)] == ["deleted", "deleted"]
