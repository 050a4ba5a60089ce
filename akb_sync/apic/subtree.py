"""One reading of one L3Out: the query, with or without a subscription, and what its answer proves.

An empty answer proves that the L3Out is not there, and a second question tells whether its tenant is. An
answer with holes (a child without its EPG, as paging may give it while somebody writes) proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from akb_sync.errors import LATER, ApicAnswerError, ApicError, ApicRejected
from akb_sync.model import L3Out

from .ports import ImData, Subscriber, Subscription
from .queries import SubtreeQuery
from .query import mo_path
from .snapshot import Snapshot

OnEvent = Callable[[ImData], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading gave."""

    snapshot: Snapshot
    missing: str
    """DN of the absent parent, the tenant or the L3Out; empty when the L3Out exists."""
    subscription: Subscription | None


class SubtreeReader:
    """Reads L3Outs through one session."""

    def __init__(self, session: Subscriber) -> None:
        """Ask for all classes at first; those that this APIC does not know are left out later."""
        self._session = session
        self._query = SubtreeQuery()

    def read(self, l3out: L3Out, on_event: OnEvent | None) -> Reading:
        """Read one L3Out; with `on_event`, keep watching it (also when it is absent).

        Raises:
            ApicError: nothing is known; no subscription is left behind.
        """
        subscription, answer = self._ask(mo_path(l3out.dn), on_event)
        try:
            return self._understood(l3out, answer, subscription)
        except ApicError:
            if subscription is not None:
                self._session.unsubscribe(subscription)
            raise

    def _ask(self, path: str, on_event: OnEvent | None) -> tuple[Subscription | None, ImData]:
        while True:
            try:
                if on_event is None:
                    return None, self._session.get(path, self._query.params)
                return self._session.subscribe(path, self._query.params, on_event)
            except ApicRejected as error:
                if not self._query.drop_unsupported(error):
                    raise

    def _understood(self, l3out: L3Out, answer: ImData, subscription: Subscription | None) -> Reading:
        snapshot = Snapshot(l3out, answer)
        if answer and not (snapshot.exists and snapshot.whole):
            raise ApicAnswerError(
                f"the answer about {l3out.dn} has holes: it changed while it was read", LATER
            )
        return Reading(snapshot, "" if snapshot.exists else self._missing(l3out), subscription)

    def _missing(self, l3out: L3Out) -> str:
        tenant = f"uni/tn-{l3out.tenant}"
        return l3out.dn if self._session.get(mo_path(tenant), {"rsp-prop-include": "naming-only"}) else tenant
