"""What a fabric starts with when nobody says otherwise: a tenant, its VRF and an L3Out in it."""

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
