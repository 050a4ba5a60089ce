"""Fault instances: raised below the object that is wrong, kept up to date, cleared when it is mended.

On a real APIC a fault whose cause is gone stays for a while with the lifecycle `retaining` and the severity
`cleared` (Cisco APIC Faults, Events, and System Messages Management Guide). Here it goes at once, unless the
fabric is told to retain: a test that waits for an hour is no test.
"""

from collections import deque

from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.transactions import Transaction
from akb_sync.simulators.apic.tree import Mo, Tree
from akb_sync.simulators.apic.values import whole

GONE = "retaining"
COPIED = frozenset(
    {
        *("code", "cause", "changeSet", "created", "descr", "domain", "highestSeverity", "lastTransition"),
        *("lc", "occur", "origSeverity", "prevSeverity", "rule", "severity", "subject", "type"),
    }
)


class FaultBook:
    """Raises and clears faults.

    Args:
        retention: seconds that a cleared fault stays; 0 deletes it at once.
    """

    def __init__(self, schema: Schema, tree: Tree, clock: Clock, retention: float = 0.0) -> None:
        self._schema = schema
        self._tree = tree
        self._clock = clock
        self._retention = retention
        self._retained: deque[tuple[float, str]] = deque()

    def raise_on(
        self,
        transaction: Transaction,
        parent: Mo,
        code: str,
        given: dict[str, str],
        severity: str = "warning",
    ) -> Mo:
        """Raise a fault below an object, or bring the one that is there up to date."""
        dn = f"{parent.dn}/fault-{code}"
        known = self._tree.get(dn)
        now = self._clock.stamp()
        if known is None:
            levels = ("severity", "highestSeverity", "origSeverity", "prevSeverity")
            values = given | dict.fromkeys(levels, severity) | {"code": code}
            values |= {"created": now, "lastTransition": now}
            return transaction.create(self._schema["faultInst"], parent, dn, values)
        if known.get("lc") == GONE:
            given = given | {"lc": "raised", "severity": severity, "prevSeverity": "cleared"}
            given |= {"occur": str(whole(known.get("occur")) + 1), "lastTransition": now}
        transaction.assign(known, given)
        return known

    def clear_on(self, transaction: Transaction, parent: Mo, code: str) -> None:
        """The cause of a fault is gone; nothing happens when there is none."""
        known = parent.children.get(f"fault-{code}")
        if known is None or known.get("lc") == GONE:
            return
        if not self._retention:
            transaction.delete(known)
            return
        before = known.get("severity")
        given = {"lc": GONE, "severity": "cleared", "prevSeverity": before}
        transaction.assign(known, given | {"lastTransition": self._clock.stamp()})
        self._retained.append((self._clock.elapsed() + self._retention, known.dn))

    def delegate(self, transaction: Transaction, fault: Mo, owner: Mo, affected: str) -> None:
        """Show a fault of a leaf at the policy that it is about, as a copy."""
        dn = f"{owner.dn}/fd-[{affected}]-fault-{fault.get('code')}"
        item = self._schema["faultDelegate"]
        given = {prop: fault.get(prop) for prop in item.properties if prop in COPIED}
        known = self._tree.get(dn)
        if known is None:
            transaction.create(item, owner, dn, given | {"affected": affected})
        else:
            transaction.assign(known, given)

    def undelegate(self, transaction: Transaction, owner: Mo, affected: str, code: str) -> None:
        """Take the copy of a fault away."""
        known = owner.children.get(f"fd-[{affected}]-fault-{code}")
        if known is not None:
            transaction.delete(known)

    def sweep(self, transaction: Transaction) -> None:
        """Delete the cleared faults that were retained long enough."""
        now = self._clock.elapsed()
        while self._retained and self._retained[0][0] <= now:
            _due, dn = self._retained.popleft()
            known = self._tree.get(dn)
            if known is not None and known.get("lc") == GONE:
                transaction.delete(known)

    @property
    def due(self) -> bool:
        """Whether `sweep` has something to do."""
        return bool(self._retained) and self._retained[0][0] <= self._clock.elapsed()
