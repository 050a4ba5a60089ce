"""What a user may read and write: roles within security domains.

A user has roles in domains, each to read or to write (`aaaUserDomain`, `aaaUserRole`). A role is about some
areas of the tree. An object belongs to the domains that an `aaaDomainRef` of itself or of an object above it
names; the tenant common belongs to `common`, and everything to `all`. What a user may not read is not there
for them, in answers and in events (Cisco APIC Security Configuration Guide, "Access Rights Workflow"). A
write beyond the rights is refused with code 170 and HTTP 400, not 403 (aci-integration-module's error
handler); the text is the one that cobra's own tests look for.

A role's privileges are coarser here than the hundreds of a real APIC: an area for each branch of the tree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from akb_sync.simulators.apic import names
from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.tree import Mo, Tree

ALL, COMMON = "all", "common"
READ, WRITE = "readPriv", "writePriv"
COMMON_TENANT = "uni/tn-common"

AREAS = frozenset({"tenant", "aaa", "access", "fabric"})
_BRANCHES = {
    "uni/tn-": "tenant",
    "uni/userext": "aaa",
    "uni/infra": "access",
    "uni/vmmp-": "access",
    "uni/phys-": "access",
    "uni/l2dom-": "access",
    "uni/l3dom-": "access",
    "uni/fc-": "access",
}

_TENANT, _NOTHING = frozenset({"tenant"}), frozenset[str]()
# What the predefined roles may read and write (Cisco APIC Roles and Privileges Matrix, by branch).
ROLES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "admin": (AREAS, AREAS),
    "read-all": (AREAS, _NOTHING),
    "ops": (AREAS - {"aaa"}, _NOTHING),
    "aaa": (frozenset({"aaa"}), frozenset({"aaa"})),
    "access-admin": (frozenset({"access"}), frozenset({"access"})),
    "vmm-admin": (frozenset({"access"}), frozenset({"access"})),
    "fabric-admin": (frozenset({"fabric"}), frozenset({"fabric"})),
    **dict.fromkeys(
        ("tenant-admin", "tenant-ext-admin", "nw-svc-admin", "nw-svc-params"), (_TENANT, _TENANT)
    ),
}

# What a privilege of a role that somebody made (`aaaRole`) is about, by how its name begins.
_PRIVILEGES = {
    "aaa": "aaa",
    "access-": "access",
    "vmm-": "access",
    "custom-port-": "access",
    "fabric-": "fabric",
    "config-manager": "fabric",
    "tenant-": "tenant",
    "nw-svc-": "tenant",
}


@dataclass(frozen=True, slots=True)
class Grants:
    """What one user may do in one domain: names of roles, and the areas that they add up to."""

    read_roles: tuple[str, ...]
    write_roles: tuple[str, ...]
    reads: frozenset[str]
    writes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of one user, as they were when the request came.

    Attributes:
        user_dn: the user's own object, which they may always read.
        domains: what is granted in each security domain.
    """

    tree: Tree
    user: str
    user_dn: str
    domains: Mapping[str, Grants] = field(default_factory=dict)

    @property
    def reads_everything(self) -> bool:
        """Whether nothing is hidden from this user."""
        return ALL in self.domains and self.domains[ALL].reads >= AREAS

    @property
    def userdom(self) -> str:
        """The `userdom` of what the user creates, e.g. `:all:common:`."""
        return f":{':'.join(sorted(self.domains))}:" if self.domains else ":"

    def reads(self, mo: Mo) -> bool:
        """Whether the user sees an object."""
        if self.reads_everything or mo.dn in {"uni", self.user_dn}:
            return True
        if mo.parent is None and mo.dn.startswith("subj-["):
            subject = self.tree.get(mo.dn[len("subj-[") : mo.dn.rindex("]")])
            return subject is not None and self.reads(subject)
        area = area_of(mo.dn)
        return any(area in self.domains[name].reads for name in self._granted(mo))

    def check(self, operations: Iterable[Operation], status: int = 400) -> None:
        """Refuse a write, with this HTTP status, when one of its objects is beyond the user's rights."""
        if ALL in self.domains and self.domains[ALL].writes >= AREAS:
            return
        for operation in operations:
            if not self._writes(operation):
                raise ApicError(
                    "170" if status == 400 else str(status),
                    f"user {self.user} does not have domain access to config Mo, class "
                    f"{operation.schema.name} [(Dn0)] Dn0={operation.dn}, ",
                    status,
                )

    def _writes(self, operation: Operation) -> bool:
        area = area_of(operation.dn)
        if ALL in self.domains and area in self.domains[ALL].writes:
            return True
        nearest = self._nearest(operation.dn)
        return nearest is not None and any(
            area in self.domains[name].writes for name in self._granted(nearest)
        )

    def _nearest(self, dn: str) -> Mo | None:
        """The object, or else the nearest one above it."""
        while dn:
            mo = self.tree.get(dn)
            if mo is not None:
                return mo
            dn = names.parent_of(dn)
        return None

    def _granted(self, mo: Mo) -> Iterable[str]:
        """The user's domains that an object belongs to."""
        if ALL in self.domains:
            yield ALL
        for each in (mo, *mo.ancestors()):
            for child in each.children.values():
                if child.schema.name == "aaaDomainRef" and child.get("name") in self.domains:
                    yield child.get("name")
            if each.dn == COMMON_TENANT and COMMON in self.domains:
                yield COMMON


def area_of(dn: str) -> str:
    """The area of the tree that a dn is in."""
    return next((area for start, area in _BRANCHES.items() if dn.startswith(start)), "fabric")


def rights_of(tree: Tree, user: Mo) -> Rights:
    """The rights of a user, out of the domains and roles below the user's object."""
    domains = {
        domain.get("name"): _grants(tree, domain)
        for domain in user.children.values()
        if domain.schema.name == "aaaUserDomain"
    }
    return Rights(tree, user.get("name"), user.dn, domains)


def _grants(tree: Tree, domain: Mo) -> Grants:
    roles = [role for role in domain.children.values() if role.schema.name == "aaaUserRole"]
    # Who may write may read as well.
    readers = tuple(role.get("name") for role in roles)
    writers = tuple(role.get("name") for role in roles if role.get("privType") == WRITE)
    return Grants(
        readers,
        writers,
        frozenset[str]().union(*(_areas(tree, name)[0] for name in readers)),
        frozenset[str]().union(*(_areas(tree, name)[1] for name in writers)),
    )


def _areas(tree: Tree, role: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a role may read and write: a predefined one, or one that somebody made."""
    if role in ROLES:
        return ROLES[role]
    made = tree.get(f"uni/userext/role-{role}")
    privileges = [] if made is None else made.get("priv").split(",")
    if "admin" in privileges:
        return AREAS, AREAS
    areas = frozenset(
        area for start, area in _PRIVILEGES.items() for each in privileges if each.startswith(start)
    )
    return areas, areas
