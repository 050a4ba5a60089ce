"""An APIC that is made of software: REST, websocket and the policy model behind them, on one port.

It is an honest server for clients that nobody here wrote, stricter than the real thing where strictness
finds our bugs. Where evidence about real APICs conflicts, the module that has to decide says why.
"""

from akb_sync.simulators.apic.behaviour import Behaviour
from akb_sync.simulators.apic.content import fabric_documents, tenant_document
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.faults import Canned, Faults, Loss
from akb_sync.simulators.apic.journal import Refusal, Write
from akb_sync.simulators.apic.simulator import ApicSimulator
from akb_sync.simulators.apic.snapshots import Snapshot
from akb_sync.simulators.apic.topology import FabricShape
from akb_sync.simulators.errors import SimulatorError

__all__ = [
    "ApicError",
    "ApicSimulator",
    "Behaviour",
    "Canned",
    "FabricShape",
    "Faults",
    "Loss",
    "Refusal",
    "SimulatorError",
    "Snapshot",
    "Write",
    "fabric_documents",
    "tenant_document",
]
