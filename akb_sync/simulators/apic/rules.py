"""Rules between the properties of one object, and between the objects of one request.

Sources: acceptance tests of the Terraform provider on real APICs (l3extSubnet), recorded refusals. The
codes of the texts about external subnets are not recorded anywhere; 120 is what the APIC uses for its other
"Invalid Configuration" texts of this kind.
"""

from collections.abc import Iterable

from akb_sync.simulators.apic import l3out_rules
from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.tree import Mo, Tree

SYSTEM_TENANTS = frozenset({"uni/tn-common", "uni/tn-infra", "uni/tn-mgmt"})
DEFAULT_ROUTES = frozenset({"0.0.0.0/0", "::/0"})


def check(mo: Mo, tree: Tree) -> None:
    """Refuse an object that, as it would stand, does not go together with itself or with others."""
    match mo.schema.name:
        case "l3extSubnet":
            _external_subnet(mo)
        case name if name.startswith(("l3ext", "bgp")):
            l3out_rules.check(mo, tree)


def permanent(mo: Mo) -> bool:
    """Whether an object came with the fabric and stays: system tenants, and what `uni` has only one of."""
    if mo.parent is None or mo.parent.parent is not None:
        return False
    return not mo.schema.rn.naming or mo.dn in SYSTEM_TENANTS


def check_shards(operations: Iterable[Operation]) -> None:
    """Refuse a request that touches several shards: several tenants, or a tenant and something else."""
    roots = {root for operation in operations if (root := _shard(operation.dn)) is not None}
    if len(roots) > 1:
        raise ApicError(
            "400",
            "Failed to update multiple items in a single operation - request requires distributed "
            "transaction. Please modify request to process each item individually",
        )


def reset_values(mo: Mo) -> dict[str, str]:
    """The defaults of what a client may have written into an object."""
    schema = mo.schema
    return {
        name: prop.default
        for name, prop in schema.properties.items()
        if not prop.readonly and name not in schema.rn.naming
    }


def _shard(dn: str) -> str | None:
    root = dn.split("/", 2)[1:2]
    if not root:
        return None
    return root[0] if root[0].startswith("tn-") else "others"


def _external_subnet(mo: Mo) -> None:
    scope = mo.get("scope").split(",")
    if "shared-security" in scope and "import-security" not in scope:
        raise ApicError(
            "120", f"External subnet's shared_security scope also needs import_security. Dn0={mo.dn},"
        )
    aggregate = set(mo.get("aggregate").split(","))
    if aggregate & {"import-rtctrl", "export-rtctrl"} and mo.get("ip") not in DEFAULT_ROUTES:
        raise ApicError(
            "120",
            "Invalid Configuration - Import/Export Subnet Aggregation Supported Only "
            f"for the default route. Dn0={mo.dn},",
        )
