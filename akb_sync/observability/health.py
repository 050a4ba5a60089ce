"""Whether the process is alive, and whether it is ready.

- *Alive*: the loop turns, or a write goes on. Whatever an APIC or a cluster answers, the loop turns; so if it
  stands still, a new process is the only thing that helps.
- *Ready*: both views were fresh in the last look. A follower is ready too: it keeps both views fresh, so that
  it can take over at once, and a rolling update must not wait for it to lead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from akb_sync.clock import Clock
from akb_sync.engine.observer import Look
from akb_sync.engine.report import Report
from akb_sync.model import Freshness

LONGEST_TURN = 120.0
"""Seconds without a sign of life after which the loop is taken to stand still. The longest single thing that
a turn does is a request that no controller answers, and it has a time limit well below."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to a probe: yes or no, and a line that says why."""

    well: bool
    text: str


class Health:
    """An observer that answers probes."""

    def __init__(self, clock: Clock, alive_at: Callable[[], float]) -> None:
        """`alive_at` gives when the loop gave its last sign of life, in monotonic seconds."""
        self._clock, self._alive_at = clock, alive_at
        self._look: Look | None = None

    @property
    def troubles(self) -> Mapping[str, str]:
        """Nothing can be wrong with it."""
        return {}

    def looked(self, look: Look) -> None:
        """Remember it."""
        self._look = look

    def wrote(self, _report: Report, _seconds: float) -> None:
        """What was written says nothing of either."""

    def alive(self) -> Answer:
        """Say whether the loop turns."""
        silent = self._clock.monotonic() - self._alive_at()
        return Answer(silent < LONGEST_TURN, f"the last sign of life was {max(0.0, silent):.0f} s ago")

    def ready(self) -> Answer:
        """Say whether both views are fresh."""
        look = self._look
        if look is None or look.plan is None:
            return Answer(well=False, text="not every kind was read yet")
        if not self.alive().well:
            return Answer(well=False, text=self.alive().text)
        if look.troubles:
            return Answer(
                well=False, text="; ".join(f"{name}: {text}" for name, text in look.troubles.items())
            )
        old = sorted(name for name, one in look.freshness.items() if one is not Freshness.FRESH)
        if old:
            return Answer(well=False, text=f"not fresh: {', '.join(old)}")
        return Answer(well=True, text="both views are fresh; " + _part(look))


def _part(look: Look) -> str:
    if look.dry:
        return "this is a dry run"
    if look.paused is not None:
        return "the engine is paused"
    return "this process leads" if look.leading else "another process leads"
