"""The Lease: which of several engines leads, as the cluster records it.

A `coordination.k8s.io/v1` Lease holds a name, and when that name was written last. The election writes it;
commands read it, to name the leader beside which they would write.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from akb_sync.errors import KubernetesNotFound
from akb_sync.state import moment

from .api import WritableApi

READ_TIMEOUT = 5.0
"""Seconds for an answer: a Lease that is read later than that says nothing any more."""

LONGEST = 86_400
"""Seconds: a Lease that says more was not written by an engine, and no clock takes any number."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a Lease says."""

    holder: str = ""
    """Who leads; empty when it was handed back."""
    seconds: float = 15.0
    """How long it counts after it was renewed."""
    acquired: datetime | None = None
    renewed: datetime | None = None
    transitions: int = 0
    """How often it went from one holder to another."""
    version: str = ""
    """The object's resourceVersion."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Lease:
        """Read the object; a field of another shape than the API's is taken as absent."""
        meta, spec = _mapping(document.get("metadata")), _mapping(document.get("spec"))
        seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
        return cls(
            holder=str(spec.get("holderIdentity") or ""),
            seconds=float(min(seconds, LONGEST)) if isinstance(seconds, int) and seconds > 0 else 15.0,
            acquired=moment(spec.get("acquireTime")),
            renewed=moment(spec.get("renewTime")),
            transitions=transitions if isinstance(transitions, int) else 0,
            version=str(meta.get("resourceVersion") or ""),
        )

    def document(self, namespace: str, name: str) -> dict[str, Any]:
        """Give the object; with a version it replaces that version only."""
        meta = {"name": name, "namespace": namespace}
        spec = {
            "holderIdentity": self.holder,
            "leaseDurationSeconds": max(1, round(self.seconds)),
            "acquireTime": _micro(self.acquired),
            "renewTime": _micro(self.renewed),
            "leaseTransitions": self.transitions,
        }
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {**meta, "resourceVersion": self.version} if self.version else meta,
            "spec": {key: value for key, value in spec.items() if value is not None},
        }

    def taken(self, holder: str, seconds: float, now: datetime) -> Lease:
        """Give what it says once `holder` has taken or renewed it."""
        if self.holder == holder:
            return replace(self, seconds=seconds, renewed=now)
        transitions = self.transitions + (1 if self.acquired else 0)
        return Lease(holder, seconds, now, now, transitions, self.version)


@dataclass(frozen=True, slots=True)
class Leader:
    """An engine that leads now."""

    name: str
    renewed: datetime | None
    lease: str
    """The Lease, as `namespace/name`."""

    def __str__(self) -> str:
        """Name it and the Lease that says so."""
        return f"{self.name} (Lease {self.lease})"


def lease_path(namespace: str, name: str = "") -> str:
    """Give the API path of a Lease, or of all in a namespace."""
    collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
    return f"{collection}/{name}" if name else collection


def read_leader(
    api: WritableApi,
    namespace: str,
    name: str,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], object] = time.sleep,
) -> Leader | None:
    """Name the engine that leads; None when none does.

    Where this machine's clock and the Lease disagree (it looks expired, or renewed in the future), a second
    look, after the time in which a living leader renews it, tells whether that leader lives.

    Args:
        api: The cluster's API.
        namespace: The Lease's namespace.
        name: The Lease's name.
        now: The wall clock in UTC.
        sleep: Waits, in seconds.

    Raises:
        KubernetesError: The Lease cannot be read.
    """
    lease = _read(api, namespace, name)
    if lease is None or not lease.holder:
        return None
    if not _current(lease, now()):
        sleep(lease.seconds / 3)
        later = _read(api, namespace, name)
        if later is None or not later.holder or later.renewed == lease.renewed:
            return None
        lease = later
    return Leader(lease.holder, lease.renewed, f"{namespace}/{name}")


def _read(api: WritableApi, namespace: str, name: str) -> Lease | None:
    try:
        return Lease.of(api.get(lease_path(namespace, name), read_timeout=READ_TIMEOUT))
    except KubernetesNotFound:
        return None


def _current(lease: Lease, now: datetime) -> bool:
    span = timedelta(seconds=lease.seconds)
    return lease.renewed is not None and -span < now - lease.renewed < span


def _micro(time: datetime | None) -> str | None:
    """Give a moment as the API's MicroTime."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if time else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
