"""`status EPG`: the whole story of one external EPG, from the workloads behind it to the faults on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from akb_sync.item import Item
from akb_sync.mark import Owner
from akb_sync.model import Binding, Workload

from .details import Details
from .document import Shown, ref_document
from .render import NONE
from .status_table import age
from .text import harmless

_OWNED = {
    Owner.MANAGED: "ours",
    Owner.FOREIGN: "another akb-sync's",
    Owner.UNMANAGED: "without our mark",
}


def story_lines(shown: Shown, details: Details, binding: Binding) -> Iterator[str]:
    """Give the story before the table."""
    observed = details.engine.fabric.observed()
    l3out, epg = observed.of(binding.parent), observed.epg(binding)
    yield f"EPG        {harmless(str(binding))}"
    yield f"DN         {harmless(binding.dn)}"
    yield f"VRF        {harmless(l3out.vrf) or 'not resolved'}"
    if epg is None:
        yield "On fabric  no"
    else:
        owner = details.engine.identity.owner(epg.annotation, epg.dn)
        changed = details(_of_epg(shown, binding)).since if _has_epg(shown, binding) else None
        yield f"On fabric  yes, {_OWNED[owner]}{_marked(epg.annotation)}; changed {_ago(details, changed)}"
        yield f"Class tag  {harmless(details.epg_attributes(binding).get('pcTag', '')) or NONE}"
    for role, names in details.contracts(binding).items():
        yield f"{role.title():<10} {harmless(', '.join(names)) or 'no contract'}"
    yield from _workload_lines(details, binding)
    yield from _fault_lines(details, binding)
    yield from _held_lines(shown)
    yield ""


def story_document(details: Details, binding: Binding) -> dict[str, Any]:
    """The part of the document that is about one EPG."""
    observed = details.engine.fabric.observed()
    counted = _addresses(details, binding)
    return {
        "binding": str(binding),
        "dn": binding.dn,
        "vrf": observed.of(binding.parent).vrf,
        "exists": observed.epg(binding) is not None,
        "pcTag": details.epg_attributes(binding).get("pcTag", ""),
        **{role: list(names) for role, names in details.contracts(binding).items()},
        "workloads": [
            {
                "workload": ref_document(one.ref),
                "paused": one.paused,
                "expose": sorted(one.expose),
                "pods": counted[one.ref.uid, "Pod"],
                "services": counted[one.ref.uid, "Service"],
            }
            for one in _workloads(details, binding)
        ],
    }


def _marked(annotation: str) -> str:
    return f" ({harmless(annotation)})" if annotation else ""


def _ago(details: Details, when: Any) -> str:
    return f"{age(when, details.engine.clock.now())} ago" if when else "at an unknown time"


def _has_epg(shown: Shown, binding: Binding) -> bool:
    return any(item.is_epg and item.binding == binding for item in shown.plan.items)


def _of_epg(shown: Shown, binding: Binding) -> Item:
    return next(item for item in shown.plan.items if item.is_epg and item.binding == binding)


def _workloads(details: Details, binding: Binding) -> list[Workload]:
    desired = details.engine.cluster.desired()
    return sorted((one for one in desired.workloads if one.binding == binding), key=lambda one: one.seniority)


def _addresses(details: Details, binding: Binding) -> Mapping[tuple[str, str], int]:
    """Count the addresses by workload (its UID) and by what gives them (`Pod` or `Service`)."""
    exposures = details.engine.cluster.desired().exposures
    return Counter((one.workload.ref.uid, one.source.kind) for one in exposures if one.binding == binding)


def _workload_lines(details: Details, binding: Binding) -> Iterator[str]:
    found, counted = _workloads(details, binding), _addresses(details, binding)
    if not found:
        yield "Workloads  none names it"
    for index, one in enumerate(found):
        title = "Workloads" if index == 0 else ""
        given = f"{counted[one.ref.uid, 'Pod']} of Pods, {counted[one.ref.uid, 'Service']} of Services"
        paused = ", paused" if one.paused else ""
        yield f"{title:<10} {harmless(str(one.ref))}: {given}{paused}"


def _fault_lines(details: Details, binding: Binding) -> Iterator[str]:
    if details.faults is None:
        yield "Faults     could not be read"
        return
    found = details.faults.get(binding, ())
    if not found:
        yield "Faults     none"
    for index, one in enumerate(found):
        title = "Faults" if index == 0 else ""
        yield f"{title:<10} {harmless(f'{one.code} ({one.severity}) {one.description}')}"


def _held_lines(shown: Shown) -> Iterator[str]:
    """What is held, and until when: together where reason and end are the same."""
    counted = Counter(
        (
            item.hold.reason,
            item.hold.message,
            None if item.hold.until is None else round(item.hold.until - shown.now),
        )
        for item in shown.plan.held
        if item.hold
    )
    for index, ((reason, message, left), count) in enumerate(sorted(counted.items(), key=str)):
        title = "Held" if index == 0 else ""
        end = "until somebody acts" if left is None else f"for {max(0, left)} s more"
        yield f"{title:<10} {count} {end}: {reason}: {harmless(message or reason.meaning)}"
