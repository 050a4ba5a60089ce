"""A plan as data: the documents of `-o json` and `-o yaml`, whose schemas are in `docs/schemas/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from akb_sync.apic.fault_records import Fault
from akb_sync.engine.wording import words
from akb_sync.item import Action, Hold, Item
from akb_sync.mark import Identity
from akb_sync.model import Notice, ObjectRef
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from akb_sync.state import State, instant

from .details import Detail, Details

API_VERSION = "akb-sync.haystacknetworks.com/v1"

_PENDING = {
    Action.CREATE: "Missing",
    Action.UPDATE: "Drifted",
    Action.MOVE: "Moving",
    Action.DELETE: "Leaving",
}
_RESTING = {
    Reason.IN_SYNC: "InSync",
    Reason.UNMANAGED: "Unmanaged",
    Reason.RELEASED: "Released",
    Reason.DUPLICATE: "Conflict",
}
STATES = frozenset({*_PENDING.values(), *_RESTING.values(), "Held", "Conflict", "Protected"})
"""Every word that `state` gives."""


def state(item: Item) -> str:
    """Say in one word how an object is."""
    if item.hold:
        return "Conflict" if item.hold.reason is Reason.CONFLICT else "Held"
    if item.changes:
        return _PENDING[item.action]
    return _RESTING.get(item.reason, "Protected")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command shows: a plan, who we are, what is in trouble, and the time (monotonic seconds)."""

    identity: Identity
    plan: Plan
    troubles: Mapping[str, str]
    now: float


def plan_document(shown: Shown) -> dict[str, Any]:
    """The document of `akb-sync plan`: what would change, and why."""
    return _document("Plan", shown, shown.plan.changes)


def status_document(shown: Shown, details: Details) -> dict[str, Any]:
    """The document of `akb-sync status`: every object that is wanted or ours, with what is known of it."""
    document = _document("Status", shown, ())
    items = [{**item_document(item, shown.now), **_detail(details(item))} for item in shown.plan.items]
    return {**document, "items": items, "leader": _leader(details.record.state)}


def _detail(detail: Detail) -> dict[str, Any]:
    return {
        "since": _moment(detail.since),
        "owner": detail.owner,
        "annotation": detail.annotation,
        "label": detail.label,
        "scope": detail.scope,
        "pcTag": detail.pc_tag,
        "contracts": detail.contracts,
        "faults": None if detail.faults is None else [fault_document(one) for one in detail.faults],
    }


def fault_document(fault: Fault) -> dict[str, str]:
    """One fault that the fabric raises."""
    return {
        "code": fault.code,
        "severity": fault.severity,
        "dn": fault.dn,
        "description": fault.description,
    }


def _leader(state: State | None) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "name": state.leader,
        "writtenAt": instant(state.written_at),
        "lastSuccess": instant(state.last_success),
        "paused": state.paused.document() if state.paused else None,
        "obeyed": state.obeyed,
    }


def _moment(when: datetime | None) -> str | None:
    return when.isoformat() if when else None


def outcome_document(shown: Shown, written: Mapping[str, int]) -> dict[str, Any]:
    """The document of `akb-sync sync`: how much was written by action, and what is left."""
    return {**_document("Outcome", shown, shown.plan.changes), "written": dict(written)}


def _document(kind: str, shown: Shown, items: Iterable[Item]) -> dict[str, Any]:
    plan = shown.plan
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "cluster": f"{shown.identity.name}.{shown.identity.uid8}",
        "approvalId": plan.approval_id,
        "summary": summary(plan),
        "items": [item_document(item, shown.now) for item in items],
        "notices": [_notice(notice) for notice in plan.notices],
        "shifts": [str(shift) for shift in plan.shifts],
        "troubles": dict(shown.troubles),
    }


def summary(plan: Plan) -> dict[str, int]:
    """Count the items: those that would be written by action, those that are held, those that are right."""
    counted = Counter(str(item.action) for item in plan.actionable)
    right = sum(item.reason is Reason.IN_SYNC for item in plan.items)
    actions = {str(action): counted[str(action)] for action in Action if action is not Action.NONE}
    return {**actions, "held": len(plan.held), "inSync": right, "notices": len(plan.notices)}


def item_document(item: Item, now: float) -> dict[str, Any]:
    """One object with what is to happen to it, why, and what holds it; `now` in monotonic seconds."""
    return {
        "kind": "Subnet" if item.prefix else "EPG",
        "tenant": item.binding.tenant,
        "l3out": item.binding.l3out,
        "epg": item.binding.epg,
        "prefix": item.prefix,
        "dn": item.dn,
        "state": state(item),
        "action": str(item.action),
        "reason": str(item.reason),
        "message": item.message,
        "nextStep": item.reason.next_step,
        "sources": [ref_document(ref) for ref in item.sources],
        "workloads": [ref_document(ref) for ref in item.workloads],
        "writes": _writes(item),
        "movesFrom": item.leaves.dn if item.leaves else "",
        "hold": _hold(item.hold, now) if item.hold else None,
    }


def _writes(item: Item) -> dict[str, str]:
    written = {
        "name": item.name,
        "scope": ",".join(sorted(item.scope)) if item.scope is not None else None,
        "annotation": item.mark,
    }
    return {name: value for name, value in written.items() if value is not None and item.changes}


def _hold(hold: Hold, now: float) -> dict[str, Any]:
    return {
        "reason": str(hold.reason),
        "message": words(hold),
        "nextStep": hold.reason.next_step,
        "seconds": None if hold.until is None else max(0.0, round(hold.until - now, 1)),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "reason": str(notice.reason),
        "subject": ref_document(notice.subject),
        "message": notice.message,
        "nextStep": notice.reason.next_step,
    }


def ref_document(ref: ObjectRef) -> dict[str, str]:
    """Name an object of the cluster."""
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name, "uid": ref.uid}
