"""Rules of the L3Out family and of external subnets (facts, sections 5.2 and 5.3)."""

from typing import Any

import pytest

from akb_sync.simulators.apic import ApicError, ApicSimulator
from tests.simulated.apic_simulator.client import Client, mo
from tests.simulated.apic_simulator.l3out import EPG, L3OUT, NODE, NODE_DN, PEER, SVI, TENANT, read

# ---- rules of 5.2


def test_flags_about_private_as_numbers_come_together_or_not_at_all(floating: ApicSimulator) -> None:
    floating.post(PEER, mo("bgpPeerP", privateASctrl="replace-as,remove-all,remove-exclusive"))
    assert read(floating, PEER)["privateASctrl"] == "remove-all,remove-exclusive,replace-as"
    with pytest.raises(ApicError):
        floating.post(PEER, mo("bgpPeerP", privateASctrl="remove-all"))
    floating.post(PEER, mo("bgpPeerP", privateASctrl=""))


def test_the_config_issues_of_a_peer_are_spelt_with_a_capital_and_read_only(floating: ApicSimulator) -> None:
    assert read(floating, PEER)["ConfigIssues"] == ""
    with pytest.raises(ApicError) as refused:
        floating.post(PEER, mo("bgpPeerP", ConfigIssues="none"))
    assert refused.value.code == "170"


def test_a_peers_password_is_write_only(floating: ApicSimulator, client: Client) -> None:
    floating.post(PEER, mo("bgpPeerP", password="S3cret"))
    assert "password" not in read(floating, PEER)
    assert "S3cret" not in client.get(f"mo/{TENANT}", **{"query-target": "subtree"}).text
    assert "S3cret" not in client.get("class/aaaModLR").text


def test_a_node_has_one_router_id_in_a_vrf(floating: ApicSimulator) -> None:
    node = mo("l3extRsNodeL3OutAtt", tDn=NODE_DN, rtrId="1.1.4.202")
    other = mo(
        "l3extOut",
        [mo("l3extRsEctx", tnFvCtxName="VRF_K8_C1"), mo("l3extLNodeP", [node], name="n")],
        name="o",
    )
    with pytest.raises(ApicError, match="Different RouterId exists"):
        floating.post(TENANT, other)
    assert floating.get(f"{TENANT}/out-o") is None


def test_a_loopback_belongs_to_one_l3out_of_a_vrf(floating: ApicSimulator) -> None:
    loopback = mo("l3extLoopBackIfP", addr="10.9.9.9")
    floating.post(f"{NODE}/rsnodeL3OutAtt-[{NODE_DN}]", loopback)

    def other(vrf: str) -> dict[str, Any]:
        node = mo("l3extRsNodeL3OutAtt", [loopback], tDn="topology/pod-1/node-102")
        children = [mo("l3extRsEctx", tnFvCtxName=vrf), mo("l3extLNodeP", [node], name="n")]
        return mo("l3extOut", children, name=f"in-{vrf}")

    with pytest.raises(ApicError, match=r"loopback 10\.9\.9\.9 is used"):
        floating.post(TENANT, other("VRF_K8_C1"))
    floating.post(TENANT, other("elsewhere"))


def test_a_floating_address_lies_in_the_subnet_of_the_anchors_address(floating: ApicSimulator) -> None:
    def path(address: str) -> dict[str, Any]:
        return mo("l3extRsDynPathAtt", tDn="uni/phys-K8s", floatingAddr=address)

    floating.post(SVI, path("192.168.2.254/24"))
    with pytest.raises(ApicError, match="not in the subnet"):
        floating.post(SVI, path("192.168.3.254/24"))
    with pytest.raises(ApicError, match="not in the subnet"):
        floating.post(SVI, mo("l3extVirtualLIfP", addr="10.0.0.1/24"))
    both = mo("l3extVirtualLIfP", [path("10.0.0.254/24")], addr="10.0.0.1/24")
    floating.post(SVI, both)


def test_an_external_epg_has_a_default_route_once_and_three_may_have_it(apic: ApicSimulator) -> None:
    for name in ("a", "b", "c"):
        for _ in range(2):
            apic.post(L3OUT, mo("l3extInstP", [mo("l3extSubnet", ip="0.0.0.0/0")], name=name))
    assert len(apic.of_class("l3extSubnet")) == 3


# ---- 5.3 external subnets


def test_a_get_of_an_external_subnet_has_exactly_these_attributes(apic: ApicSimulator) -> None:
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")]))
    assert set(read(apic, f"{EPG}/extsubnet-[10.0.0.0/8]")) == {
        *("aggregate", "annotation", "childAction", "descr", "dn", "extMngdBy", "ip", "lcOwn", "modTs"),
        *("monPolDn", "name", "nameAlias", "scope", "status", "uid", "userdom"),
    }


@pytest.mark.parametrize(
    "ip", ["10.0.0.0/160", "10.0.0.0/33", "10.0.0.0", "10.0.0/8", "x/8", "2001:db8::/129", "/8"]
)
def test_a_malformed_prefix_is_blamed_on_the_dn(apic: ApicSimulator, ip: str) -> None:
    with pytest.raises(ApicError) as refused:
        apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip=ip)]))
    assert refused.value.code == "120"
    assert (
        refused.value.text
        == f"unknown property value {EPG}/extsubnet-[{ip}], name dn, class l3extSubnet [(Dn0)] Dn0=, "
    )


@pytest.mark.parametrize(
    ("ip", "scope", "aggregate", "accepted"),
    [
        ("10.0.0.0/8", "export-rtctrl", "shared-rtctrl", True),
        ("0.0.0.0/0", "import-security", "import-rtctrl", True),
        ("0.0.0.0/0", "export-rtctrl", "export-rtctrl,import-rtctrl,shared-rtctrl", True),
        ("10.0.0.0/8", "import-rtctrl", "import-rtctrl", False),
        ("10.0.0.0/8", "export-rtctrl", "export-rtctrl", False),
        ("10.0.0.0/8", "import-rtctrl", "", True),
        ("10.0.0.0/8", "shared-security,import-security", "", True),
        ("10.0.0.0/8", "shared-security", "", False),
        ("10.0.0.0/8", "", "", True),
    ],
)
def test_scope_and_aggregate_are_checked_as_on_an_apic(
    apic: ApicSimulator, ip: str, scope: str, aggregate: str, accepted: bool
) -> None:
    document = mo("l3extInstP", [mo("l3extSubnet", ip=ip, scope=scope, aggregate=aggregate)])
    if accepted:
        apic.post(EPG, document)
        assert read(apic, f"{EPG}/extsubnet-[{ip}]")["aggregate"] == aggregate
        return
    with pytest.raises(ApicError):
        apic.post(EPG, document)
    assert apic.get(EPG) is None


def test_the_name_of_a_subnet_is_a_label_that_several_may_bear(apic: ApicSimulator) -> None:
    subnets = [mo("l3extSubnet", ip=ip, name="ns::pod") for ip in ("10.0.0.1/32", "10.0.0.2/32")]
    apic.post(EPG, mo("l3extInstP", subnets))
    assert [found["name"] for found in apic.of_class("l3extSubnet").values()] == ["ns::pod", "ns::pod"]
    with pytest.raises(ApicError):
        apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.3/32", name="n" * 65)]))


def test_another_scope_is_a_change_and_another_ip_another_object(apic: ApicSimulator) -> None:
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="10.0.0.0/8")]))
    dn = f"{EPG}/extsubnet-[10.0.0.0/8]"
    apic.post(dn, mo("l3extSubnet", scope="export-rtctrl", descr="d"))
    assert (read(apic, dn)["scope"], read(apic, dn)["descr"]) == ("export-rtctrl", "d")
    with pytest.raises(ApicError):
        apic.post(dn, mo("l3extSubnet", ip="11.0.0.0/8"))
    apic.post(EPG, mo("l3extInstP", [mo("l3extSubnet", ip="11.0.0.0/8")]))
    assert len(apic.of_class("l3extSubnet")) == 2
