"""What a running engine has left about itself, and what waits for a person."""

from __future__ import annotations

from datetime import timedelta

from akb_sync.engine.shared import lives
from akb_sync.errors import AkbSyncError

from .case import Case
from .finding import Finding, named, ok, unknown, warning
from .registry import Group, Table

TABLE = Table(Group.ENGINE)
check = TABLE.check
LONG = timedelta(minutes=15)


@check(
    "engine",
    "Has a running engine had success lately?",
    "The engine runs, or ran, and has not brought both sides together for a while. Its log says why.",
    needs=("kubernetes-credentials",),
)
def engine(case: Case) -> Finding:
    """Read the leader's record."""
    try:
        state = case.state
    except AkbSyncError as error:
        return unknown(f"its record cannot be read: {error.message}", error.next_step)
    if state is None or state.written_at is None:
        return ok("no engine has left a record")
    now = case.clock.now()
    if not lives(state, now):
        minutes = int((now - state.written_at).total_seconds() // 60)
        return warning(f"no engine runs: the last was heard of {minutes} min ago", "akb-sync watch")
    since = now - (state.last_success or state.written_at)
    if since > LONG:
        minutes = int(since.total_seconds() // 60)
        return warning(f"{state.leader} has had no success for {minutes} min", "akb-sync status")
    return ok(f"{state.leader} leads")


@check(
    "engine-paused",
    "Is the engine not paused?",
    "Somebody has frozen the engine: nothing is written on the fabric until it is resumed.",
    needs=("engine",),
)
def engine_paused(case: Case) -> Finding:
    """Read the switch."""
    state = case.state
    if state is not None and state.paused is not None:
        return warning(str(state.paused), "akb-sync resume")
    return ok("nobody has paused it")


@check(
    "rejected",
    "Has the APIC refused nothing, and does nobody undo what we write?",
    "The leader waits before it tries these objects again. `akb-sync status` has the APIC's own words.",
    needs=("engine",),
)
def rejected(case: Case) -> Finding:
    """Look for objects in quarantine, and contested ones."""
    items = case.state.items if case.state else {}
    found = {dn: one for dn, one in items.items() if one.reason in ("Rejected", "Contested")}
    if found:
        dn, one = min(found.items())
        return warning(
            f"{named(sorted(found))}: {one.reason}: {one.words}", f"see {dn} on the APIC; akb-sync status"
        )
    return ok("nothing is refused or contested")


@check(
    "mass-delete",
    "Does no mass delete wait for a person?",
    "Many prefixes would go at once. Look whether that is right, then approve exactly those removals.",
    needs=("fabric-view",),
)
def mass_delete(case: Case) -> Finding:
    """Look for removals that the guard holds."""
    plan = case.plan
    if plan.awaiting_approval:
        count = len(plan.awaiting_approval)
        return warning(f"{count} removal(s) wait", f"akb-sync sync --approve {plan.approval_id}")
    return ok("no removal waits")
