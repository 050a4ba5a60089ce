"""One full pass for a command that ends: write, wait out what only time holds, look again, finish."""

from __future__ import annotations

from collections.abc import Callable

from akb_sync.errors import AkbSyncError
from akb_sync.item import Item
from akb_sync.plan import Plan
from akb_sync.reasons import Reason

from .engine import Engine
from .report import Report

ENDS_BY_ITSELF = frozenset({Reason.HOLD_DOWN, Reason.MASS_DELETE})
"""Holds that end after a while, if both sides still agree then."""
MOST_ROUNDS = 20

Narrow = Callable[[Item], bool]


def everything(_item: Item) -> bool:
    """Narrow nothing."""
    return True


class Pass:
    """Brings the fabric to what is wanted, as far as nothing holds it."""

    def __init__(
        self,
        engine: Engine,
        *,
        wait: bool,
        sleep: Callable[[float], None],
        narrow: Narrow = everything,
        on_wait: Callable[[Plan, float], None] = lambda _plan, _seconds: None,
    ) -> None:
        """`wait` says whether holds are waited out; `on_wait` is told of each wait (seconds)."""
        self._engine = engine
        self._wait = wait
        self._sleep = sleep
        self._narrow = narrow
        self._on_wait = on_wait
        self.reports: list[Report] = []

    def run(self, plan: Plan) -> Plan:
        """Carry `plan` out and give the plan that is left.

        Raises:
            ApicError: Something could not be sent, or its outcome stayed unknown.
        """
        for _ in range(MOST_ROUNDS):
            self._write(plan)
            plan = self._look_again()
            if plan.actionable:
                continue
            pause = self._pause(plan)
            if pause is None:
                return plan
            self._on_wait(plan, pause)
            self._sleep(pause)
            plan = self._look_again()
        raise AkbSyncError(
            f"the fabric is not as wanted after {MOST_ROUNDS} rounds of writing",
            "find out who else writes in the APIC's audit log",
        )

    def _look_again(self) -> Plan:
        self._engine.read()
        return self._engine.look().narrowed(self._narrow)

    def _write(self, plan: Plan) -> None:
        if not plan.actionable:
            return
        report = self._engine.write(plan)
        self.reports.append(report)
        if report.error and not report.unknown:
            raise report.error

    def _pause(self, plan: Plan) -> float | None:
        """How long until the next hold ends; None when none does, or nobody waits."""
        now = self._engine.clock.monotonic()
        ends = [
            item.hold.until - now
            for item in plan.held
            if item.hold and item.hold.until is not None and item.hold.reason in ENDS_BY_ITSELF
        ]
        return max(0.0, min(ends)) if ends and self._wait else None
