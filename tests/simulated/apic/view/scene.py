"""A simulated fabric and a real view of it, driven as the engine drives it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from akb_sync.apic.options import ApicOptions
from akb_sync.apic.session import ApicSession
from akb_sync.apic.view import FabricView
from akb_sync.clock import SystemClock
from akb_sync.mark import Identity
from akb_sync.model import L3Out, Observed, ObservedL3Out
from akb_sync.simulators.apic import ApicSimulator

NAMED = L3Out("TEN_A", "L3O_A")
OURS = Identity("k8s", "0123abcd")


class Scene:
    """A simulated fabric, a real session to it, and a view of it that says when it changed."""

    def __init__(self, apic: ApicSimulator) -> None:
        self.apic = apic
        self.changes = threading.Event()
        options = ApicOptions((apic.url,), "admin", "secret", ca_file=apic.ca_file, connect_timeout=2.0)
        self.session = ApicSession(options, SystemClock())
        self.view = FabricView(self.session, OURS, SystemClock(), self.changes.set)

    def close(self) -> None:
        self.view.stop()
        self.session.close()

    def seen(self, l3out: L3Out = NAMED) -> ObservedL3Out:
        return self.view.observed().of(l3out)

    def until(self, wanted: Callable[[Observed], bool], *, follow: bool = True) -> Observed:
        """Do as the engine does: wait for a change, follow, look; for 10 seconds at most."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            self.changes.clear()
            if follow:
                self.view.follow([NAMED])
            observed = self.view.observed()
            if wanted(observed):
                return observed
            retry = self.view.revisit_at
            self.changes.wait(min(1.0, max(0.01, (retry or time.monotonic() + 1) - time.monotonic())))
        raise AssertionError(f"not seen within 10 s; troubles: {self.view.troubles()}")
