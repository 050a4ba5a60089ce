"""The faults of one simulator: hooks for tests to set, and questions for the layers that carry them out.

A hook is a rule like one of a script, made by a call. All of them may be set from any thread while the
simulator runs; those that are counted work off their count.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import TypeVar

from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.faults import effects
from akb_sync.simulators.apic.faults.effects import (
    Canned,
    Effect,
    EventEffect,
    EventVerdict,
    Levers,
    Loss,
    MomentEffect,
    RequestEffect,
    RequestVerdict,
)
from akb_sync.simulators.apic.faults.occasions import EventOccasion, Occasion, RequestOccasion, WriteOccasion
from akb_sync.simulators.apic.faults.rules import Match, Rule, When

Found = TypeVar("Found", bound=Effect)


class Faults:
    """The faults that are set.

    Attributes:
        latency: seconds that every request waits before it is looked at.
        event_latency: seconds that every event frame waits.
        silent_sockets: websockets stay open but send nothing, not even pongs.
        refuse_logins: every login fails as with a wrong password.
        elapsed: the clock that rules with a time go by.
    """

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self.latency = 0.0
        self.event_latency = 0.0
        self.silent_sockets = False
        self.refuse_logins = False
        self.elapsed = elapsed
        self._lock = threading.Lock()
        self._hooks: list[Rule] = []
        self._script: list[Rule] = []
        self._levers: Levers | None = None
        self._close_sockets: Callable[[], None] = _nothing

    def bind(self, levers: Levers, close_sockets: Callable[[], None]) -> None:
        """Give what acts at once its way to the simulator; `close_sockets` may wait until they are closed."""
        self._levers = levers
        self._close_sockets = close_sockets

    # ---- scripts

    def load(self, rules: Sequence[Rule]) -> None:
        """Put the rules of a script in force, in place of an earlier script's; their time begins now."""
        now = self.elapsed()
        for rule in rules:
            rule.began = now
        with self._lock:
            self._script = list(rules)

    def unload(self) -> None:
        """Take the script out of force; what it did stays done."""
        with self._lock:
            self._script = []

    @property
    def timed(self) -> bool:
        """Whether the script has something that waits for nothing but its time."""
        return any(isinstance(rule.effect, MomentEffect) and rule.match.everything for rule in self.script)

    @property
    def script(self) -> list[Rule]:
        """The rules of the script that is in force, with their counts."""
        with self._lock:
            return list(self._script)

    # ---- hooks

    def answer_next(
        self, answer: Canned | str, count: int = 1, method: str | None = None, path: str = ""
    ) -> None:
        """Answer the next `count` requests without looking at them.

        Only requests of the method, if one is given, whose path with query a regular expression finds.
        """
        self._add(effects.Answer(Canned(answer)), count, Match(method, re.compile(path)))

    def hang(self, count: int = 1, method: str | None = None, path: str = "") -> None:
        """Never answer the next `count` requests (of a kind, as above), and do nothing about them."""
        self._add(effects.Lose(Loss.HANG), count, Match(method, re.compile(path)))

    def lose_answers(self, count: int = 1, how: Loss | str = Loss.CLOSE) -> None:
        """Carry out the next `count` writes, and lose their answers."""
        self._add(effects.LoseAnswer(Loss(how)), count)

    def reject(
        self, pattern: str, code: str = "100", text: str = "Validation failed", count: int | None = None
    ) -> None:
        """Refuse writes of objects whose dn matches a regular expression, `count` times or for good."""
        self._add(effects.Reject(ApicError(code, text)), count, Match(dn=re.compile(pattern)))

    def drop_events(self, count: int) -> None:
        """Lose the next `count` event frames."""
        self._add(effects.DropEvent(), count)

    def duplicate_events(self, count: int) -> None:
        """Send the next `count` event frames twice."""
        self._add(effects.DoubleEvent(), count)

    def close_sockets(self) -> None:
        """Close every websocket now."""
        self._close_sockets()

    def expire_sessions(self) -> None:
        """End every session now."""
        if self._levers is not None:
            self._levers.end_sessions()

    def change_certificate(self, *, stranger: bool = False) -> None:
        """Show another certificate to new connections, of the same authority or of one nobody knows."""
        if self._levers is not None:
            self._levers.change_certificate(stranger=stranger)

    def clear(self) -> None:
        """Behave again: forget every hook that is set, and the script."""
        with self._lock:
            self.latency = self.event_latency = 0.0
            self.silent_sockets = self.refuse_logins = False
            self._hooks = []
            self._script = []

    # ---- questions of the layers

    def of_request(self, occasion: RequestOccasion) -> RequestVerdict:
        """What a request meets; moments that wait for a request like it come too."""
        verdict = RequestVerdict(delay=self.latency)
        if not (self._hooks or self._script):
            return verdict
        with self._lock:
            moments = [effect for rule, effect in self._each(occasion, MomentEffect, armed=True)]
            for rule, effect in self._each(occasion, RequestEffect):
                effect.spoil(verdict, rule.random)
                if verdict.answer is not None:
                    break
            self._sweep()
        self._pull(moments)
        return verdict

    def of_commit(self, occasion: RequestOccasion) -> Loss | None:
        """How the answer of a write that was carried out is lost, if it is."""
        with self._lock:
            lost = next((effect.how for _, effect in self._each(occasion, effects.LoseAnswer)), None)
            self._sweep()
        return lost

    def check(self, operations: Iterable[Operation]) -> None:
        """Raise the rejection that is set for one of the objects of a request."""
        if not (self._hooks or self._script):
            return
        occasion = WriteOccasion(tuple((each.schema.name, each.dn) for each in operations))
        with self._lock:
            rejected = next((effect.error for _, effect in self._each(occasion, effects.Reject)), None)
            self._sweep()
        if rejected is not None:
            raise ApicError(rejected.code, rejected.text, rejected.status)

    def of_event(self, occasion: EventOccasion) -> EventVerdict:
        """What a frame meets."""
        verdict = EventVerdict()
        if not (self._hooks or self._script):
            return verdict
        with self._lock:
            for rule, effect in self._each(occasion, EventEffect):
                effect.spoil(verdict, rule.random)
                if verdict.copies != 1:
                    break
            self._sweep()
        return verdict

    def tick(self) -> None:
        """Let what waits for nothing but its time happen."""
        now = self.elapsed()
        with self._lock:
            timed = [rule for rule in self._script if rule.match.everything]
            due = [rule.effect for rule in timed if isinstance(rule.effect, MomentEffect) and rule.due(now)]
        self._pull(due)

    def _add(self, effect: Effect, count: int | None, match: Match | None = None) -> None:
        rule = Rule("hook", effect, match or Match(), When(times=count), Random(0), self.elapsed())  # noqa: S311
        with self._lock:
            self._hooks.append(rule)

    def _each(
        self, occasion: Occasion, kind: type[Found], *, armed: bool = False
    ) -> Iterator[tuple[Rule, Found]]:
        """The rules of a kind that strike, asked one by one: who stops asking leaves the others uncounted.

        `armed` leaves out those that wait for a time and no occasion.
        """
        now = self.elapsed()
        for rule in (*self._hooks, *self._script):
            if not isinstance(rule.effect, kind) or (armed and rule.match.everything):
                continue
            if rule.strikes(occasion, now):
                yield rule, rule.effect

    def _sweep(self) -> None:
        self._hooks = [rule for rule in self._hooks if not rule.spent]

    def _pull(self, moments: Sequence[MomentEffect]) -> None:
        if self._levers is not None:
            for moment in moments:
                moment.pull(self._levers)


def _nothing() -> None:
    """What unbound hooks do."""
