"""Finding the cluster's L3Out, when an annotation leaves it to us.

It is looked for only then: most annotations name their L3Out, and the search reads the nodes, which takes a
right of its own. What was found stays for as long as the process lives, since a peer that somebody adds
elsewhere must not move a running cluster.
"""

from __future__ import annotations

from collections.abc import Mapping

from akb_sync.apic.home import l3outs_with
from akb_sync.apic.ports import Reader
from akb_sync.clock import Clock
from akb_sync.errors import AkbSyncError, SettingsError
from akb_sync.kube import ClusterView, Home
from akb_sync.model import Desired, L3Out
from akb_sync.reasons import Reason

AUTO = "auto"
RETRY = 30.0
"""Seconds between two searches that found no answer."""
_SHOWN = 5


class Homing:
    """Settles which L3Out annotations mean that name an EPG only."""

    def __init__(self, setting: str, cluster: ClusterView, session: Reader, clock: Clock) -> None:
        """Search nothing yet.

        Args:
            setting: `TENANT/L3OUT`, or `auto`.
            cluster: Gives the nodes, and is told what was found.
            session: Asks the fabric.
            clock: The clocks.

        Raises:
            SettingsError: The setting is neither.
        """
        self._cluster, self._session, self._clock = cluster, session, clock
        self._settled = setting != AUTO
        self._due = float("-inf")
        if self._settled:
            cluster.settle(Home(_named(setting)))

    def settle(self, desired: Desired) -> None:
        """Search, if an annotation asks for it and the last search was not just now."""
        asked = any(notice.reason is Reason.PARENT_UNKNOWN for notice in desired.undecided)
        if self._settled or not asked or self._clock.monotonic() < self._due:
            return
        self._due = self._clock.monotonic() + RETRY
        home = self._search()
        self._settled = home.l3out is not None
        self._cluster.settle(home)

    def _search(self) -> Home:
        try:
            addresses = self._cluster.node_addresses()
            return _only(l3outs_with(self._session, addresses), len(addresses))
        except AkbSyncError as error:
            return Home(why=str(error))


def _only(found: Mapping[L3Out, str], nodes: int) -> Home:
    if len(found) == 1:
        return Home(next(iter(found)))
    if not found:
        return Home(why=f"no L3Out has one of the {nodes} node addresses as BGP peer or external subnet")
    shown = ", ".join(f"{l3out} ({evidence})" for l3out, evidence in list(found.items())[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return Home(why=f"{len(found)} L3Outs carry this cluster's nodes: {shown}{more}")


def _named(setting: str) -> L3Out:
    tenant, slash, name = setting.partition("/")
    if not (tenant and slash and name) or "/" in name:
        raise SettingsError(f"--default-l3out {setting!r} is not understood", "write TENANT/L3OUT, or auto")
    return L3Out(tenant, name)
