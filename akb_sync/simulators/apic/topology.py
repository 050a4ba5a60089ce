"""The fabric's own shape: pods, spines, leafs and controllers, and what each of them says of itself.

Policies point at leafs, and leafs raise faults, so there have to be some. A real fabric grows and shrinks
while it runs; `add_leaf` and `remove_leaf` do what registering and decommissioning a switch do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.schema import Schema
from akb_sync.simulators.apic.transactions import Transaction
from akb_sync.simulators.apic.tree import Mo, Tree
from akb_sync.simulators.apic.values import whole
from akb_sync.simulators.errors import SimulatorError

VERSION = "6.0(9c)"
MOST_PODS, MOST_OF_A_KIND, MOST_CONTROLLERS = 9, 99, 7
FIRST_SPINE = 1000
MEMBERS_DN = "uni/controller/nodeidentpol"
SWITCHES_SAY, CONTROLLERS_SAY = f"n9000-1{VERSION}", VERSION
MODELS = {"leaf": "N9K-C93180YC-FX", "spine": "N9K-C9336C-FX2", "controller": "APIC-SERVER-M3"}


@dataclass(frozen=True, slots=True)
class FabricShape:
    """How many nodes a fabric has.

    Attributes:
        pods: 1 to 9.
        spines, leafs: in each pod, up to 99. Leafs of pod p have the ids p01, p02 and so on, so that the
            first leaf is node-101; spines count from 1001 (pod 1), 1101 (pod 2).
        controllers: in the whole fabric, 1 to 7, spread over the pods; their ids count from 1.
        asn: the AS of the fabric's BGP.
        domain: the fabric's name.
    """

    pods: int = 1
    spines: int = 2
    leafs: int = 4
    controllers: int = 3
    asn: int = 65_000
    domain: str = "ACI Fabric1"

    def __post_init__(self) -> None:
        for name, low, high in (
            ("pods", 1, MOST_PODS),
            ("spines", 0, MOST_OF_A_KIND),
            ("leafs", 0, MOST_OF_A_KIND),
            ("controllers", 1, MOST_CONTROLLERS),
        ):
            if not low <= getattr(self, name) <= high:
                raise SimulatorError(f"A fabric has {low} to {high} {name}, not {getattr(self, name)}.")


@dataclass(frozen=True, slots=True)
class Node:
    """A switch or a controller."""

    id: int
    pod: int
    role: str
    name: str

    @property
    def dn(self) -> str:
        """Where it stands in the topology."""
        return f"topology/pod-{self.pod}/node-{self.id}"

    @property
    def serial(self) -> str:
        """Its serial number."""
        return f"TEP-{self.pod}-{self.id}"

    @property
    def address(self) -> str:
        """Its tunnel endpoint address, out of the pod's pool."""
        return f"10.{self.pod - 1}.{self.id >> 8}.{self.id & 255}"


class Topology:
    """Makes and removes the nodes of one fabric."""

    def __init__(self, schema: Schema, tree: Tree, clock: Clock, shape: FabricShape) -> None:
        self._schema = schema
        self._tree = tree
        self._clock = clock
        self._shape = shape
        self._started = clock.elapsed()

    def build(self, transaction: Transaction) -> None:
        """Make the topology as the shape says; `uni` must be there, with `fabric` and `controller`."""
        top = transaction.create(self._schema["fabricTopology"], None, "topology", {})
        self._health(transaction, top)
        for pod in range(1, self._shape.pods + 1):
            mo = self._child(transaction, "fabricPod", top, {"id": str(pod)})
            self._health(transaction, mo)
        for node in self._nodes():
            self._make(transaction, node)
        bgp = self._child(transaction, "bgpInstPol", self._at("uni/fabric"), {"name": "default"})
        self._child(transaction, "bgpAsP", bgp, {"asn": str(self._shape.asn)})
        reflectors = self._child(transaction, "bgpRRP", bgp, {})
        for node in self._nodes():
            if node.role == "spine":
                given = {"id": str(node.id), "podId": str(node.pod)}
                self._child(transaction, "bgpRRNodePEp", reflectors, given)

    def add_leaf(
        self, transaction: Transaction, pod: int = 1, node_id: int | None = None, name: str | None = None
    ) -> Mo:
        """Make a leaf, with the pod's next id by default; raises SimulatorError when that cannot be."""
        if self._tree.get(f"topology/pod-{pod}") is None:
            raise SimulatorError(f"There is no pod {pod}.")
        taken = {whole(mo.get("id")) for mo in self._tree.of_class("fabricNode")}
        node_id = _free_id(pod, taken) if node_id is None else node_id
        if node_id in taken or not 101 <= node_id <= 4000:
            raise SimulatorError(f"A leaf cannot have the id {node_id}: it is taken, or not 101 to 4000.")
        return self._make(transaction, Node(node_id, pod, "leaf", name or f"leaf-{node_id}"))

    def remove_leaf(self, transaction: Transaction, node_id: int) -> Mo:
        """Take a leaf out with everything that it has; raises SimulatorError when it is not there."""
        for mo in self._tree.of_class("fabricNode"):
            if mo.get("id") == str(node_id) and mo.get("role") == "leaf":
                member = self._tree.get(f"{MEMBERS_DN}/nodep-{mo.get('serial')}")
                for gone in (mo, member):
                    if gone is not None:
                        transaction.delete(gone)
                return mo
        raise SimulatorError(f"There is no leaf {node_id}.")

    def tell_time(self) -> None:
        """Let every node say what time it is, as a real one does when it is asked."""
        now = self._clock.stamp()
        up = _duration(self._clock.elapsed() - self._started)
        for mo in self._tree.of_class("topSystem"):
            mo.values["currentTime"], mo.values["systemUpTime"] = now, up

    def _nodes(self) -> Iterator[Node]:
        shape = self._shape
        for index in range(shape.controllers):
            yield Node(index + 1, index % shape.pods + 1, "controller", f"apic{index + 1}")
        for pod in range(1, shape.pods + 1):
            for role, first, count in (
                ("spine", FIRST_SPINE + 100 * (pod - 1), shape.spines),
                ("leaf", 100 * pod, shape.leafs),
            ):
                for number in range(first + 1, first + count + 1):
                    yield Node(number, pod, role, f"{role}-{number}")

    def _make(self, transaction: Transaction, node: Node) -> Mo:
        controller = node.role == "controller"
        version = CONTROLLERS_SAY if controller else SWITCHES_SAY
        stamp = self._clock.stamp()
        same = {"id": str(node.id), "name": node.name, "role": node.role, "serial": node.serial}
        same |= {"address": node.address, "version": version}
        given = same | {"model": MODELS[node.role], "lastStateModTs": stamp}
        # A controller is no member of the fabric that it controls, and says so.
        given |= {"fabricSt": "unknown"} if controller else {}
        mo = self._child(transaction, "fabricNode", self._at(f"topology/pod-{node.pod}"), given)
        given = same | {"podId": str(node.pod), "fabricDomain": self._shape.domain, "lastRebootTime": stamp}
        given |= {"oobMgmtAddr": f"192.0.2.{node.id % 250 + 1}", "oobMgmtAddrMask": "24"}
        given |= {"currentTime": stamp, "systemUpTime": _duration(0), "oobMgmtGateway": "192.0.2.254"}
        given |= {"tepPool": f"10.{node.pod - 1}.0.0/16"}
        system = self._child(transaction, "topSystem", mo, given)
        running = {"version": version, "ts": stamp}
        if controller:
            status = self._child(transaction, "firmwareCtrlrFwStatusCont", system, {})
            self._child(transaction, "firmwareCtrlrRunning", status, running)
            self._cluster(transaction, mo)
        else:
            status = self._child(transaction, "firmwareFwStatusCont", system, {})
            self._child(transaction, "firmwareRunning", status, running)
            self._register(transaction, node)
        if node.role == "leaf":
            self._child(transaction, "fvEpPCont", mo, {})
            self._child(transaction, "l3extRtdOutCont", mo, {})
        return mo

    def _cluster(self, transaction: Transaction, mo: Mo) -> None:
        """What a controller knows of its cluster: every controller, itself among them."""
        size = self._shape.controllers
        cluster = self._child(transaction, "infraCont", mo, {"size": str(size), "fbDm": self._shape.domain})
        for node in self._nodes():
            if node.role == "controller":
                given = {"id": str(node.id), "addr": node.address, "nodeName": node.name}
                self._child(transaction, "infraWiNode", cluster, given)

    def _register(self, transaction: Transaction, node: Node) -> None:
        given = {"serial": node.serial, "nodeId": str(node.id), "podId": str(node.pod), "name": node.name}
        member = given | {"role": node.role}
        self._child(transaction, "fabricNodeIdentP", self._at(MEMBERS_DN), member)

    def _health(self, transaction: Transaction, mo: Mo) -> None:
        self._child(transaction, "fabricHealthTotal", mo, {"updTs": self._clock.stamp()})

    def _child(self, transaction: Transaction, name: str, parent: Mo, given: dict[str, str]) -> Mo:
        item = self._schema[name]
        return transaction.create(item, parent, f"{parent.dn}/{item.rn.build(given)}", given)

    def _at(self, dn: str) -> Mo:
        mo = self._tree.get(dn)
        if mo is None:
            raise SimulatorError(f"The fabric has no {dn}.")
        return mo


def _free_id(pod: int, taken: set[int]) -> int:
    """The first id of a pod's leafs that nobody has."""
    return next(number for number in range(100 * pod + 1, 4001) if number not in taken)


def _duration(seconds: float) -> str:
    """Days, hours, minutes, seconds and milliseconds: `01:02:03:04.000`."""
    passed = timedelta(seconds=seconds)
    minutes, rest = divmod(passed.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{passed.days:02}:{hours:02}:{minutes:02}:{rest:02}.{passed.microseconds // 1000:03}"
