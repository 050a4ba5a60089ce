"""The engine: it joins both views, the plan and the writer, and remembers what one look cannot tell.

It decides nothing by itself. `look` makes a plan of the two views as they stand, `write` carries out
what the plan does not hold. A one-shot command calls `read` first; a running engine has its views
follow both sides (`start`), and `watch` turns the wheel.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from akb_sync.apic import Writer
from akb_sync.apic.batches import Batch, batches, bindings
from akb_sync.apic.ports import Reader
from akb_sync.clock import Clock, SystemClock
from akb_sync.mark import Identity
from akb_sync.model import Desired, Freshness, L3Out, Observed, Source
from akb_sync.plan import Memory, Plan, Planner, Rules
from akb_sync.plan.memory import after_planning, after_writing, notice_departures
from akb_sync.reasons import Reason
from akb_sync.settings import Settings

from .expiry import Expiry
from .line import Line
from .report import Report
from .wiring import Parts, wire


class Engine:
    """Two views in, a plan, writes out. Use it as a context manager, or call `close`."""

    def __init__(self, parts: Parts, rules: Rules, clock: Clock, wake: threading.Event) -> None:
        """Join the parts; `wake` is set by the views whenever a new look may differ."""
        self.identity: Identity = parts.identity
        self.cluster = parts.cluster
        self.fabric = parts.fabric
        self.clock = clock
        self.wake = wake
        self.memory = Memory()
        self._planner = Planner(parts.identity)
        self.read_only = parts.read_only
        self._writer = parts.writer
        self.kube = parts.kube
        self.freeze = parts.freeze
        """The switch by which a person keeps every engine of the cluster from writing."""
        self._session = parts.session
        self._homing = parts.homing
        self._credential = parts.credential
        self._rules = rules
        self._desired: Desired | None = None
        self._observed = Observed()
        self._line = Line()
        self._planning = 0.0
        self.on_batch: Callable[[int], object] = lambda _items: None
        """Told of each batch before it is written, of how many objects it is; and of 0 after the last."""

    @classmethod
    def connect(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        read_only: bool = False,
        may_write: Callable[[], bool] = lambda: True,
        sleep: Callable[[float], object] = time.sleep,
    ) -> Engine:
        """Connect to both sides as the settings say; nothing is read yet but the cluster's identity.

        Args:
            settings: Every option.
            clock: The clocks; the machine's when not given.
            read_only: Whether the engine gets no means to write at all (a dry run).
            may_write: Asked before each POST; from the first no on, nothing more is sent.
            sleep: Waits (seconds) between attempts at a busy APIC; an event's `wait` can be cut short.

        Raises:
            SettingsError: A setting is missing or malformed.
            KubernetesError: The cluster cannot be reached or its identity not be read.
        """
        clock = clock or SystemClock()
        wake = threading.Event()
        parts = wire(settings, clock, wake.set, read_only=read_only, may_write=may_write, sleep=sleep)
        return cls(parts, rules_of(settings), clock, wake)

    def __enter__(self) -> Self:
        """Give the engine itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close both connections."""
        self.close()

    def close(self) -> None:
        """Stop following, log out, end all threads."""
        self.cluster.stop()
        self.fabric.stop()
        self._session.close()

    def read(self, also: Collection[L3Out] = ()) -> None:
        """Read both sides once, in full, and of the fabric `also` L3Outs that no workload names.

        What cannot be read stays unknown, and `troubles` says why; unknown is never taken for empty.

        Raises:
            KubernetesError: No kind at all could be read.
            ApicError: Nothing at all could be read.
        """
        self.freeze.look()
        self.cluster.read()
        self._homing.settle(self.cluster.desired())
        self.fabric.read({*self._named(), *also})

    def start(self) -> None:
        """Let the cluster's view follow the cluster."""
        self.cluster.start()

    def follow(self) -> None:
        """Let the fabric's view follow every L3Out that is named now."""
        self._homing.settle(self.cluster.desired())
        self.fabric.follow(self._named())

    def reread(self) -> None:
        """Read both sides again from scratch, while running."""
        self.cluster.reread()
        self.fabric.refresh()

    def renew_credential(self) -> None:
        """Take over a password or key whose file has changed, and try at once what failed with the old one.

        People rotate credentials while we run, and a refused login is not tried again with the same one.
        """
        options = self._credential.changed()
        if options is not None:
            self._session.use(options)
            self.fabric.refresh()

    def _named(self) -> Collection[L3Out]:
        return {workload.binding.parent for workload in self.cluster.desired().workloads}

    def look(self) -> Plan:
        """Make a plan of both views as they stand, and remember what it found."""
        begun = self.clock.monotonic()
        desired = self.cluster.desired()
        self._notice_departures(desired)
        now = self.clock.monotonic()
        observed = self._observed = self.fabric.observed()
        rules = replace(self._rules, frozen=self.freeze.why)
        plan = self._planner.plan(desired, observed, self.memory, rules, now)
        self.memory = after_planning(self.memory, plan.notable, now, self._rules.guard_window)
        self._planning = self.clock.monotonic() - begun
        return plan

    def _notice_departures(self, desired: Desired) -> None:
        before, self._desired = self._desired, desired
        if before is None:
            return
        if desired.wanted is not before.wanted or desired.workloads is not before.workloads:
            self.memory = notice_departures(self.memory, before, desired)

    def approve(self, plan: Plan) -> None:
        """A person approves exactly the removals that wait for one in this plan."""
        waiting = plan.awaiting_approval
        adopted = {item.binding for item in waiting if item.hold and item.hold.reason is Reason.UNCONFIRMED}
        self.memory = replace(
            self.memory,
            approved=self.memory.approved | {item.dn for item in waiting},
            confirmed=self.memory.confirmed | adopted,
        )

    def prune_in_use(self) -> None:
        """A person asks for EPGs that nobody names to go although other people's work is in them.

        From now on, and in this process only. What goes with an EPG is in its item's message and, like
        everything that goes, in the journal.
        """
        self._rules = replace(self._rules, prune_in_use=True)

    def write(self, plan: Plan, *, on_behalf: Identity | None = None, give_up: bool = False) -> Report:
        """Write what the plan does not hold; the fabric's view takes over what was committed.

        Args:
            plan: What a look has found.
            on_behalf: The cluster whose objects are deleted, when a person purges what it left.
            give_up: Whether to put off what is not sent yet once there is news since `wake` was cleared, for
                who looks again at once. Who carries out what a person has approved carries out all of it.
        """
        writer = self._writer.on_behalf(on_behalf) if on_behalf else self._writer
        report = self._carried_out(
            writer, plan, Expiry(self.clock, self.wake.is_set, self._planning) if give_up else _never
        )
        self.fabric.assume(report.changes)
        for l3out in {one.parent for item in report.doubted for one in bindings(item)}:
            self.fabric.doubt(l3out)
        now = self.clock.monotonic()
        self.memory = after_writing(self.memory, report.done, report.rejected, now)
        return report

    def _carried_out(self, writer: Writer, plan: Plan, stale: Callable[[], bool]) -> Report:
        line = self._line.formed(batches(plan.actionable))
        outcomes = writer.write(self._announced(line), stale)
        self.on_batch(0)
        items = [item for batch in line for item in batch.items]
        report = Report.of(outcomes, items[len(outcomes) :])
        if not report.put_off:
            self._line.dissolve()
        return report

    def _announced(self, line: Iterable[Batch]) -> Iterator[Batch]:
        """The writer takes a batch when the one before is through."""
        for batch in line:
            self.on_batch(len(batch.items))
            yield batch
            self._line.served(batch)

    @property
    def reader(self) -> Reader:
        """Answers questions about the fabric that no view of a few L3Outs answers."""
        return self._session

    def post(self, dn: str, content: Mapping[str, Any]) -> None:
        """Post what is no item of a plan.

        Raises:
            ApicError: It did not pass; the engine is read-only, for one.
        """
        self._writer.post(dn, content)

    @property
    def troubles(self) -> Mapping[str, str]:
        """What cannot be read at the moment: name to sentence."""
        return {**self.cluster.troubles(), **self.fabric.troubles()}

    def freshness(self) -> Mapping[str, Freshness]:
        """How far each kind of the cluster and, as it was in the last look, each L3Out can be believed."""
        desired = self.cluster.desired()
        kinds = {str(source): desired.freshness(source) for source in Source}
        return {**kinds, **{str(one): found.freshness for one, found in self._observed.l3outs.items()}}


def _never() -> bool:
    return False


def rules_of(settings: Settings) -> Rules:
    """Give the settings that are rules of the plan."""
    return Rules(
        policy=settings.policy,
        mass_delete=settings.mass_delete,
        hold_down=settings.hold_down,
        max_prefixes=settings.max_prefixes,
        require_contract=settings.require_contract,
    )
