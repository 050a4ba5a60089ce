"""An engine that plays a script, and a clock that is turned by hand."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self, cast

from akb_sync.engine import Engine, Report
from akb_sync.model import Desired, Freshness, Source, SourceView
from akb_sync.plan import Plan
from akb_sync.state import Pause


class HandClock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Cluster:
    """A cluster's view with a freshness for all kinds."""

    freshness: Freshness = Freshness.FRESH
    wrong: dict[str, str] = field(default_factory=dict)
    listed_at: float = 1000.0

    def desired(self) -> Desired:
        view = SourceView(self.freshness, listed_at=self.listed_at)
        return Desired(sources=dict.fromkeys(Source, view))

    def troubles(self) -> Mapping[str, str]:
        return dict(self.wrong)


@dataclass
class Fabric:
    """A fabric's view that only knows its troubles and when to come back."""

    wrong: dict[str, str] = field(default_factory=dict)
    revisit_at: float | None = None

    def troubles(self) -> Mapping[str, str]:
        return dict(self.wrong)


@dataclass
class Freeze:
    """A switch that is off unless it is told otherwise."""

    pause: Pause | None = None
    troubles: dict[str, str] = field(default_factory=dict)


class Scripted:
    """Gives one plan after the other, the last one for ever; writes come out as they are told to."""

    def __init__(self, clock: HandClock, *plans: Plan) -> None:
        self.clock = clock
        self.wake = threading.Event()
        self.cluster, self.fabric = Cluster(), Fabric()
        self.freeze = Freeze()
        self.read_only = False
        self.plans = list(plans) or [Plan()]
        self.reports: list[Report | Exception] = []
        self.did: list[str] = []
        self.gives_up = False
        self.on_read: Callable[[], None] = lambda: None

    @property
    def engine(self) -> Engine:
        return cast("Engine", self)

    @property
    def troubles(self) -> Mapping[str, str]:
        return {**self.cluster.troubles(), **self.fabric.troubles()}

    def freshness(self) -> Mapping[str, Freshness]:
        return {str(source): self.cluster.freshness for source in Source}

    def __enter__(self) -> Self:
        self.did.append("open")
        return self

    def __exit__(self, *_: object) -> None:
        self.did.append("close")

    def start(self) -> None:
        self.did.append("start")

    def follow(self) -> None:
        self.did.append("follow")

    def reread(self) -> None:
        self.did.append("reread")

    def renew_credential(self) -> None:
        self.did.append("renew")

    def read(self) -> None:
        self.did.append("read")
        self.on_read()

    def look(self) -> Plan:
        self.did.append("look")
        return self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]

    def write(self, plan: Plan, *, give_up: bool = False) -> Report:
        self.gives_up = give_up
        self.did.append(f"write {len(plan.actionable)}")
        report: Any = self.reports.pop(0) if self.reports else Report(done=plan.actionable)
        if isinstance(report, Exception):
            raise report
        return cast("Report", report)
