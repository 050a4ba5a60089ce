"""Programs that are killed and frozen at random, and come back.

Each is struck in both ways once, then chance decides. It follows from a seed; what the programs were doing at
that moment does not.
"""

import heapq
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.e2e.controlplane.processes import Process

KILLED, FROZEN = "SIGKILL", "SIGSTOP"
LIKELY = 0.12
"""Chance of an outage at each step."""


@dataclass(frozen=True)
class Victim:
    """A program.

    Attributes:
        process: it.
        weight: how often it is struck, compared to the others.
        longest: seconds that it is away at most.
        rest: seconds that it is left alone afterwards, so that there is something to strike.
        may_end: whether it ends by itself when a program that it needs is away (the apiserver does).
    """

    process: Process
    weight: int
    longest: float
    rest: float = 1.0
    may_end: bool = False


class Outages:
    """Strikes victims and lets them come back."""

    def __init__(self, victims: Mapping[str, Victim], seed: int) -> None:
        self._victims = victims
        self._rng = random.Random(f"{seed}/outages")
        self._missing = [(name, how) for name in victims for how in (KILLED, FROZEN)]
        self._rng.shuffle(self._missing)
        self._away: set[str] = set()
        self._busy_until: dict[str, float] = {}
        self._due: list[tuple[float, str, str]] = []
        self.struck: Counter[tuple[str, str]] = Counter()
        """How often each was struck: (name, signal) -> count."""

    @property
    def missing(self) -> bool:
        """Whether somebody was not yet struck in both ways."""
        return bool(self._missing)

    def __str__(self) -> str:
        counts = sorted(self.struck.items())
        return ", ".join(f"{how} of {name} {count}x" for (name, how), count in counts)

    def step(self) -> None:
        """Let come back what is due, and perhaps strike."""
        self._come_back(time.monotonic())
        self._revive()
        if self._rng.random() < LIKELY:
            self._strike()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let all come back at once, whatever else went wrong: what follows needs them."""
        self._come_back(float("inf"))

    def _strike(self) -> None:
        weights = [victim.weight for victim in self._victims.values()]
        name = self._rng.choices(list(self._victims), weights)[0]
        how, share = self._rng.choice((KILLED, FROZEN)), self._rng.random()
        name, how = next(filter(self._can_be_struck, self._missing), (name, how))
        if not self._can_be_struck((name, how)):
            return
        victim, now = self._victims[name], time.monotonic()
        if how == KILLED:
            victim.process.kill()
        else:
            victim.process.pause()
        self._away.add(name)
        heapq.heappush(self._due, (now + share * victim.longest, name, how))
        self.struck[name, how] += 1
        if (name, how) in self._missing:
            self._missing.remove((name, how))

    def _can_be_struck(self, strike: tuple[str, str]) -> bool:
        name, _ = strike
        return name not in self._away and time.monotonic() >= self._busy_until.get(name, 0.0)

    def _come_back(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            _, name, how = heapq.heappop(self._due)
            process = self._victims[name].process
            if how == KILLED:
                process.start()
            else:
                process.resume()
            self._away.discard(name)
            self._busy_until[name] = time.monotonic() + self._victims[name].rest

    def _revive(self) -> None:
        """Who ended without having been struck had better be allowed to."""
        for name, victim in self._victims.items():
            if name not in self._away and not victim.process.running:
                if not victim.may_end:
                    victim.process.must_run()
                victim.process.start()
