"""What a fabric has from the beginning, and what a test's or a demo's fabric starts with beside it."""

from typing import Any

TENANT, VRF, L3OUT = "TEN_K8_C1", "VRF_K8_C1", "L3O_K8_C1"


def tenant_document(tenant: str = TENANT, vrf: str = VRF, l3out: str = L3OUT) -> dict[str, Any]:
    """The document of a tenant with a VRF and an L3Out bound to it, to be posted to `uni`."""
    binding = {"l3extRsEctx": {"attributes": {"tnFvCtxName": vrf}}}
    children = [
        {"fvCtx": {"attributes": {"name": vrf}}},
        {"l3extOut": {"attributes": {"name": l3out}, "children": [binding]}},
    ]
    return {"fvTenant": {"attributes": {"name": tenant}, "children": children}}


def fabric_documents(*tenants: str) -> list[dict[str, Any]]:
    """The documents of tenants with a VRF and an L3Out each; without names the default one.

    `TEN_<x>` gets `VRF_<x>` and `L3O_<x>`, any other name `VRF_<name>` and `L3O_<name>`.
    """
    names = tenants or (TENANT,)
    stems = [(name, name.removeprefix("TEN_")) for name in names]
    return [tenant_document(name, f"VRF_{stem}", f"L3O_{stem}") for name, stem in stems]


def base_content() -> list[dict[str, Any]]:
    """The documents of what every fabric comes with, to be posted to `uni`.

    The tenants common, infra and mgmt; in common the policies called `default`, which relations that name
    nothing stand for; the trees of access policies and VMM providers; the security domains.
    """
    defaults = ("fvCtx", "bgpCtxPol", "bgpPeerPfxPol", "bgpCtxAfPol")
    common = [{name: {"attributes": {"name": "default"}}} for name in defaults]
    domains = [{"aaaDomain": {"attributes": {"name": name}}} for name in ("all", "common", "infra", "mgmt")]
    return [
        {"fvTenant": {"attributes": {"name": "common"}, "children": common}},
        {"fvTenant": {"attributes": {"name": "infra"}}},
        {"fvTenant": {"attributes": {"name": "mgmt"}}},
        {"infraInfra": {"attributes": {}, "children": [{"infraFuncP": {"attributes": {}}}]}},
        {"vmmProvP": {"attributes": {"vendor": "VMware"}}},
        {"aaaUserEp": {"attributes": {}, "children": domains}},
    ]
