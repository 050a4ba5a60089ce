"""The simulator's state at hand: read, written, kept aside and put back without a request.

What is written here goes the way of a request that came over HTTP, events included.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from akb_sync.simulators.apic import accounts, content, documents, snapshots
from akb_sync.simulators.apic.accounts import USERS_DN
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.journal import Journal, Refusal, Write
from akb_sync.simulators.apic.rights import rights_of
from akb_sync.simulators.apic.snapshots import Snapshot
from akb_sync.simulators.apic.transactions import SYSTEM, Author


class Workbench:
    """What a test does to a fabric; every method may be called from any thread, running or not."""

    def __init__(self, fabric: Fabric, journal: Journal) -> None:
        self._fabric = fabric
        self._journal = journal

    @property
    def journal(self) -> list[Write]:
        """The writes that were accepted over HTTP, the oldest first."""
        return self._journal.writes

    @property
    def refusals(self) -> list[Refusal]:
        """The requests that were answered with an error."""
        return self._journal.refusals

    @property
    def counts(self) -> "Counter[str]":
        """How many requests of each kind came; `Journal` lists the keys."""
        return self._journal.counts

    @property
    def subscriptions(self) -> int:
        """How many subscriptions live now."""
        with self._fabric.lock:
            self._fabric.bus.expire()
            return len(self._fabric.bus)

    def reset_journal(self) -> None:
        """Forget writes, refusals and counts."""
        self._journal.clear()

    def post(self, dn: str, document: Any, user: str | None = None) -> int:
        """Write in-process, as the system or as a user; return how many objects changed. Raises ApicError."""
        with self._fabric.lock:
            operations = documents.operations(self._fabric.schema, dn, document)
            return len(self._fabric.write(operations, self._author(user)))

    def delete(self, dn: str, user: str | None = None) -> int:
        """Delete an object in-process; return how many objects went with it."""
        with self._fabric.lock:
            operation = documents.deletion(self._fabric.schema, dn)
            return len(self._fabric.write([operation], self._author(user)))

    def load(self, document: Any) -> None:
        """Post a document to `uni`, which may be wrapped in `imdata` and hold several tenants.

        A saved state is put back in place of everything. Raises ApicError, or SimulatorError for a state
        that does not fit.
        """
        if snapshots.is_snapshot(document):
            self.restore(Snapshot.from_document(document))
        else:
            self.post("uni", document)

    def small_fabric(self, *tenants: str) -> None:
        """Make tenants with a VRF and an L3Out each; without names `TEN_K8_C1`."""
        for document in content.fabric_documents(*tenants):
            self.post("uni", document)

    def get(self, dn: str) -> dict[str, str] | None:
        """The attributes of an object, None when it is absent."""
        with self._fabric.lock:
            mo = self._fabric.tree.get(dn)
            return None if mo is None else mo.attributes()

    def subtree(self, dn: str = "uni") -> dict[str, tuple[str, dict[str, str]]]:
        """Every object at and below a dn: (class, attributes) by dn."""
        with self._fabric.lock:
            mo = self._fabric.tree.get(dn)
            found = () if mo is None else mo.subtree()
            return {each.dn: (each.schema.name, each.attributes()) for each in found}

    def of_class(self, name: str) -> dict[str, dict[str, str]]:
        """The attributes of every object of a class by dn, faults and audit records too."""
        with self._fabric.lock:
            return {mo.dn: mo.attributes() for mo in self._fabric.tree.of_class(name)}

    def add_user(
        self,
        name: str,
        password: str,
        domains: Mapping[str, Mapping[str, str]] = accounts.ADMINISTRATOR,
    ) -> str:
        """Make a local user and return its dn; an administrator unless roles are given.

        `domains` has for each security domain the roles, and `readPriv` or `writePriv` for each of them:
        `{"DOM_A": {"tenant-admin": "writePriv"}}`. Tenants belong to a domain by an `aaaDomainRef`.
        """
        self.post(USERS_DN, accounts.user_document(name, password, domains))
        return f"{USERS_DN}/user-{name}"

    def add_certificate(self, user: str, name: str, pem: str | bytes) -> str:
        """Register a certificate for a local user's signatures and return its dn."""
        data = pem.decode() if isinstance(pem, bytes) else pem
        dn = f"{USERS_DN}/user-{user}"
        self.post(dn, {"aaaUserCert": {"attributes": {"name": name, "data": data}}})
        return f"{dn}/usercert-{name}"

    def add_leaf(self, pod: int = 1, node_id: int | None = None) -> str:
        """Register a leaf, by default with the pod's next free id; return its dn. Raises SimulatorError."""
        return self._fabric.add_leaf(pod, node_id)

    def remove_leaf(self, node_id: int) -> str:
        """Decommission a leaf and return its dn; raises SimulatorError when there is none."""
        return self._fabric.remove_leaf(node_id)

    def snapshot(self) -> Snapshot:
        """The whole state, to be put back later."""
        return Snapshot.of(self._fabric)

    def restore(self, snapshot: Snapshot) -> int:
        """Put a state back; subscribers are told the differences, and their number is returned."""
        return len(snapshot.put_back(self._fabric))

    def save(self, path: Path) -> None:
        """Write the whole state to a file that `load` takes; raises SimulatorError."""
        snapshots.save(self.snapshot(), path)

    def _author(self, user: str | None) -> Author:
        if user is None:
            return SYSTEM
        mo = self._fabric.tree.get(f"{USERS_DN}/user-{user}")
        if mo is None:
            return Author(user, "0", ":all:")
        return Author(user, mo.get("unixUserId"), rights_of(self._fabric.tree, mo).userdom)
