"""The classes of the L3Out family: names, defaults, limits (facts, section 5.2)."""

import pytest

from akb_sync.simulators.apic import ApicError, ApicSimulator
from akb_sync.simulators.apic.schema import standard_schema
from tests.simulated.apic_simulator.client import Client, mo
from tests.simulated.apic_simulator.l3out import EPG, L3OUT, PEER, SVI, TENANT, read

RNS = {
    "fvTenant": "tn-{name}",
    "fvCtx": "ctx-{name}",
    "l3extOut": "out-{name}",
    "l3extRsEctx": "rsectx",
    "l3extRsL3DomAtt": "rsl3DomAtt",
    "l3extInstP": "instP-{name}",
    "l3extSubnet": "extsubnet-[{ip}]",
    "fvRsProv": "rsprov-{tnVzBrCPName}",
    "fvRsCons": "rscons-{tnVzBrCPName}",
    "l3extRsInstPToProfile": "rsinstPToProfile-[{tnRtctrlProfileName}]-{direction}",
    "l3extRsSubnetToProfile": "rssubnetToProfile-[{tnRtctrlProfileName}]-{direction}",
    "l3extLNodeP": "lnodep-{name}",
    "l3extRsNodeL3OutAtt": "rsnodeL3OutAtt-[{tDn}]",
    "l3extLoopBackIfP": "lbp-[{addr}]",
    "l3extLIfP": "lifp-{name}",
    "l3extVirtualLIfP": "vlifp-[{nodeDn}]-[{encap}]",
    "l3extRsDynPathAtt": "rsdynPathAtt-[{tDn}]",
    "l3extIp": "addr-[{addr}]",
    "l3extRsPathL3OutAtt": "rspathL3OutAtt-[{tDn}]",
    "l3extMember": "mem-{side}",
    "bgpExtP": "bgpExtP",
    "bgpPeerP": "peerP-[{addr}]",
    "bgpAsP": "as",
    "bgpLocalAsnP": "localasn",
    "bgpRsPeerPfxPol": "rspeerPfxPol",
    "bgpPeerPfxPol": "bgpPfxP-{name}",
    "bgpRsPeerToProfile": "rspeerToProfile-[{tDn}]-{direction}",
    "bgpProtP": "protp",
    "bgpRsBgpNodeCtxPol": "rsbgpNodeCtxPol",
    "bgpRsBestPathCtrlPol": "rsBestPathCtrlPol",
    "bgpCtxPol": "bgpCtxP-{name}",
    "bgpCtxAfPol": "bgpCtxAfP-{name}",
    "fvRsCtxToBgpCtxAfPol": "rsctxToBgpCtxAfPol-[{tnBgpCtxAfPolName}]-{af}",
    "fvRsBgpCtxPol": "rsbgpCtxPol",
    "bgpBestPathCtrlPol": "bestpath-{name}",
    "rtctrlProfile": "prof-{name}",
    "rtctrlCtxP": "ctx-{name}",
    "rtctrlRsCtxPToSubjP": "rsctxPToSubjP-{tnRtctrlSubjPName}",
    "rtctrlSubjP": "subj-{name}",
    "rtctrlMatchRtDest": "dest-[{ip}]",
    "rtctrlAttrP": "attr-{name}",
    "rtctrlSetNhUnchanged": "nhunchanged",
    "rtctrlSetRedistMultipath": "redistmpath",
    "rtctrlScope": "scp",
    "rtctrlRsScopeToAttrP": "rsScopeToAttrP",
    "physDomP": "phys-{name}",
    "l3extDomP": "l3dom-{name}",
    "infraRsVlanNs": "rsvlanNs",
    "fvnsVlanInstP": "vlanns-[{name}]-{allocMode}",
    "fvnsEncapBlk": "from-[{from}]-to-[{to}]",
    "infraAttEntityP": "attentp-{name}",
    "infraRsDomP": "rsdomP-[{tDn}]",
    "tagAnnotation": "annotationKey-[{key}]",
    "tagTag": "tagKey-{key}",
    "tagInst": "tag-{name}",
}


@pytest.mark.parametrize(("name", "rn"), RNS.items())
def test_a_class_has_the_relative_name_of_the_model(name: str, rn: str) -> None:
    assert standard_schema()[name].rn.template == rn


DEFAULTS: dict[str, dict[str, str]] = {
    "fvCtx": {
        "pcEnfPref": "enforced",
        "pcEnfDir": "ingress",
        "bdEnforcedEnable": "no",
        "ipDataPlaneLearning": "enabled",
        "knwMcastAct": "permit",
    },
    "l3extOut": {"enforceRtctrl": "export", "targetDscp": "unspecified", "mplsEnabled": "no"},
    "l3extInstP": {
        "floodOnEncap": "disabled",
        "matchT": "AtleastOne",
        "pcEnfPref": "unenforced",
        "prefGrMemb": "exclude",
        "prio": "unspecified",
        "targetDscp": "unspecified",
        "exceptionTag": "",
        "triggerSt": "triggerable",
    },
    "fvRsProv": {"matchT": "AtleastOne", "prio": "unspecified", "intent": "install"},
    "fvRsCons": {"prio": "unspecified", "intent": "install"},
    "l3extLNodeP": {"tag": "yellow-green", "targetDscp": "unspecified"},
    "l3extRsNodeL3OutAtt": {"rtrIdLoopBack": "yes"},
    "l3extLIfP": {"prio": "unspecified"},
    "l3extVirtualLIfP": {
        "autostate": "disabled",
        "encapScope": "local",
        "ifInstT": "ext-svi",
        "ipv6Dad": "enabled",
        "mac": "00:22:BD:F8:19:FF",
        "mode": "regular",
        "mtu": "inherit",
        "llAddr": "::",
        "targetDscp": "unspecified",
    },
    "l3extRsDynPathAtt": {
        "forgedTransmit": "Disabled",
        "macChange": "Disabled",
        "promMode": "Disabled",
        "encap": "unknown",
    },
    "l3extRsPathL3OutAtt": {"mac": "00:22:BD:F8:19:FF", "mtu": "inherit"},
    "l3extIp": {"ipv6Dad": "enabled"},
    "l3extSubnet": {"scope": "import-security", "aggregate": ""},
    "bgpPeerP": {
        "addrTCtrl": "af-ucast",
        "adminSt": "enabled",
        "allowedSelfAsCnt": "3",
        "connectivityType": "tenant",
        "ctrl": "",
        "ctrlExt": "",
        "peerCtrl": "",
        "privateASctrl": "",
        "sessionT": "peer",
        "ttl": "1",
        "weight": "0",
    },
    "bgpLocalAsnP": {"asnPropagate": "none"},
    "bgpPeerPfxPol": {"action": "reject", "maxPfx": "20000", "thresh": "75", "restartTime": "infinite"},
    "bgpCtxPol": {
        "holdIntvl": "180",
        "kaIntvl": "60",
        "grCtrl": "helper",
        "maxAsLimit": "0",
        "staleIntvl": "default",
    },
    "bgpCtxAfPol": {
        "eDist": "20",
        "iDist": "200",
        "localDist": "220",
        "maxEcmp": "16",
        "maxEcmpIbgp": "16",
        "maxLocalEcmp": "0",
        "ctrl": "",
    },
    "rtctrlProfile": {"type": "combinable", "autoContinue": "no"},
    "rtctrlCtxP": {"action": "permit", "order": "0"},
    "rtctrlMatchRtDest": {"aggregate": "no", "fromPfxLen": "0", "toPfxLen": "0"},
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_class_has_the_defaults_of_the_model(name: str) -> None:
    shown = standard_schema()[name].template
    assert {prop: shown[prop] for prop in DEFAULTS[name]} == DEFAULTS[name]


@pytest.mark.parametrize(
    "case",
    [
        (SVI, "l3extVirtualLIfP", "mtu", ["576", "9216", "inherit"], ["575", "9217", "jumbo"]),
        (PEER, "bgpPeerP", "allowedSelfAsCnt", ["1", "10"], ["0", "11"]),
        (PEER, "bgpPeerP", "ttl", ["1", "255"], ["0", "256"]),
        (PEER, "bgpPeerP", "ctrl", ["nh-self,as-override", "send-com,send-ext-com"], ["as-overrule"]),
        (PEER, "bgpPeerP", "ctrlExt", ["send-domain-path", ""], ["send"]),
        (PEER, "bgpPeerP", "peerCtrl", ["bfd,dis-conn-check"], ["bfg"]),
        (f"{PEER}/as", "bgpAsP", "asn", ["1", "4294967295"], ["4294967296", "-1"]),
        (f"{TENANT}/bgpPfxP-p", "bgpPeerPfxPol", "maxPfx", ["1", "712000"], ["712001", "none"]),
        (f"{TENANT}/bgpPfxP-p", "bgpPeerPfxPol", "action", ["log", "restart", "shut"], ["warn"]),
        (f"{TENANT}/bgpCtxP-p", "bgpCtxPol", "holdIntvl", ["0", "3600"], ["3601"]),
        (f"{TENANT}/bgpCtxP-p", "bgpCtxPol", "staleIntvl", ["1", "3600", "default"], ["0", "3601"]),
        (f"{TENANT}/bgpCtxP-p", "bgpCtxPol", "grCtrl", ["helper"], ["complete"]),
        (f"{TENANT}/bgpCtxP-p", "bgpCtxPol", "maxAsLimit", ["0", "2000"], ["2001"]),
        (f"{TENANT}/bgpCtxAfP-p", "bgpCtxAfPol", "maxEcmp", ["1", "64"], ["0", "65"]),
        (f"{TENANT}/bestpath-p", "bgpBestPathCtrlPol", "ctrl", ["asPathMultipathRelax", ""], ["relax"]),
        (f"{L3OUT}/prof-p", "rtctrlProfile", "type", ["global", "combinable"], ["local"]),
        (f"{TENANT}/subj-p/dest-[10.0.0.0/8]", "rtctrlMatchRtDest", "toPfxLen", ["0", "128"], ["129"]),
        (EPG, "l3extInstP", "prio", ["level1", "9"], ["10", "high"]),
        (L3OUT, "l3extOut", "enforceRtctrl", ["export,import", "export"], ["both"]),
    ],
)
def test_a_property_takes_what_the_model_says(
    floating: ApicSimulator, case: tuple[str, str, str, list[str], list[str]]
) -> None:
    dn, cls, prop, good, bad = case
    floating.post(TENANT, mo("rtctrlSubjP", name="p"))
    for value in good:
        floating.post(dn, mo(cls, **{prop: value}))
        assert set(read(floating, dn)[prop].split(",")) == set(value.split(","))
    for value in bad:
        with pytest.raises(ApicError) as refused:
            floating.post(dn, mo(cls, **{prop: value}))
        assert refused.value.code == "120"


@pytest.mark.parametrize("order", ["0", "9"])
def test_a_route_control_context_has_an_order_of_one_digit(apic: ApicSimulator, order: str) -> None:
    apic.post(L3OUT, mo("rtctrlProfile", [mo("rtctrlCtxP", name="c", order=order)], name="default-export"))
    assert read(apic, f"{L3OUT}/prof-default-export/ctx-c")["order"] == order
    with pytest.raises(ApicError):
        apic.post(f"{L3OUT}/prof-default-export", mo("rtctrlCtxP", name="d", order="10"))


def test_an_external_epg_stands_in_an_l3out_only(client: Client) -> None:
    answer = client.post(f"mo/{TENANT}", mo("fvTenant", [mo("l3extInstP", name="e")]))
    assert answer.status_code == 400
