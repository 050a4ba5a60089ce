"""An APIC and a Kubernetes API on real ports: the other side of every test, and of the demo.

Nothing here shares code with the engine: what the engine believes about the two APIs must not be what
it is tested against.
"""

from akb_sync.simulators.errors import SimulatorError

__all__ = ["SimulatorError"]
