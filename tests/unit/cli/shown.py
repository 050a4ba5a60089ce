"""Plans as commands show them."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from akb_sync.apic.fault_records import Fault
from akb_sync.errors import ApicError
from akb_sync.item import Action, Item
from akb_sync.mark import Identity
from akb_sync.model import (
    Binding,
    Freshness,
    ObjectRef,
    Observed,
    ObservedEpg,
    ObservedL3Out,
    ObservedSubnet,
)
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from cli.details import Details, FaultBook
from cli.document import Shown
from cli.leader import Record
from tests.unit.engine.items import WEB, epg, held, plan, subnet

NOW = 1000.0
WALL = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAULT = Fault(
    WEB, "F0467", "minor", f"topology/rtd-[{WEB.dn}]/nwissues/fault-F0467", "pfx-[10.0.0.1/32] is in use"
)
IDENTITY = Identity.of("prod", "0123abcd-0000-0000-0000-000000000000", "")
DEPLOYMENT = ObjectRef("Deployment", "shop", "web", "uid-web")


def shown(found: Plan, **troubles: str) -> Shown:
    return Shown(IDENTITY, found, troubles, NOW)


class Fabric:
    """What an engine's fabric view answers, written by hand."""

    def __init__(
        self, *epgs: ObservedEpg, changed_at: str = "", attributes: dict[str, str] | None = None
    ) -> None:
        self._epgs = {one.binding.epg: one for one in epgs}
        self._changed_at, self._attributes = changed_at, attributes or {}
        self.fail: ApicError | None = None

    def observed(self) -> Observed:
        l3out = WEB.parent
        return Observed({l3out: ObservedL3Out(l3out, Freshness.FRESH, exists=True, epgs=self._epgs)})

    def nodes(self, dn: str) -> list[tuple[str, str, dict[str, str]]]:
        return [(dn, "l3extInstP", self._attributes)] if self._epgs else []

    def changed_at(self, _dn: str) -> str:
        return self._changed_at

    def faults(self, _l3outs: Any) -> dict[Binding, tuple[Fault, ...]]:
        if self.fail:
            raise self.fail
        return {WEB: (FAULT,)}


def details(
    *items: Item, fabric: Fabric | None = None, record: Record | None = None, faults: bool = False
) -> Details:
    """The details of items as an engine would find them that read `fabric`."""
    engine: Any = SimpleNamespace(identity=IDENTITY, fabric=fabric or Fabric(), clock=Clock())
    read = FaultBook().read(engine, {item.binding.parent for item in items}) if faults else None
    return Details(engine, record or Record(), read)


class Clock:
    def __init__(self) -> None:
        self.seconds = NOW

    def now(self) -> datetime:
        return WALL

    def monotonic(self) -> float:
        return self.seconds


def leaving(prefix: str, name: str = "shop::web-9") -> Item:
    there = ObservedSubnet(WEB.subnet_dn(prefix), prefix, prefix, name)
    return subnet(
        prefix, action=Action.DELETE, reason=Reason.NOT_WANTED, sources=(), observed=there, workloads=()
    )


def right(prefix: str, **more: Any) -> Item:
    return subnet(prefix, action=Action.NONE, reason=Reason.IN_SYNC, workloads=(DEPLOYMENT,), **more)


__all__ = [
    "DEPLOYMENT",
    "FAULT",
    "IDENTITY",
    "NOW",
    "WALL",
    "WEB",
    "Clock",
    "Fabric",
    "details",
    "epg",
    "held",
    "leaving",
    "plan",
    "right",
    "shown",
    "subnet",
]
