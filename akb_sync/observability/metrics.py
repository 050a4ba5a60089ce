"""The engine's metrics, for Prometheus.

Labels are words of tables in the code (reasons, actions, kinds), never names of objects: the number of time
series does not grow with the cluster.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from akb_sync.clock import Clock
from akb_sync.engine.observer import Look
from akb_sync.engine.report import Report
from akb_sync.engine.success import Success
from akb_sync.item import Action, Item
from akb_sync.model import Freshness, Source
from akb_sync.plan import Plan
from akb_sync.reasons import Reason
from akb_sync.version import __version__

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PLAN_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
WRITE_SECONDS = (0.05, 0.2, 1.0, 5.0, 20.0, 60.0, 300.0)
_REPAIRS = frozenset({Reason.DRIFT, Reason.MARK_RESTORED})
_KINDS = ("epg", "subnet")
_WRITES = tuple(action for action in Action if action is not Action.NONE)


class Metrics:
    """An observer that counts."""

    def __init__(self, clock: Clock) -> None:
        """Begin at nothing, in a registry of its own."""
        self._clock = clock
        self._success = Success()
        self.registry = CollectorRegistry()
        self._make_counters()
        self._make_gauges()
        self._make_durations()
        self._show_zeros()

    @property
    def troubles(self) -> Mapping[str, str]:
        """Nothing can be wrong with it."""
        return {}

    def text(self) -> bytes:
        """Give all of them in Prometheus' text format."""
        return generate_latest(self.registry)

    def looked(self, look: Look) -> None:
        """Take over what a look has found."""
        self._leader.set(look.leading and not look.dry)
        self._paused.set(look.paused is not None)
        self._troubles.set(len(look.troubles))
        self._count_freshness(look.freshness)
        if look.plan is not None:
            self._plans.observe(look.seconds)
            self._count_plan(look.plan)
        if self._success.looked(look):
            self._last_success.set(self._clock.now().timestamp())

    def wrote(self, report: Report, seconds: float) -> None:
        """Count what became of a round of writing."""
        self._writing.observe(seconds)
        for item in report.done:
            self._writes.labels(str(item.action), _kind(item)).inc()
            if item.reason in _REPAIRS:
                self._drift.labels(_kind(item)).inc()
        self._rejected.inc(len(report.rejected))
        self._unknown.inc(len(report.unknown))
        self._not_sent.inc(len(report.not_sent) + len(report.overtaken))
        if self._success.wrote(report):
            self._last_success.set(self._clock.now().timestamp())

    def _count_plan(self, plan: Plan) -> None:
        states: Tally[str] = Tally(_state(item) for item in plan.notable)
        states["in_sync"] += plan.right_count
        for state in ("in_sync", "to_write", "held", "left"):
            self._objects.labels(state).set(states[state])
        held = Tally(item.hold.reason for item in plan.held if item.hold)
        notices = Tally(notice.reason for notice in plan.notices)
        for reason in Reason:
            self._held.labels(str(reason)).set(held[reason])
            self._notices.labels(str(reason)).set(notices[reason])
        self._awaiting.set(len(plan.awaiting_approval))

    def _count_freshness(self, freshness: Mapping[str, Freshness]) -> None:
        kinds = frozenset(map(str, Source))
        for kind in kinds:
            self._kind_fresh.labels(kind).set(freshness.get(kind) is Freshness.FRESH)
        l3outs = Tally(one for name, one in freshness.items() if name not in kinds)
        for one in Freshness:
            self._l3outs.labels(str(one)).set(l3outs[one])

    def _make_counters(self) -> None:
        self._writes = self._counter("writes", "Objects that the APIC committed.", "action", "kind")
        self._drift = self._counter("drift_reverted", "Objects of ours that were put right.", "kind")
        self._rejected = self._counter("rejected", "Objects that the APIC refused.")
        self._unknown = self._counter("unknown_outcomes", "Objects sent without an answer.")
        self._not_sent = self._counter("not_sent", "Objects put off to a later round of writing.")

    def _make_gauges(self) -> None:
        info = self._gauge("info", "Which release runs; always 1.", "version")
        info.labels(__version__).set(1)
        self._leader = self._gauge("leader", "1 if this process may write.")
        self._paused = self._gauge("paused", "1 if a person has paused the engine.")
        self._troubles = self._gauge("troubles", "How much of both sides cannot be read or written.")
        self._kind_fresh = self._gauge("kind_fresh", "1 if a kind of the cluster can be believed.", "kind")
        self._l3outs = self._gauge("l3outs", "L3Outs by how far they can be believed.", "freshness")
        self._objects = self._gauge("objects", "Objects that are wanted or ours, by state.", "state")
        self._held = self._gauge("held", "Changes that are not made for now, by reason.", "reason")
        self._notices = self._gauge("notices", "What people should know of, by reason.", "reason")
        self._awaiting = self._gauge("awaiting_approval", "Removals that wait for a person.")
        self._last_success = self._gauge(
            "last_success_timestamp_seconds", "When both views were fresh and nothing was left to write."
        )

    def _make_durations(self) -> None:
        self._plans = self._histogram("plan_seconds", "Time to make a plan.", PLAN_SECONDS)
        self._writing = self._histogram("write_seconds", "Time of a round of writing.", WRITE_SECONDS)

    def _show_zeros(self) -> None:
        """Let each counter be there from the start: an alert on a rate misses what begins at 1."""
        for kind in _KINDS:
            self._drift.labels(kind)
            for action in _WRITES:
                self._writes.labels(str(action), kind)

    def _counter(self, name: str, prose: str, *labels: str) -> Counter:
        return Counter(name, prose, labels, namespace="akb_sync", registry=self.registry)

    def _gauge(self, name: str, prose: str, *labels: str) -> Gauge:
        return Gauge(name, prose, labels, namespace="akb_sync", registry=self.registry)

    def _histogram(self, name: str, prose: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, prose, namespace="akb_sync", registry=self.registry, buckets=buckets)


def _kind(item: Item) -> str:
    return "epg" if item.is_epg else "subnet"


def _state(item: Item) -> str:
    """Say how an object is: `left` means that it is not right, and not ours to touch."""
    if item.actionable:
        return "to_write"
    if item.changes:
        return "held"
    return "in_sync" if item.reason is Reason.IN_SYNC else "left"
