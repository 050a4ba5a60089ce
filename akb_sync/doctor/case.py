"""What is examined: settings, both sides, the plan. Each part is made once, when the first check asks for it.

A part that cannot be made raises the same error to everybody who asks, so a refused login is tried once and
no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar, cast

from akb_sync.apic import ApicOptions, ApicSession
from akb_sync.apic.fault_records import Fault
from akb_sync.clock import Clock, SystemClock
from akb_sync.engine import Engine
from akb_sync.engine.credential import Credential
from akb_sync.engine.engine import rules_of
from akb_sync.engine.shared import read_state
from akb_sync.engine.wiring import Parts, Sides, assemble, cluster_options, identity_of
from akb_sync.errors import AkbSyncError
from akb_sync.kube import ClusterOptions, ClusterView, KubeConnection
from akb_sync.kube.claims import Claims
from akb_sync.mark import Identity
from akb_sync.model import Binding, Desired, Observed
from akb_sync.plan import Plan
from akb_sync.settings import Settings
from akb_sync.state import State

from .probe import Probe, probe

Part = TypeVar("Part")


class Case:
    """One examination's parts. Safe to use from several threads."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Connect to nothing yet."""
        self.settings = settings
        self.clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._made: dict[str, Any] = {}

    def close(self) -> None:
        """Log out and close what was opened."""
        session = self._made.get("session")
        if isinstance(session, ApicSession):
            session.close()

    @property
    def cluster_options(self) -> ClusterOptions:
        """How the cluster is read, and the operator's limits."""
        return self._once("cluster options", lambda: cluster_options(self.settings))

    @property
    def connection(self) -> KubeConnection:
        """The connection to the cluster."""
        settings = self.settings
        return self._once(
            "connection", lambda: KubeConnection.connect(settings.kubeconfig, settings.context or None)
        )

    @property
    def cluster_version(self) -> str:
        """The API server's release, as `gitVersion` tells it."""
        return self._once("version", lambda: str(self.connection.get("/version").get("gitVersion", "")))

    @property
    def _cluster(self) -> ClusterView:
        return self._once(
            "cluster", lambda: ClusterView(self.connection, self.cluster_options, self.clock, _nothing)
        )

    @property
    def identity(self) -> Identity:
        """Who we are on the fabric."""
        return self._once("identity", lambda: identity_of(self.settings, self._cluster.kube_system_uid()))

    @property
    def cluster(self) -> ClusterView:
        """The cluster, read in full."""

        def read() -> ClusterView:
            self._cluster.read()
            return self._cluster

        return self._once("cluster read", read)

    @property
    def desired(self) -> Desired:
        """What the cluster wants."""
        homed = self._homed
        return self._once("desired", homed.desired)

    @property
    def claims(self) -> Claims:
        """What each annotated workload may have."""
        return self._homed.claims()

    @property
    def _homed(self) -> ClusterView:
        """The cluster, with annotations completed that name an EPG only, as far as the fabric says."""

        def home() -> ClusterView:
            cluster = self.cluster
            parts = self._once("parts or none", self._parts_or_none)
            if parts is not None:
                parts.homing.settle(cluster.desired())
            return cluster

        return self._once("homed", home)

    @property
    def apic_options(self) -> ApicOptions:
        """How the APIC is reached, and as whom."""
        return self._credential.options

    @property
    def _credential(self) -> Credential:
        return self._once("credential", lambda: Credential(self.settings))

    @property
    def session(self) -> ApicSession:
        """The session with the fabric."""
        return self._once("session", lambda: ApicSession(self.apic_options, self.clock, upkeep=False))

    @property
    def parts(self) -> Parts:
        """Both sides joined, without the means to write."""

        def join() -> Parts:
            sides = Sides(self.identity, self.connection, self._cluster, self.session, self._credential)
            return assemble(self.settings, sides, self.clock, _nothing, read_only=True)

        return self._once("parts", join)

    @property
    def engine(self) -> Engine:
        """An engine that has read both sides, and cannot write."""

        def read() -> Engine:
            desired = self.desired
            self.parts.fabric.read({workload.binding.parent for workload in desired.workloads})
            return Engine(self.parts, rules_of(self.settings), self.clock, threading.Event())

        return self._once("engine", read)

    @property
    def observed(self) -> Observed:
        """What the fabric has."""
        return self.engine.fabric.observed()

    @property
    def plan(self) -> Plan:
        """What a sync would do now."""
        engine = self.engine
        return self._once("plan", engine.look)

    @property
    def bindings(self) -> frozenset[Binding]:
        """The EPGs that matter to us: named by a workload, or with something of ours."""
        return frozenset(item.binding for item in self.plan.items)

    @property
    def faults(self) -> Mapping[Binding, tuple[Fault, ...]]:
        """The faults on the EPGs that matter."""
        l3outs = {binding.parent for binding in self.bindings}
        return self._once("faults", lambda: self.engine.fabric.faults(l3outs))

    @property
    def state(self) -> State | None:
        """What the leader left."""
        return self._once("state", lambda: read_state(self.settings, self.connection))

    @property
    def kubernetes_probe(self) -> Probe:
        """The API server's certificate and clock."""
        return self._once("kubernetes probe", lambda: probe(self.connection.server, self.clock))

    @property
    def apic_probes(self) -> tuple[Probe, ...]:
        """The controllers' certificates and clocks."""
        return self._once(
            "apic probes", lambda: tuple(probe(one, self.clock) for one in self.apic_options.controllers)
        )

    def _parts_or_none(self) -> Parts | None:
        """The parts, as long as nothing but the fabric is in the way; the fabric's checks say what is."""
        with suppress(AkbSyncError):
            self.session.login()
            return self.parts
        return None

    def _once(self, name: str, make: Callable[[], Part]) -> Part:
        with self._lock:
            making = self._making.setdefault(name, threading.Lock())
        with making:
            if name not in self._made:
                try:
                    self._made[name] = make()
                except Exception as error:  # noqa: BLE001 - it is raised again to everybody who asks
                    self._made[name] = _Failure(error)
        found = self._made[name]
        if isinstance(found, _Failure):
            raise found.error
        return cast("Part", found)


class _Failure:
    """Why a part could not be made."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _nothing() -> None:
    """Nobody waits for changes here."""
