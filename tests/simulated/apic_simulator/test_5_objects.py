"""Classes, common attributes, values and relations (facts, section 5)."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.simulators.apic import ApicSimulator, names
from akb_sync.simulators.apic.schema import standard_schema
from akb_sync.simulators.apic.values import Property
from tests.simulated.apic_simulator.client import Client, attributes, mo

TENANT = "uni/tn-TEN_K8_C1"
L3OUT = f"{TENANT}/out-L3O_K8_C1"
EPG = f"{L3OUT}/instP-web"


def value(apic: ApicSimulator, dn: str, prop: str) -> str:
    found = apic.get(dn)
    assert found is not None, f"{dn} is absent"
    return found[prop]


def test_flags_are_read_back_in_alphabetical_order(apic: ApicSimulator) -> None:
    flags = "shared-security,import-security,export-rtctrl"
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8", scope=flags)]))
    expected = "export-rtctrl,import-security,shared-security"
    assert value(apic, f"{EPG}/extsubnet-[10.0.0.0/8]", "scope") == expected


@pytest.mark.parametrize(
    ("written", "read"), [("true", "yes"), (True, "yes"), ("false", "no"), ("yes", "yes")]
)
def test_booleans_are_read_back_as_yes_and_no(apic: ApicSimulator, written: object, read: str) -> None:
    apic.post(TENANT, mo("fvBD", name="b", arpFlood=written))
    assert value(apic, f"{TENANT}/BD-b", "arpFlood") == read


def test_host_bits_of_an_external_subnet_stay(apic: ApicSimulator) -> None:
    both = [mo("l3extSubnet", ip="10.0.0.1/8"), mo("l3extSubnet", ip="10.0.0.0/8")]
    apic.post(EPG, mo("l3extInstP", both))
    assert value(apic, f"{EPG}/extsubnet-[10.0.0.1/8]", "ip") == "10.0.0.1/8"
    assert value(apic, f"{EPG}/extsubnet-[10.0.0.0/8]", "ip") == "10.0.0.0/8"


def test_ipv6_is_read_back_compressed_in_the_dn_too(apic: ApicSimulator, client: Client) -> None:
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="2001:0BD1:0::1/125")]))
    dn = f"{EPG}/extsubnet-[2001:bd1::1/125]"
    assert value(apic, dn, "ip") == "2001:bd1::1/125"
    assert client.dns(f"mo/{dn}") == [dn]


def test_a_host_prefix_keeps_its_length(apic: ApicSimulator) -> None:
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.1/32"), mo("l3extSubnet", ip="::1/128")]))
    assert value(apic, f"{EPG}/extsubnet-[10.0.0.1/32]", "ip") == "10.0.0.1/32"
    assert value(apic, f"{EPG}/extsubnet-[::1/128]", "ip") == "::1/128"


def test_objects_bear_the_mark_of_their_writer(apic: ApicSimulator, client: Client) -> None:
    client.post(f"mo/{EPG}", mo("l3extInstP"))
    assert value(apic, EPG, "uid") == "15374"
    assert value(apic, EPG, "userdom") == ":all:"
    assert value(apic, f"{EPG}/rscustQosPol", "uid") == "0"
    assert value(apic, f"{EPG}/rscustQosPol", "userdom") == "all"


def test_mod_ts_is_local_time_with_milliseconds_and_offset(apic: ApicSimulator) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d", value(apic, TENANT, "modTs"))


def test_the_defaults_of_an_external_epg_are_those_of_the_model(apic: ApicSimulator) -> None:
    apic.post(EPG, mo("l3extInstP"))
    found = apic.get(EPG)
    assert found is not None
    expected = {
        "floodOnEncap": "disabled",
        "matchT": "AtleastOne",
        "pcEnfPref": "unenforced",
        "prefGrMemb": "exclude",
        "prio": "unspecified",
        "targetDscp": "unspecified",
        "triggerSt": "triggerable",
        "exceptionTag": "",
        "annotation": "",
    }
    assert {prop: found[prop] for prop in expected} == expected


def test_tags_stand_on_any_object(apic: ApicSimulator) -> None:
    key = "owner/of this = me"
    tags = [
        mo("tagAnnotation", key=key, value="a=b, c"),
        mo("tagTag", key="k", value="v"),
        mo("tagInst", name="t"),
    ]
    apic.post(TENANT, mo("l3extOut", tags, name="L3O_K8_C1"))
    assert value(apic, f"{L3OUT}/annotationKey-[{key}]", "value") == "a=b, c"
    assert value(apic, f"{L3OUT}/tagKey-k", "value") == "v"
    assert value(apic, f"{L3OUT}/tag-t", "name") == "t"


# ---- relations


def test_a_relation_resolves_in_its_own_tenant_and_then_in_common(apic: ApicSimulator) -> None:
    binding = f"{L3OUT}/rsectx"
    assert value(apic, binding, "tDn") == f"{TENANT}/ctx-VRF_K8_C1"
    apic.post("uni/tn-common", mo("fvCtx", name="shared"))
    apic.post(L3OUT, mo("l3extRsEctx", tnFvCtxName="shared"))
    assert (value(apic, binding, "state"), value(apic, binding, "tDn")) == (
        "formed",
        "uni/tn-common/ctx-shared",
    )
    apic.post(TENANT, mo("fvCtx", name="shared"))
    assert value(apic, binding, "tDn") == f"{TENANT}/ctx-shared"


def test_a_relation_to_nothing_is_unformed_and_has_a_fault_until_the_target_comes(
    apic: ApicSimulator,
) -> None:
    apic.post(EPG, mo("l3extInstP", [mo("fvRsProv", tnVzBrCPName="web")]))
    relation = f"{EPG}/rsprov-web"
    assert (value(apic, relation, "state"), value(apic, relation, "tDn")) == ("unformed", "")
    assert value(apic, f"{relation}/fault-F0974", "code") == "F0974"
    apic.post(TENANT, mo("vzBrCP", name="web"))
    assert (value(apic, relation, "state"), value(apic, relation, "tDn")) == ("formed", f"{TENANT}/brc-web")
    assert apic.get(f"{relation}/fault-F0974") is None
    apic.delete(f"{TENANT}/brc-web")
    assert value(apic, relation, "state") == "unformed"
    assert apic.get(f"{relation}/fault-F0974") is not None


def test_faults_are_shown_below_an_object_only_where_they_are_asked_for(
    apic: ApicSimulator, client: Client
) -> None:
    apic.post(EPG, mo("l3extInstP", [mo("fvRsProv", tnVzBrCPName="none")]))
    path = f"mo/{EPG}/rsprov-none"
    (plain,) = client.imdata(path, **{"rsp-subtree": "full"})
    assert "children" not in plain["fvRsProv"]
    (faulty,) = client.imdata(path, **{"rsp-subtree-include": "faults"})
    assert attributes(faulty["fvRsProv"]["children"][0])["code"] == "F0974"
    query = {"rsp-subtree-include": "faults,no-scoped,subtree"}
    assert client.dns(f"mo/{EPG}", **query) == [f"{EPG}/rsprov-none/fault-F0974"]


def test_external_epgs_follow_their_l3out_to_another_vrf(apic: ApicSimulator) -> None:
    apic.post(EPG, mo("l3extInstP"))
    apic.post(TENANT, mo("fvCtx", name="other"))
    apic.post(L3OUT, mo("l3extRsEctx", tnFvCtxName="other"))
    assert value(apic, EPG, "scope") == value(apic, f"{TENANT}/ctx-other", "scope")


# ---- the whole floating L3Out


def test_a_floating_l3out_with_bgp_is_posted_in_one_request(apic: ApicSimulator, client: Client) -> None:
    peer = mo(
        "bgpPeerP",
        [mo("bgpAsP", asn="65003"), mo("bgpRsPeerPfxPol", tnBgpPeerPfxPolName="K8s")],
        addr="192.168.2.0/24",
        ctrl="dis-peer-as-check,as-override",
        password="S3cret",
    )
    floating = mo(
        "l3extVirtualLIfP",
        [mo("l3extRsDynPathAtt", tDn="uni/phys-K8s", floatingAddr="192.168.2.254/24"), peer],
        nodeDn="topology/pod-1/node-201",
        encap="vlan-310",
        addr="192.168.2.201/24",
        mtu="9000",
    )
    node = mo("l3extRsNodeL3OutAtt", tDn="topology/pod-1/node-201", rtrId="1.1.4.201", rtrIdLoopBack="no")
    profile = mo("l3extLNodeP", [node, mo("l3extLIfP", [floating], name="int")], name="node")
    document = mo(
        "fvTenant",
        [
            mo("bgpPeerPfxPol", name="K8s", maxPfx="500"),
            mo("l3extOut", [mo("bgpExtP"), profile], name="L3O_K8_C1"),
        ],
        name="TEN_K8_C1",
    )
    for _ in range(2):
        answer = client.post("mo/uni", document)
        assert answer.status_code == 200, answer.text
    port = f"{L3OUT}/lnodep-node/lifp-int/vlifp-[topology/pod-1/node-201]-[vlan-310]"
    found = f"{port}/peerP-[192.168.2.0/24]"
    assert value(apic, found, "ctrl") == "as-override,dis-peer-as-check"
    assert value(apic, f"{found}/rspeerPfxPol", "tDn") == f"{TENANT}/bgpPfxP-K8s"
    assert "S3cret" not in client.get(f"mo/{L3OUT}", **{"rsp-subtree": "full"}).text
    assert value(apic, f"{found}/as", "asn") == "65003"


# ---- the schema itself


@pytest.mark.parametrize("name", sorted(standard_schema().classes))
def test_every_row_of_the_table_names_what_exists(name: str) -> None:
    schema = standard_schema()
    item = schema[name]
    assert all(parent in schema.classes for parent in item.parents - {"any"})
    assert all(name in schema[child].parents and not schema[child].rn.naming for child in item.implies)
    assert all(prop in item.properties for prop in item.rn.naming)
    if item.relation is not None:
        assert all(target in schema.classes for target in item.relation.targets)
        assert item.relation.direct or len(item.relation.targets) == 1
        assert item.relation.by in item.properties
    for prop in item.properties.values():
        if prop.default and prop.kind in {"enum", "flags", "bool"}:
            assert set(prop.default.split(",")) <= prop.options | {"yes", "no"}


ADDRESSES = st.one_of(
    st.ip_addresses(v=4, network=None).flatmap(lambda a: st.integers(0, 32).map(lambda n: f"{a}/{n}")),
    st.ip_addresses(v=6, network=None).flatmap(
        lambda a: st.integers(0, 128).map(lambda n: f"{ipaddress.ip_address(a).exploded.upper()}/{n}")
    ),
)


@given(ADDRESSES)
def test_a_normalised_prefix_stays_as_it_is(text: str) -> None:
    prop = Property("ip", kind="prefix")
    once = prop.normalise(text)
    assert prop.normalise(once) == once
    assert ipaddress.ip_interface(once) == ipaddress.ip_interface(text)


@given(st.lists(st.from_regex(r"[a-z]+-(\[[0-9a-f:./]*\]|[a-zA-Z0-9_.:-]+)", fullmatch=True), min_size=1))
def test_a_dn_splits_back_into_its_relative_names(rns: list[str]) -> None:
    assert [rn for _position, rn in names.split("/".join(rns))] == rns
    assert names.parent_of("/".join(rns)) == "/".join(rns[:-1])
