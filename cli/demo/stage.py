"""The demo's stage: both simulators on ports of their own, and the real engine between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from akb_sync.clock import SystemClock
from akb_sync.engine import Engine, Watch
from akb_sync.plan import Plan
from akb_sync.settings import Settings
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator

from .fabric import FabricWitness

USER, PASSWORD = "admin", "demo-password"
HOLD_DOWN = 3.0
"""Seconds; 30 in production. The only thing that the demo shortens."""


class Stage:
    """Everything that runs during the demo."""

    def __init__(self, directory: Path) -> None:
        """Files that belong to the demo go into `directory`."""
        self.cluster = KubernetesSimulator()
        self.apic = ApicSimulator(users={USER: PASSWORD}, output_dir=directory)
        self.apic.small_fabric()
        self.ca_file = directory / "ca.pem"
        self.kubeconfig = directory / "kubeconfig"
        self._watch: Watch | None = None
        self._thread: threading.Thread | None = None
        self.hand_made: list[dict[str, str] | None] = []
        """What people made by hand, as it was."""

    def __enter__(self) -> Self:
        """Start both servers."""
        self.cluster.start()
        self.apic.start()
        self.cluster.write_kubeconfig(self.kubeconfig)
        self.fabric = FabricWitness(self.apic.url, self.ca_file, USER, PASSWORD)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the engine and both servers."""
        self.stop_engine()
        self.apic.stop()
        self.cluster.stop()

    @property
    def settings(self) -> Settings:
        """The engine's settings: the ordinary ones, but for the shortened hold-down."""
        return Settings(
            apic=self.apic.url,
            apic_username=USER,
            apic_password=PASSWORD,
            apic_ca_file=self.ca_file,
            kubeconfig=self.kubeconfig,
            cluster_name="demo",
            hold_down=HOLD_DOWN,
        )

    def start_engine(self) -> None:
        """Start what `akb-sync watch` runs."""
        settings, clock = self.settings, SystemClock()
        self._watch = Watch(lambda may: Engine.connect(settings, may_write=may), clock, settings.resync)
        self._thread = threading.Thread(target=self._watch.run, name="engine")
        self._thread.start()

    def stop_engine(self) -> None:
        """Stop it as SIGTERM does."""
        if self._watch and self._thread:
            self._watch.stop()
            self._thread.join()
            self._watch = self._thread = None

    def wait_for(self, true: Callable[[], bool], within: float = 10.0) -> bool:
        """Ask again and again until it is so, or the time (seconds) is up."""
        deadline = time.monotonic() + within
        while not true():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    @contextmanager
    def look(self) -> Iterator[tuple[Engine, Plan]]:
        """Give a fresh engine that has read both sides, and what it finds; it is closed afterwards."""
        with Engine.connect(self.settings, read_only=True) as engine:
            engine.read()
            yield engine, engine.look()

    def addresses(self, namespace: str) -> set[str]:
        """The prefixes that have to be on the fabric now, read from the cluster alone."""
        pods = self.cluster.list("Pod", namespace)
        services = self.cluster.list("Service", namespace)
        return {f"{address}/32" for address in [*_pod_ips(pods), *_service_ips(services)]}


def _pod_ips(pods: list[dict[str, Any]]) -> list[str]:
    return [one["ip"] for pod in pods for one in pod.get("status", {}).get("podIPs", [])]


def _service_ips(services: list[dict[str, Any]]) -> list[str]:
    return [
        one["ip"]
        for service in services
        for one in service.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    ]
