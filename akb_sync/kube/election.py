"""The election: at most one of several engines may write at any time.

What makes it safe, whatever the clocks of two machines say:

- Nobody takes a Lease that says another's name before it has seen it unchanged for as long as the Lease
  counts, measured by its own clock. Of two that try at once the API server lets one.
- A leader may write only for two thirds of that time after it *began* the last renewal that succeeded,
  measured by the clock that goes on while the machine is suspended (CLOCK_BOOTTIME) *and* by the wall
  clock: a virtual machine that was stopped or moved wakes with one of the two ahead.

So the old leader has stopped before a new one begins. What is on its way to the APIC when the old one is
stopped is the limit of it: the APIC knows no fencing.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from akb_sync.errors import KubernetesConflict, KubernetesError, KubernetesNotFound

from .api import WritableApi
from .lease import READ_TIMEOUT, Lease, lease_path

log = logging.getLogger(__name__)

RELEASED_SECONDS = 1.0
"""How long a Lease without a holder counts (seconds); nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks that have to agree before anything is written."""

    boottime: Callable[[], float]
    """Seconds that go on while the machine is suspended."""
    now: Callable[[], datetime]
    """The wall clock in UTC."""


@dataclass(frozen=True, slots=True)
class _Moment:
    boottime: float
    wall: datetime


def identity() -> str:
    """Name this process for people and for the Lease: machine (in a cluster the Pod), process, and chance."""
    return f"{socket.gethostname()}_{os.getpid()}_{secrets.token_hex(4)}"


class Elector:
    """One engine's part in the election. `step` is for one thread, everything else for any."""

    def __init__(
        self,
        api: WritableApi,
        namespace: str,
        name: str,
        me: str,
        clocks: Clocks,
        *,
        seconds: float = 15.0,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Do nothing yet.

        Args:
            api: The cluster's API.
            namespace: The Lease's namespace.
            name: The Lease's name.
            me: What the Lease is to say while this engine leads; no other engine's.
            clocks: Both clocks.
            seconds: How long the Lease counts.
            on_change: Called when this engine begins or ceases to lead.
        """
        self._api, self._namespace, self._name = api, namespace, name
        self._me, self._clocks, self._seconds, self._on_change = me, clocks, seconds, on_change
        self._lock = threading.Lock()
        self._lease: Lease | None = None
        self._first_seen = float("-inf")
        self._renewed: _Moment | None = None
        self._led = False
        self.term = 0
        """Grows whenever this engine begins to lead."""
        self.trouble = ""
        """Why the Lease cannot be read or written; empty when it can."""

    @property
    def pause(self) -> float:
        """Seconds between two steps."""
        return self._seconds / 7.5

    @property
    def leader(self) -> str:
        """Who leads as far as is known; empty when nobody does."""
        lease = self._lease
        return lease.holder if lease else ""

    @property
    def leading(self) -> bool:
        """Whether this engine may write at this moment."""
        renewed = self._renewed
        if renewed is None:
            return False
        deadline = self._seconds * 2 / 3
        by_boottime = self._clocks.boottime() - renewed.boottime
        by_wall = (self._clocks.now() - renewed.wall).total_seconds()
        return by_boottime < deadline and by_wall < deadline

    def step(self) -> None:
        """Renew the Lease, or take it if nobody has it; what goes wrong is `trouble` and tried again."""
        try:
            try:
                self._step()
            except (KubernetesConflict, KubernetesNotFound):
                self._lease = None  # somebody else wrote or deleted it: it has to be read again
                self._step()
            self.trouble = ""
        except KubernetesError as error:
            self.trouble = str(error)
        self._tell()

    def release(self) -> None:
        """Hand the Lease back; nothing may be written any more. Whoever waits for it need not wait long."""
        with self._lock:
            had, self._renewed = self._renewed is not None, None
            lease = self._lease
            if had and lease is not None and lease.holder == self._me:
                free = Lease("", RELEASED_SECONDS, lease.acquired, self._clocks.now(), lease.transitions)
                try:
                    self._write(free, lease.version)
                except KubernetesError as error:
                    log.debug("the Lease is not handed back: %s", error)
        self._tell()

    def _step(self) -> None:
        with self._lock:
            if self._lease is None or self._lease.holder != self._me:
                self._read()
            if self._may_take(self._lease):
                self._take(self._lease or Lease())

    def _read(self) -> None:
        try:
            path = lease_path(self._namespace, self._name)
            found = Lease.of(self._api.get(path, read_timeout=READ_TIMEOUT))
        except KubernetesNotFound:
            self._lease = self._renewed = None
            return
        if found.holder != self._me:
            self._renewed = None
        if self._lease is None or found.version != self._lease.version:
            self._first_seen = self._clocks.boottime()
        self._lease = found

    def _may_take(self, lease: Lease | None) -> bool:
        if lease is None or lease.holder in ("", self._me):
            return True
        return self._clocks.boottime() - self._first_seen >= lease.seconds

    def _take(self, lease: Lease) -> None:
        begun = _Moment(self._clocks.boottime(), self._clocks.now())
        self._lease = self._write(lease.taken(self._me, self._seconds, begun.wall), lease.version)
        self._renewed = begun

    def _write(self, lease: Lease, version: str) -> Lease:
        document = lease.document(self._namespace, self._name)
        if not version:
            return Lease.of(self._api.post(lease_path(self._namespace), document))
        document["metadata"]["resourceVersion"] = version
        return Lease.of(self._api.put(lease_path(self._namespace, self._name), document))

    def _tell(self) -> None:
        leads = self.leading
        if leads == self._led:
            return
        self._led = leads
        self.term += leads
        self._on_change()
