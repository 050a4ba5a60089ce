"""The state of one simulated cluster, and the only way to change it.

A write goes through four steps under one lock: the transaction, the events that it causes, what the
system does because of it, and the events of that. So a query never sees half of it, and a subscription
that is made between two writes misses nothing and gets nothing twice.
"""

import threading
from collections.abc import Sequence

from akb_sync.simulators.apic import rules
from akb_sync.simulators.apic.allocation import Allocation
from akb_sync.simulators.apic.audit import Audit
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.deployment import Deployment
from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.queries import Query, Result, run
from akb_sync.simulators.apic.relations import Relations
from akb_sync.simulators.apic.schema import Schema, standard_schema
from akb_sync.simulators.apic.subscriptions import EventBus
from akb_sync.simulators.apic.transactions import SYSTEM, Author, Change, Transaction
from akb_sync.simulators.apic.tree import Tree

SYSTEM_TENANTS = ("common", "infra", "mgmt")


class Fabric:
    """Schema, tree, event bus and the behaviour behind them.

    Attributes:
        lock: held by every method; take it to do several things as one.
    """

    def __init__(self, clock: Clock, schema: Schema | None = None) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.schema = schema or standard_schema()
        self.tree = Tree()
        self.bus = EventBus(clock)
        self._allocation = Allocation(self.tree)
        self._relations = Relations(self.schema, self.tree)
        self._deployment = Deployment(self.schema, self.tree)
        self._audit = Audit(self.schema, self.tree)
        self._begin()

    def write(self, operations: Sequence[Operation], author: Author = SYSTEM) -> list[Change]:
        """Carry out the operations of one request, all or none; raises ApicError."""
        with self.lock:
            if author is not SYSTEM:
                rules.check_shards(operations)
            transaction = self._transaction(author)
            changes = transaction.run(operations)
            self.bus.publish(changes)
            self._settle(changes, author)
            return changes

    def query(self, query: Query) -> Result:
        """Answer a query from one moment of the tree."""
        with self.lock:
            return run(query, self.tree)

    def _begin(self) -> None:
        transaction = self._transaction(SYSTEM)
        top = transaction.create(self.schema["polUni"], None, "uni", {})
        transaction.create(self.schema["aaaUserEp"], top, "uni/userext", {})
        for name in SYSTEM_TENANTS:
            transaction.create(self.schema["fvTenant"], top, f"uni/tn-{name}", {"name": name})

    def _settle(self, changes: list[Change], author: Author) -> None:
        related = self._transaction(SYSTEM)
        self._relations.settle(related, changes)
        self.bus.publish(related.changes())
        system = self._transaction(SYSTEM)
        everything = [*changes, *related.changes()]
        self._allocation.settle(system, everything)
        self._deployment.settle(system, everything)
        if author is not SYSTEM:
            self._audit.record(system, author, changes)
        self.bus.publish(system.changes())

    def _transaction(self, author: Author) -> Transaction:
        return Transaction(self.schema, self.tree, author, self.clock.stamp())
