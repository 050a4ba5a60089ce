"""Relations of the L3Out family: what they read back, and their faults (facts, section 5.2)."""

from typing import Any

import pytest

from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.apic.schema import standard_schema
from tests.simulated.apic_simulator.client import mo
from tests.simulated.apic_simulator.l3out import EPG, L3OUT, NODE, PEER, SVI, TENANT, read

# ---- relations


def test_a_named_relation_reads_back_what_it_found(apic: ApicSimulator) -> None:
    expected = {
        "state": "formed",
        "stateQual": "none",
        "tDn": f"{TENANT}/ctx-VRF_K8_C1",
        "tRn": "ctx-VRF_K8_C1",
        "tType": "name",
        "tCl": "fvCtx",
        "tContextDn": "",
        "rType": "mo",
        "forceResolve": "yes",
        "tnFvCtxName": "VRF_K8_C1",
    }
    found = read(apic, f"{L3OUT}/rsectx")
    assert {prop: found[prop] for prop in expected} == expected


def test_an_implicit_relation_is_the_systems(floating: ApicSimulator) -> None:
    found = read(floating, f"{PEER}/rspeerPfxPol")
    assert (found["uid"], found["userdom"]) == ("0", "all")


def test_an_empty_prefix_policy_is_the_default_one_of_common(floating: ApicSimulator) -> None:
    relation = f"{PEER}/rspeerPfxPol"
    found = read(floating, relation)
    expected = ("formed", "default-target", "uni/tn-common/bgpPfxP-default", "")
    assert (found["state"], found["stateQual"], found["tDn"], found["tnBgpPeerPfxPolName"]) == expected
    floating.post(TENANT, mo("bgpPeerPfxPol", name="own"))
    floating.post(PEER, mo("bgpRsPeerPfxPol", tnBgpPeerPfxPolName="own"))
    found = read(floating, relation)
    assert (found["stateQual"], found["tDn"]) == ("none", f"{TENANT}/bgpPfxP-own")
    floating.delete(relation)
    assert read(floating, relation)["tDn"] == "uni/tn-common/bgpPfxP-default"


@pytest.mark.parametrize(
    "relation",
    [
        f"{L3OUT}/rsectx",
        f"{TENANT}/ctx-VRF_K8_C1/rsbgpCtxPol",
        f"{NODE}/protp/rsbgpNodeCtxPol",
        f"{NODE}/lifp-i/rsNdIfPol",
        f"{PEER}/rspeerPfxPol",
    ],
)
def test_a_relation_singleton_exists_by_itself_and_deleting_it_resets_it(
    floating: ApicSimulator, relation: str
) -> None:
    named = next(prop for prop in read(floating, relation) if prop.startswith("tn"))
    cls = next(
        name
        for name, item in standard_schema().classes.items()
        if item.rn.template == relation.rpartition("/")[2]
    )
    floating.post(relation, mo(cls, **{named: "other"}))
    floating.delete(relation)
    assert read(floating, relation)[named] == ""


UNRESOLVED = [
    ("F1020", L3OUT, mo("l3extRsEctx", tnFvCtxName="x"), (TENANT, mo("fvCtx", name="x"))),
    ("F1021", L3OUT, mo("l3extRsL3DomAtt", tDn="uni/l3dom-x"), ("uni", mo("l3extDomP", name="x"))),
    ("F0974", EPG, mo("fvRsProv", tnVzBrCPName="x"), (TENANT, mo("vzBrCP", name="x"))),
    ("F0967", EPG, mo("fvRsCons", tnVzBrCPName="x"), (TENANT, mo("vzBrCP", name="x"))),
    ("F0853", PEER, mo("bgpRsPeerPfxPol", tnBgpPeerPfxPolName="x"), (TENANT, mo("bgpPeerPfxPol", name="x"))),
    ("F3565", SVI, mo("l3extRsDynPathAtt", tDn="uni/phys-x"), ("uni", mo("physDomP", name="x"))),
    (
        "F3565",
        SVI,
        mo("l3extRsDynPathAtt", tDn="uni/vmmp-VMware/dom-x"),
        ("uni/vmmp-VMware", mo("vmmDomP", name="x")),
    ),
    (
        "F1500",
        f"{TENANT}/ctx-VRF_K8_C1",
        mo("fvRsCtxToBgpCtxAfPol", tnBgpCtxAfPolName="x", af="ipv4-ucast"),
        (TENANT, mo("bgpCtxAfPol", name="x")),
    ),
    (
        "F2603",
        f"{NODE}/protp",
        mo("bgpRsBgpNodeCtxPol", tnBgpCtxPolName="x"),
        (TENANT, mo("bgpCtxPol", name="x")),
    ),
    (
        "F3634",
        f"{NODE}/protp",
        mo("bgpRsBestPathCtrlPol", tnBgpBestPathCtrlPolName="x"),
        (TENANT, mo("bgpBestPathCtrlPol", name="x")),
    ),
    (
        "F1037",
        f"{L3OUT}/prof-default-export/ctx-c",
        mo("rtctrlRsCtxPToSubjP", tnRtctrlSubjPName="x"),
        (TENANT, mo("rtctrlSubjP", name="x")),
    ),
    (
        "F3571",
        PEER,
        mo("bgpRsPeerToProfile", tDn=f"{TENANT}/prof-x", direction="export"),
        (TENANT, mo("rtctrlProfile", name="x")),
    ),
    (
        "F0981",
        "uni/phys-K8s",
        mo("infraRsVlanNs", tDn="uni/infra/vlanns-[x]-static"),
        ("uni/infra", mo("fvnsVlanInstP", name="x", allocMode="static")),
    ),
    ("F0952", f"{TENANT}/BD-b", mo("fvRsCtx", tnFvCtxName="x"), (TENANT, mo("fvCtx", name="x"))),
]


@pytest.mark.parametrize(("code", "where", "relation", "target"), UNRESOLVED)
def test_a_relation_whose_target_is_missing_has_the_fault_of_its_class_until_it_comes(
    floating: ApicSimulator,
    code: str,
    where: str,
    relation: dict[str, Any],
    target: tuple[str, dict[str, Any]],
) -> None:
    floating.post("uni", mo("physDomP", name="K8s"))
    floating.post(TENANT, mo("fvBD", name="b"))
    floating.post(L3OUT, mo("l3extInstP", name="web"))
    floating.post(L3OUT, mo("rtctrlProfile", [mo("rtctrlCtxP", name="c")], name="default-export"))
    assert faults(floating, code) == []
    floating.post(where, relation)
    (dn,) = faults(floating, code)
    found = read(floating, dn)
    assert dn.startswith(f"{where}/")
    assert (found["lc"], found["severity"], found["cause"]) == ("raised", "warning", "resolution-failed")
    assert found["descr"].startswith("Failed to form relation to MO ")
    assert found["rule"].endswith("-resolve-fail")
    assert read(floating, dn.rpartition("/")[0])["state"] == "unformed"
    floating.post(*target)
    assert faults(floating, code) == []
    assert read(floating, dn.rpartition("/")[0])["state"] == "formed"


def faults(apic: ApicSimulator, code: str) -> list[str]:
    return [dn for dn, found in apic.of_class("faultInst").items() if found["code"] == code]
