"""Items and plans for tests of what tells of them."""

from typing import Any

from akb_sync.item import Action, Hold, Item
from akb_sync.model import Binding, ObjectRef
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

WEB = Binding("T", "L", "WEB")
POD = ObjectRef("Pod", "shop", "web-1", "uid-1")


def subnet(prefix: str = "10.0.0.1/32", binding: Binding = WEB, **more: Any) -> Item:
    given = {"action": Action.CREATE, "reason": Reason.WANTED, "sources": (POD,), **more}
    return Item(binding=binding, dn=binding.subnet_dn(prefix), prefix=prefix, **given)


def epg(binding: Binding = WEB, **more: Any) -> Item:
    given = {"action": Action.CREATE, "reason": Reason.WANTED, **more}
    return Item(binding=binding, dn=binding.dn, **given)


def held(item: Item, reason: Reason, message: str = "", until: float | None = None) -> Item:
    return item.held(Hold(reason, message, until))


def plan(*items: Item, **more: Any) -> Plan:
    return Plan(**more).of(items)
