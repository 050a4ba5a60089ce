"""Whether an occasion is spoiled: what has to match, when it counts, and how often.

A rule draws its chances from a generator of its own, so that with one seed the same requests meet the same
faults, whatever other rules there are.
"""

import re
from dataclasses import dataclass, field
from random import Random

from akb_sync.simulators.apic.faults.effects import Effect
from akb_sync.simulators.apic.faults.occasions import Occasion


@dataclass(frozen=True, slots=True)
class Match:
    """What an occasion has to be like; None and an empty set let everything through.

    Attributes:
        path: found anywhere in the path with its query string.
        dn: found anywhere in a dn.
    """

    method: str | None = None
    path: re.Pattern[str] | None = None
    dn: re.Pattern[str] | None = None
    classes: frozenset[str] = frozenset()
    controller: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is asked for."""
        return self == Match()

    def fits(self, occasion: Occasion) -> bool:
        """Whether an occasion is like that."""
        return (
            self.method in {None, occasion.method}
            and self.controller in {None, occasion.controller}
            and (self.path is None or self.path.search(occasion.path) is not None)
            and ((self.dn is None and not self.classes) or occasion.about(self.dn, self.classes))
        )


@dataclass(frozen=True, slots=True)
class When:
    """When matching occasions are spoiled.

    Attributes:
        after: so many of them pass first.
        times: so many are spoiled at most.
        probability: each of the others is spoiled with this probability.
        start: seconds since the rule began; earlier ones pass, and do not count.
        until: seconds since the rule began; from then on they pass.
    """

    after: int = 0
    times: int | None = None
    probability: float = 1.0
    start: float = 0.0
    until: float | None = None


@dataclass(slots=True, eq=False)
class Rule:
    """One fault.

    Attributes:
        name: what reports call it.
        began: when the rule was put in force, on the simulator's clock.
        seen: how many occasions matched in its time.
        struck: how many it spoiled.
    """

    name: str
    effect: Effect
    match: Match = Match()
    when: When = When()
    random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - chances, not secrets
    began: float = 0.0
    seen: int = 0
    struck: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it may."""
        return self.when.times is not None and self.struck >= self.when.times

    def strikes(self, occasion: Occasion, now: float) -> bool:
        """Whether this occasion is spoiled; counts it."""
        if self.spent or not self.in_time(now) or not self.match.fits(occasion):
            return False
        self.seen += 1
        if self.seen <= self.when.after or self.random.random() >= self.when.probability:
            return False
        if not self.effect.applies(now):
            return False
        self.struck += 1
        return True

    def due(self, now: float) -> bool:
        """Whether the moment of a rule that waits for no occasion has come; True once."""
        if self.struck or not self.in_time(now):
            return False
        self.seen += 1
        self.struck += 1
        return True

    def in_time(self, now: float) -> bool:
        """Whether its time has come and is not over."""
        since = now - self.began
        return self.when.start <= since and (self.when.until is None or since < self.when.until)
