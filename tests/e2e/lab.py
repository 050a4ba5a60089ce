"""The program as people run it: the APIC simulator and `akb-sync watch`, each a process of its own.

What is believed is read by plain REST from the APIC and by kubectl's API from the cluster; it shares no code
with the engine.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e.apic_client import ApicClient
from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.controlplane.processes import Guard, Process

PROGRAM = Path(sys.executable).with_name("akb-sync")
L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
ANNOTATION = "aci.haystacknetworks.com/l3o"
HOLD_DOWN = 3


@dataclass(frozen=True)
class Result:
    """What a one-shot command did."""

    code: int
    out: str
    err: str


class Apic:
    """The APIC simulator as a process, and an admin's plain REST client to it."""

    def __init__(self, folder: Path, guard: Guard) -> None:
        folder.mkdir()
        self._folder = folder
        self.process = Process(
            "apic",
            [str(PROGRAM), "simulate", "apic", "--listen", "127.0.0.1:0", "--output", str(folder)],
            log=folder / "apic.log",
            guard=guard,
            is_ready=lambda: "is ready" in self.process.log(),
        )
        self._client: ApicClient | None = None

    def start(self) -> None:
        self.process.start()
        self.process.wait_until_ready()
        known = self.environment
        self._client = ApicClient(
            known["ACI_APIC"], known["ACI_USERNAME"], known["ACI_PASSWORD"], self._folder / "ca.pem"
        )

    def stop(self) -> None:
        if self._client:
            self._client.close()
        self.process.terminate()

    @property
    def environment(self) -> Mapping[str, str]:
        """What `DIR/env` tells a client to export."""
        words = shlex.split((self._folder / "env").read_text())
        return dict(word.split("=", 1) for word in words if word != "export")

    @property
    def client(self) -> ApicClient:
        """An admin's session."""
        assert self._client is not None, "the APIC was never started"
        return self._client

    def query(self, path: str) -> list[dict[str, Any]]:
        return self.client.query(path)

    def post(self, dn: str, document: Mapping[str, Any]) -> None:
        self.client.post(dn, document)

    def delete(self, dn: str) -> None:
        self.client.delete(dn)

    def epg(self, name: str) -> bool:
        """Whether the external EPG exists."""
        return bool(self.query(f"mo/{L3OUT}/instP-{name}.json"))

    def prefixes(self, epg: str) -> set[str]:
        """The subnets of an external EPG."""
        return {subnet["ip"] for subnet in self._subnets(epg)}

    def names(self, epg: str) -> set[str]:
        """The names of the subnets of an external EPG."""
        return {subnet["name"] for subnet in self._subnets(epg)}

    def _subnets(self, epg: str) -> list[dict[str, str]]:
        path = f"mo/{L3OUT}/instP-{epg}.json?query-target=subtree&target-subtree-class=l3extSubnet"
        return [one["l3extSubnet"]["attributes"] for one in self.query(path)]

    def writes(self) -> int:
        """How many writes the APIC has accepted from anybody: its audit log has one record for each."""
        return len(self.query("class/aaaModLR.json"))


class Lab:
    """A control plane, an APIC and the engine between them."""

    def __init__(self, cluster: ControlPlane, folder: Path) -> None:
        self.cluster = cluster
        self._folder = folder
        self._guard = Guard()
        self.apic = Apic(folder / "apic", self._guard)
        self.watch = Process(
            "watch",
            [str(PROGRAM), "watch", "--hold-down", str(HOLD_DOWN)],
            log=folder / "watch.log",
            guard=self._guard,
            is_ready=lambda: True,
        )

    def __enter__(self) -> Self:
        self.apic.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.watch.terminate()
        self.apic.stop()
        self._guard.dismiss()

    @property
    def environment(self) -> Mapping[str, str]:
        return {**os.environ, **self.apic.environment, "AKB_SYNC_KUBECONFIG": str(self.cluster.kubeconfig)}

    def start_watch(self) -> None:
        self.watch.environment = self.environment
        self.watch.start()

    def run(self, *arguments: str, timeout: float = 90.0) -> Result:
        """Run a one-shot command as a person would."""
        done = subprocess.run(
            [str(PROGRAM), *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def addresses(self, namespace: str, labels: str = "") -> set[str]:
        """The prefixes that the Pods (by label selector) and load balancers of a namespace have now."""
        path = f"/api/v1/namespaces/{namespace}"
        pods = self.cluster.api.get(f"{path}/pods?labelSelector={labels}")["items"]
        services = self.cluster.api.get(f"{path}/services")["items"]
        found = [one["ip"] for pod in pods for one in pod["status"].get("podIPs", [])]
        for service in services:
            found += [one["ip"] for one in service["status"]["loadBalancer"].get("ingress", [])]
        return {f"{address}/{128 if ':' in address else 32}" for address in found}

    def names(self, namespace: str) -> set[str]:
        """The names that the subnets of a namespace's Pods and load balancers have to bear."""
        path = f"/api/v1/namespaces/{namespace}"
        found = [
            *self.cluster.api.get(f"{path}/pods")["items"],
            *self.cluster.api.get(f"{path}/services")["items"],
        ]
        return {f"{namespace}::{one['metadata']['name']}"[:63] for one in found}

    def settled(self, namespace: str, pods: int) -> bool:
        """Whether exactly `pods` Pods are there, each with its address, none on its way out."""
        found = self.cluster.api.get(f"/api/v1/namespaces/{namespace}/pods")["items"]
        return len(found) == pods and all(
            pod["status"].get("podIPs") and "deletionTimestamp" not in pod["metadata"] for pod in found
        )

    def eventually_exact(self, epg: str, namespace: str, pods: int, within: float = 5.0) -> None:
        """Wait for the Pods, then for the EPG to hold exactly their addresses, `within` seconds at most."""
        eventually(
            f"{pods} Pods with addresses",
            lambda: self.settled(namespace, pods),
            nudge=lambda: self.cluster.nudge(namespace),
        )
        eventually(
            f"{epg} exact",
            lambda: self.apic.prefixes(epg) == self.addresses(namespace) != set(),
            timeout=within,
        )
