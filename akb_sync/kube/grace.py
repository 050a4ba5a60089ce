"""Addresses that left the status of a living Service, and are still wanted for a short while.

Load balancer controllers empty `status.loadBalancer` for some seconds when they restart or move an
address. Without a grace each such flap would take a subnet away and put it back. A Service that is
deleted, or is no load balancer any more, has no grace: its address may be another's at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from .facts import ServiceFacts


class Grace:
    """Remembers until when (monotonic seconds) an address lingers, per Service UID and prefix."""

    def __init__(self, seconds: float) -> None:
        """Take how long an address lingers; 0 for not at all."""
        self._seconds = seconds
        self._until: dict[str, Mapping[str, float]] = {}

    def changed(self, old: ServiceFacts | None, new: ServiceFacts | None, now: float) -> None:
        """Take note of a Service's change; None for one that is not there (before or after)."""
        if new is None or not new.living:
            gone = new or old
            if gone is not None:
                self._until.pop(gone.ref.uid, None)
            return
        lingering = {
            prefix: until
            for prefix, until in self._until.get(new.ref.uid, {}).items()
            if prefix not in new.prefixes and until > now
        }
        if old is not None and old.living and self._seconds > 0:
            for prefix in old.prefixes:
                if prefix not in new.prefixes:
                    lingering.setdefault(prefix, now + self._seconds)
        if lingering:
            self._until[new.ref.uid] = lingering
        else:
            self._until.pop(new.ref.uid, None)

    def snapshot(self) -> dict[str, Mapping[str, float]]:
        """Give what lingers now; the inner mappings are never changed afterwards."""
        return dict(self._until)
