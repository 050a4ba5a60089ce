"""The cluster's side of the engine: six watchers, one store, and what follows from them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from akb_sync.clock import Clock
from akb_sync.errors import KubernetesAnswerError, KubernetesError
from akb_sync.model import Desired

from .api import KubeApi
from .claims import Claims, claims
from .desire import Wishes, earliest, lingers_until
from .facts import AnnotationKeys
from .home import Home
from .limits import Limits
from .lister import PAGE_SIZE
from .nodes import node_addresses
from .resources import resources
from .selection import select
from .store import SERVICE_GRACE, STALE_AFTER, Snapshot, Store
from .watcher import Watcher

ANNOTATION_KEY = "aci.haystacknetworks.com/l3o"
STOP_TIMEOUT = 5.0
"""Seconds for all watchers to end; a thread that still waits for an answer then is left to the process."""


@dataclass(frozen=True)
class ClusterOptions:
    """How a cluster is read."""

    annotation_key: str = ANNOTATION_KEY
    """The key `paused` of the same domain pauses a workload."""
    limits: Limits = field(default_factory=Limits)
    page_size: int = PAGE_SIZE
    service_grace: float = SERVICE_GRACE
    """Seconds for which an address lingers that left a living Service's status."""
    stale_after: float = STALE_AFTER
    """Seconds after which a kind that nothing confirmed is stale."""


class ClusterView:
    """What the cluster wants, kept up to date once it is started. All methods are thread-safe."""

    def __init__(
        self, connection: KubeApi, options: ClusterOptions, clock: Clock, on_change: Callable[[], None]
    ) -> None:
        """Read nothing yet.

        `on_change` is called from watcher threads whenever `desired()` may give something else than
        before, freshness included; it should only wake somebody up.
        """
        self._connection = connection
        self._limits = options.limits
        self._clock = clock
        self._store = Store(clock, on_change, options.stale_after, options.service_grace)
        self._watchers = [
            Watcher(connection, resource, self._store, clock, page_size=options.page_size)
            for resource in resources(AnnotationKeys(options.annotation_key))
        ]
        self._running = False
        self._lock = threading.Lock()
        self._wishes = Wishes(options.limits)
        self._cached: tuple[int, float | None, Desired] | None = None
        self._home = Home()

    def settle(self, home: Home) -> None:
        """Take over which L3Out annotations mean that name an EPG only, or why that is not known."""
        with self._lock:
            self._cached = None if home != self._home else self._cached
            self._home = home

    def node_addresses(self) -> tuple[str, ...]:
        """Give the addresses of the cluster's nodes; asks the API server.

        Raises:
            KubernetesError: they cannot be listed.
        """
        return node_addresses(self._connection)

    def kube_system_uid(self) -> str:
        """Give the UID of the kube-system namespace, which names the cluster.

        Raises:
            KubernetesError: it cannot be read.
        """
        answer = self._connection.get("/api/v1/namespaces/kube-system")
        meta = answer.get("metadata")
        uid = meta.get("uid") if isinstance(meta, dict) else None
        if not isinstance(uid, str) or not uid:
            raise KubernetesAnswerError(
                "the namespace kube-system has no UID", "check that the URL is a Kubernetes API server's"
            )
        return uid

    def read(self) -> None:
        """List every kind once, all at the same time; the watches of `start` go on from there.

        A kind that fails is stale or never read, and in `troubles`. Once watchers run, they are asked to
        list, and nothing is waited for.

        Raises:
            KubernetesError: all kinds fail in the same way, so there is nothing to work with.
        """
        if self._running:
            self.reread()
            return
        with ThreadPoolExecutor(len(self._watchers), thread_name_prefix="list") as pool:
            errors = list(pool.map(_attempt, self._watchers))
        kinds = {type(error) for error in errors}
        if (first := errors[0]) is not None and len(kinds) == 1:
            raise first

    def start(self) -> None:
        """Start the watchers: each goes on from what was read, or lists first."""
        self._running = True
        for watcher in self._watchers:
            watcher.start()

    def stop(self) -> None:
        """End the watchers, within a few seconds."""
        for watcher in self._watchers:
            watcher.stop()
        deadline = self._clock.monotonic() + STOP_TIMEOUT
        for watcher in self._watchers:
            watcher.join(max(0.0, deadline - self._clock.monotonic()))

    def reread(self) -> None:
        """Let every watcher list from scratch soon; `SourceView.lists` grows when it is done."""
        for watcher in self._watchers:
            watcher.reread()

    def desired(self) -> Desired:
        """Give what the cluster wants now, made from one consistent moment of what was read.

        When an object changed or a lingering address went, what follows from that is worked out again; else
        only the freshness is brought up to date. `revisit_at` is when time alone changes it next.
        """
        with self._lock:
            now = self._clock.monotonic()
            if self._cached is None or not self._holds(self._cached, now):
                return self._made_anew(now)
            _, until, desired = self._cached
            sources, stale_at = self._store.freshness()
            return replace(desired, sources=sources, revisit_at=earliest(stale_at, until))

    def snapshot(self) -> Snapshot:
        """Give everything that was read, at one moment; for who explains a single object."""
        return self._store.snapshot()

    def claims(self) -> Claims:
        """Give what each annotated workload may have, and what is wrong with annotations."""
        with self._lock:
            home = self._home
        return claims(self._store.snapshot().workloads.values(), self._limits, home)

    def select(self, selector: str) -> frozenset[str]:
        """Give the UIDs of the workloads that a label selector means; asks the API server.

        Raises:
            KubernetesError: the selector is malformed, or the workloads cannot be listed.
        """
        return select(self._connection, selector)

    def troubles(self) -> Mapping[str, str]:
        """Give what is amiss now, by kind: one sentence each."""
        sources, _ = self._store.freshness()
        return {source.value: view.trouble for source, view in sources.items() if view.trouble}

    def _holds(self, cached: tuple[int, float | None, Desired], now: float) -> bool:
        revision, until, _ = cached
        return revision == self._store.revision and (until is None or now < until)

    def _made_anew(self, now: float) -> Desired:
        revision = self._store.revision
        snapshot = self._store.snapshot()
        # Taken away for the time being: if anything raises, the next answer begins from nothing.
        wishes, self._wishes = self._wishes, Wishes(self._limits)
        desired = wishes.at(snapshot, now, self._home)
        self._wishes = wishes
        # A change between the two reads of the store is seen as one more change the next time.
        self._cached = (revision, lingers_until(snapshot, now), desired)
        return desired


def _attempt(watcher: Watcher) -> KubernetesError | None:
    try:
        watcher.list_now()
    except KubernetesError as error:
        return error
    return None
