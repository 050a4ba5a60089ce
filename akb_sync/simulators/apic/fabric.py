"""The state of one simulated cluster, and the only way to change it.

A write goes through four steps under one lock: the transaction, the events that it causes, what the
system does because of it, and the events of that. So a query never sees half of it, and a subscription
that is made between two writes misses nothing and gets nothing twice.
"""

import threading
from collections.abc import Iterable, Sequence

from akb_sync.simulators.apic import behaviour, rules
from akb_sync.simulators.apic.allocation import Allocation
from akb_sync.simulators.apic.audit import Audit
from akb_sync.simulators.apic.behaviour import Behaviour
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.content import base_content
from akb_sync.simulators.apic.deployment import Deployment
from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.documents import operations as operations_of
from akb_sync.simulators.apic.encapsulation import Encapsulation
from akb_sync.simulators.apic.fault_book import FaultBook
from akb_sync.simulators.apic.queries import Query, Result, run
from akb_sync.simulators.apic.relations import Relations
from akb_sync.simulators.apic.schema import Schema, ranked_schema, standard_schema
from akb_sync.simulators.apic.subscriptions import EventBus
from akb_sync.simulators.apic.topology import FabricShape, Topology
from akb_sync.simulators.apic.transactions import SYSTEM, Author, Change, Kind, Transaction
from akb_sync.simulators.apic.tree import Mo, Tree

# Codes of the fabric's own events are this simulator's.
NODE_CAME, NODE_WENT = ("E4204979", "node-joined"), ("E4204980", "node-left")


class Fabric:
    """Schema, tree, event bus and the behaviour behind them.

    Attributes:
        lock: held by every method; take it to do several things as one.
        behaviour: what it does where evidence about real APICs conflicts.

    Args:
        shape: how many nodes it has.
        fault_retention: seconds that a fault stays after it was mended, as `retaining`. A real APIC keeps
            it for an hour; at once it is for tests.
    """

    def __init__(
        self,
        clock: Clock,
        schema: Schema | None = None,
        how: Behaviour = behaviour.DEFAULT,
        shape: FabricShape | None = None,
        fault_retention: float = 0.0,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.behaviour = how
        self.schema = schema or (ranked_schema() if how.flags_order == "model" else standard_schema())
        self.tree = Tree()
        self.bus = EventBus(clock, how)
        self._fault_retention = fault_retention
        self._equip()
        self._topology = Topology(self.schema, self.tree, clock, shape or FabricShape())
        self._begin()

    def write(self, operations: Sequence[Operation], author: Author = SYSTEM) -> list[Change]:
        """Carry out the operations of one request, all or none; raises ApicError."""
        with self.lock:
            self._sweep()
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
            self._sweep()
            if _asks_for_time(query):
                self._topology.tell_time()
            return run(query, self.tree, self.schema, self.behaviour)

    def add_leaf(self, pod: int = 1, node_id: int | None = None, name: str | None = None) -> str:
        """Register a leaf, with the pod's next free id by default, and return its dn.

        Raises SimulatorError when there is no such pod, or the id is taken.
        """
        with self.lock:
            transaction = self._transaction(SYSTEM)
            mo = self._topology.add_leaf(transaction, pod, node_id, name)
            self._happened(transaction, mo.dn, NODE_CAME, f"Node {mo.get('id')} joined the fabric")
            return mo.dn

    def remove_leaf(self, node_id: int) -> str:
        """Decommission a leaf and return its dn; raises SimulatorError when there is none with that id."""
        with self.lock:
            transaction = self._transaction(SYSTEM)
            mo = self._topology.remove_leaf(transaction, node_id)
            self._happened(transaction, mo.dn, NODE_WENT, f"Node {node_id} left the fabric")
            return mo.dn

    def follow(self, objects: Iterable[Mo]) -> None:
        """Take notice of objects that were put into the tree as they are, in place of all others.

        No event tells of it, and values that the system sets are set anew: who put the objects there puts
        them right and publishes what there is to tell.
        """
        with self.lock:
            self._equip()
            changes = [Change(Kind.CREATED, mo) for mo in objects]
            system = self._transaction(SYSTEM)
            self._relations.settle(system, changes)
            self._allocation.settle(system, changes)
            self._deployment.settle(system, changes)
            self._encapsulation.settle(system, changes)

    def resume(self) -> None:
        """Hand out numbers from behind the highest ones that are in use, after objects were put back."""
        with self.lock:
            self._allocation.resume()
            self._audit.resume()

    def _equip(self) -> None:
        """Make the parts that follow what happens in the tree, anew."""
        self._allocation = Allocation(self.tree)
        self._faults = FaultBook(self.schema, self.tree, self.clock, self._fault_retention)
        self._relations = Relations(self.schema, self.tree, self._faults)
        self._deployment = Deployment(self.schema, self.tree, self._faults)
        self._encapsulation = Encapsulation(self.schema, self.tree, self._faults)
        self._audit = Audit(self.schema, self.tree, self.clock)

    def _begin(self) -> None:
        transaction = self._transaction(SYSTEM)
        top = transaction.create(self.schema["polUni"], None, "uni", {})
        for name, rn in (("aaaUserEp", "userext"), ("fabricInst", "fabric"), ("ctrlrInst", "controller")):
            transaction.create(self.schema[name], top, f"uni/{rn}", {})
        members = self.schema["fabricNodeIdentPol"]
        controller = top.children["controller"]
        transaction.create(members, controller, f"{controller.dn}/{members.rn.template}", {})
        self._topology.build(transaction)
        self._settle(transaction.changes(), SYSTEM)
        for document in base_content():
            operations = operations_of(self.schema, "uni", document)
            self._settle(self._transaction(SYSTEM).run(operations), SYSTEM)

    def _happened(self, transaction: Transaction, dn: str, event: tuple[str, str], text: str) -> None:
        """Publish what the fabric did by itself, with a record of it."""
        changes = transaction.changes()
        self.bus.publish(changes)
        self._settle(changes, SYSTEM)
        record = self._transaction(SYSTEM)
        self._audit.event(record, dn, *event, text)
        self.bus.publish(record.changes())

    def _sweep(self) -> None:
        if self._faults.due:
            transaction = self._transaction(SYSTEM)
            self._faults.sweep(transaction)
            self.bus.publish(transaction.changes())

    def _settle(self, changes: list[Change], author: Author) -> None:
        related = self._transaction(SYSTEM)
        self._relations.settle(related, changes)
        self.bus.publish(related.changes())
        system = self._transaction(SYSTEM)
        everything = [*changes, *related.changes()]
        self._allocation.settle(system, everything)
        self._deployment.settle(system, everything)
        self._encapsulation.settle(system, everything)
        if author is not SYSTEM:
            self._audit.record(system, author, changes)
        self.bus.publish(system.changes())

    def _transaction(self, author: Author) -> Transaction:
        return Transaction(self.schema, self.tree, author, self.clock.stamp())


def _asks_for_time(query: Query) -> bool:
    return "topology" in query.target.dn or "topSystem" in {query.target.class_name, *query.classes}
