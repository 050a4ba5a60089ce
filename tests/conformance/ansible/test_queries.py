"""Modules in state `query` find one object, or all of them, in the forms of URL that `cisco.aci` builds."""

from typing import Any

import pytest

from tests.conformance.ansible.conftest import CERTIFICATE, PASSWORD, Recording

both_logins = pytest.mark.parametrize("login", [PASSWORD, CERTIFICATE])
TENANT = "uni/tn-ansible"
L3OUT = f"{TENANT}/out-kubernetes"
NODES = f"{L3OUT}/lnodep-anchors"
PORTS = f"{NODES}/lifp-floating"

# By name of the query: the dns of the objects that it finds.
FOUND = {
    "one tenant": {TENANT},
    "all tenants": {TENANT, "uni/tn-common", "uni/tn-infra", "uni/tn-mgmt"},
    "a tenant that is absent": set[str](),
    "one VRF": {f"{TENANT}/ctx-prod"},
    "all bridge domains": {f"{TENANT}/BD-web"},
    "one subnet of a bridge domain": {f"{TENANT}/BD-web/subnet-[10.10.1.1/24]"},
    "a subnet by address in any bridge domain": {f"{TENANT}/BD-web/subnet-[10.10.1.1/24]"},
    "one EPG": {f"{TENANT}/ap-shop/epg-frontend"},
    "all filter entries": {f"{TENANT}/flt-http/e-tcp-8080", f"{TENANT}/flt-http/e-tcp-https"},
    "one L3Out": {L3OUT},
    "all L3Outs": {L3OUT},
    "one floating SVI": {f"{PORTS}/vlifp-[topology/pod-1/node-101]-[vlan-300]"},
    "one BGP peer": {
        f"{PORTS}/rspathL3OutAtt-[topology/pod-1/paths-101/pathep-[eth1/11]]/peerP-[192.168.9.20]"
    },
    "all external EPGs": {f"{L3OUT}/instP-internet"},
    "all match rules": {f"{TENANT}/subj-pods"},
    "all VLAN pools": {"uni/infra/vlanns-[servers]-static", "uni/infra/vlanns-[dynamic]-dynamic"},
    "all physical domains": {"uni/phys-racks"},
    "all annotations": {f"{L3OUT}/instP-internet/annotationKey-[cluster]"},
}

# By name of the query: the names of the objects that are nested in those it finds.
NESTED = {
    "all VRFs of a tenant": {("fvCtx", "name", "prod")},
    "all subnets of a tenant": {
        ("fvSubnet", "ip", "10.10.1.1/24"),
        ("fvSubnet", "ip", "10.10.2.1/24"),
        ("fvSubnet", "ip", "2001:db8:1::1/64"),
    },
    "all node profiles of an L3Out": {("l3extLNodeP", "name", "anchors")},
    "all floating SVIs of an interface profile": {("l3extVirtualLIfP", "encap", "vlan-300")},
    "all subnets of an external EPG": {
        ("l3extSubnet", "ip", "10.0.0.0/8"),
        ("l3extSubnet", "ip", "0.0.0.0/0"),
    },
    "all blocks of a VLAN pool": {("fvnsEncapBlk", "from", "vlan-200")},
    "all domains of an AEP": {("infraRsDomP", "tDn", "uni/phys-racks")},
}


@both_logins
@pytest.mark.parametrize("name", FOUND)
def test_a_query_finds_its_objects(recording: Recording, login: str, name: str) -> None:
    assert {attributes(item)["dn"] for item in current(recording, login, name)} == FOUND[name]


@both_logins
@pytest.mark.parametrize("name", NESTED)
def test_a_query_below_an_object_finds_what_is_there(recording: Recording, login: str, name: str) -> None:
    found = {
        (cls, prop, body["attributes"][prop])
        for cls, body in flat(current(recording, login, name))
        for wanted, prop, _value in NESTED[name]
        if cls == wanted
    }
    assert found == NESTED[name]


@both_logins
def test_a_query_by_name_looks_below_every_parent(recording: Recording, login: str) -> None:
    names = [
        body["attributes"]["name"]
        for cls, body in flat(current(recording, login, "a VRF by name in any tenant"))
    ]
    assert "prod" in names


@both_logins
def test_a_query_of_one_object_brings_the_children_that_its_module_asks_for(
    recording: Recording, login: str
) -> None:
    (l3out,) = current(recording, login, "one L3Out")
    children = {name for child in l3out["l3extOut"]["children"] for name in child}
    assert children >= {"bgpExtP", "l3extRsEctx", "l3extRsL3DomAtt"}


@both_logins
def test_passwords_and_certificates_are_no_part_of_what_users_show(recording: Recording, login: str) -> None:
    users = {attributes(item)["name"]: attributes(item) for item in current(recording, login, "all users")}
    assert {"admin", "operator"} <= users.keys()
    assert all("pwd" not in user for user in users.values())


@both_logins
def test_all_bgp_peers_are_found_wherever_they_hang(recording: Recording, login: str) -> None:
    peers = {attributes(item)["addr"] for item in current(recording, login, "all BGP peers")}
    assert peers == {"192.168.9.20", "192.168.200.0/24"}


@both_logins
def test_the_systems_of_the_fabric_are_its_controllers_and_switches(recording: Recording, login: str) -> None:
    roles = {attributes(item)["role"] for item in current(recording, login, "all systems")}
    assert roles == {"controller", "leaf", "spine"}


def current(recording: Recording, login: str, name: str) -> list[dict[str, Any]]:
    result = recording.queried[login, name]
    assert not result.get("failed"), f"{result.get('msg')} ({result.get('method')} {result.get('url')})"
    assert not result["changed"]
    found: list[dict[str, Any]] = result["current"]
    return found


def attributes(item: dict[str, Any]) -> dict[str, str]:
    ((_name, body),) = item.items()
    found: dict[str, str] = body["attributes"]
    return found


def flat(items: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """(class, body) of objects and of all that is nested in them."""
    return [
        found
        for item in items
        for name, body in item.items()
        for found in [(name, body), *flat(body.get("children", []))]
    ]
