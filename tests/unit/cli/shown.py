"""Plans as commands show them."""

from typing import Any

from akb_sync.item import Action, Item
from akb_sync.mark import Identity
from akb_sync.model import ObjectRef, ObservedSubnet
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from cli.document import Shown
from tests.unit.engine.items import WEB, epg, held, plan, subnet

NOW = 1000.0
IDENTITY = Identity.of("prod", "0123abcd-0000-0000-0000-000000000000", "")
DEPLOYMENT = ObjectRef("Deployment", "shop", "web", "uid-web")


def shown(found: Plan, **troubles: str) -> Shown:
    return Shown(IDENTITY, found, troubles, NOW)


def leaving(prefix: str, name: str = "shop::web-9") -> Item:
    there = ObservedSubnet(WEB.subnet_dn(prefix), prefix, prefix, name)
    return subnet(
        prefix, action=Action.DELETE, reason=Reason.NOT_WANTED, sources=(), observed=there, workloads=()
    )


def right(prefix: str, **more: Any) -> Item:
    return subnet(prefix, action=Action.NONE, reason=Reason.IN_SYNC, workloads=(DEPLOYMENT,), **more)


__all__ = [
    "DEPLOYMENT",
    "IDENTITY",
    "NOW",
    "WEB",
    "epg",
    "held",
    "leaving",
    "plan",
    "right",
    "shown",
    "subnet",
]
