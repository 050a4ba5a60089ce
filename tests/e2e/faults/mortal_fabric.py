"""The fabric of the matrix, with its APIC in a process of its own that can be killed and stopped.

It has what cells, oracle and judge ask of a fabric. What was written is read off the file that the process
keeps (see `durable_apic`), so it is known while the process is dead.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from akb_sync.simulators.apic import Write
from tests.e2e.apic_client import ApicClient
from tests.e2e.controlplane.ports import LOOPBACK, free_port
from tests.e2e.controlplane.processes import Guard, Process
from tests.e2e.faults import durable_apic
from tests.e2e.matrix.fabric import ENGINE, PEOPLE, READER, Fabric

_PASSWORDS = {"admin": "secret", ENGINE: "of-akb-sync", PEOPLE: "of-people", READER: "of-reader"}
_ROOT = Path(__file__).parents[3]


class ApicProcess:
    """The process, and what an administrator does to the fabric behind it."""

    def __init__(self, folder: Path, guard: Guard) -> None:
        folder.mkdir()
        (folder / durable_apic.USERS).write_text(json.dumps(_PASSWORDS))
        port = free_port()
        self.url = f"https://{LOOPBACK}:{port}"
        self.ca_file = folder / "ca.pem"
        self._writes = folder / durable_apic.WRITES
        self._forgotten = 0
        self._admin: ApicClient | None = None
        self.process = Process(
            "apic",
            [sys.executable, "-m", "tests.e2e.faults.durable_apic", str(folder), str(port)],
            log=folder / "apic.log",
            guard=guard,
            is_ready=lambda: durable_apic.READY in self.process.log(),
            environment={"PYTHONPATH": str(_ROOT)},
        )

    def start(self) -> None:
        self.process.start()
        self.process.wait_until_ready()
        self._admin = self.client("admin")

    def stop(self) -> None:
        if self._admin is not None:
            self._admin.close()
        self.process.terminate()

    def client(self, user: str) -> ApicClient:
        return ApicClient(self.url, user, _PASSWORDS[user], self.ca_file)

    @property
    def journal(self) -> list[Write]:
        """The accepted writes since the last reset."""
        return list(durable_apic.written(self._writes))[self._forgotten :]

    def reset_journal(self) -> None:
        """Forget the writes until now; the file keeps them, since they are the state."""
        self._forgotten += len(self.journal)

    def load(self, document: Mapping[str, Any]) -> None:
        """Post a tenant."""
        assert self._admin is not None
        self._admin.post("uni", document)

    def delete(self, dn: str) -> None:
        assert self._admin is not None
        self._admin.delete(dn)


class MortalFabric(Fabric):
    """A fabric whose APIC is an `ApicProcess`; used as a context manager."""

    simulator: ApicProcess  # type: ignore[assignment]  # it has what the base class asks of one

    def __init__(self, folder: Path, guard: Guard) -> None:
        # Not the base class's: that makes a simulator of this process.
        self.simulator = ApicProcess(folder, guard)

    def _client(self, user: str) -> ApicClient:
        return self.simulator.client(user)
