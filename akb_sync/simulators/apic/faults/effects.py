"""How an occasion is spoiled: one small class for each way, with what it needs to know.

Each of them happened to somebody's client of a real APIC. The base class says where an effect is asked for:
requests, the answers of commits, the objects of writes, event frames, or a moment that the whole simulator
feels.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol

from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.faults.distributions import Distribution

REST_TIMEOUT = 90.0
"""Seconds after which a real APIC gives a query up (`restTimeoutSeconds` of a login)."""


class Canned(StrEnum):
    """Answers that come from in front of the APIC's logic, or from an overloaded one."""

    BUSY = "busy"  # 503 with an HTML page of nginx
    QUEUE_FULL = "queue-full"  # 202 "APIC queue is full, slow down"
    NOT_ALLOWED = "not-allowed"  # intermittent 405 in mass deletes
    HTML = "html"  # 200, and an HTML page where JSON belongs
    EMPTY = "empty"  # 200, a count and none of the objects that it counts


class Loss(StrEnum):
    """How an answer is lost."""

    CLOSE = "close"  # the connection is cut
    HANG = "hang"  # nothing comes, until the client gives up or the simulator stops


class Levers(Protocol):
    """What faults do to the simulator as a whole. No method may wait for the loop of a server."""

    def end_sessions(self) -> None:
        """End every session."""

    def close_sockets(self) -> None:
        """Close every websocket."""

    def change_certificate(self, *, stranger: bool) -> None:
        """Show another certificate to new connections."""

    def stop_controller(self, number: int) -> None:
        """Stop a controller."""

    def start_controller(self, number: int) -> None:
        """Start a controller."""


@dataclass(slots=True)
class RequestVerdict:
    """What a request meets.

    Attributes:
        delay: seconds to wait first.
        answer: what is answered in place of the APIC; None lets the request through.
        end_session: the session of the request is to end first.
    """

    delay: float = 0.0
    answer: Canned | ApicError | Loss | None = None
    end_session: bool = False


@dataclass(slots=True)
class EventVerdict:
    """What a frame meets.

    Attributes:
        copies: how often it is sent.
        delay: seconds that it comes late.
        silence: seconds that the websocket says nothing from now on; None for not at all.
    """

    copies: int = 1
    delay: float = 0.0
    silence: float | None = None


class Effect:
    """What all effects share."""

    def applies(self, now: float) -> bool:  # noqa: ARG002 - some effects look at the time
        """Whether the effect has anything to do about an occasion that its rule chose."""
        return True


class RequestEffect(Effect):
    """Spoils requests before they are looked at."""

    def spoil(self, verdict: RequestVerdict, random: Random) -> None:
        """Write into the verdict what becomes of the request."""
        raise NotImplementedError


class EventEffect(Effect):
    """Spoils event frames."""

    def spoil(self, verdict: EventVerdict, random: Random) -> None:
        """Write into the verdict what becomes of the frame."""
        raise NotImplementedError


class MomentEffect(Effect):
    """Happens to the simulator as a whole, at a time or when a request comes."""

    def pull(self, levers: Levers) -> None:
        """Do it."""
        raise NotImplementedError


# ---- requests


@dataclass(frozen=True, slots=True)
class Delay(RequestEffect):
    """The request waits before it is looked at."""

    seconds: Distribution

    def spoil(self, verdict: RequestVerdict, random: Random) -> None:
        """Wait longer."""
        verdict.delay += self.seconds.draw(random)


@dataclass(frozen=True, slots=True)
class SlowQuery(RequestEffect):
    """The query takes its time, and fails as a timeout when that is more than the APIC allows."""

    seconds: Distribution
    limit: float = REST_TIMEOUT

    def spoil(self, verdict: RequestVerdict, random: Random) -> None:
        """Wait as long as the query takes or is allowed to."""
        taken = self.seconds.draw(random)
        verdict.delay += min(taken, self.limit)
        if taken > self.limit:
            verdict.answer = ApicError("503", "Unable to deliver the message, Resolve timeout", 503)


@dataclass(frozen=True, slots=True)
class Answer(RequestEffect):
    """The request is answered without being looked at."""

    answer: Canned | ApicError

    def spoil(self, verdict: RequestVerdict, random: Random) -> None:  # noqa: ARG002 - others draw
        """Answer."""
        verdict.answer = self.answer


@dataclass(frozen=True, slots=True)
class Lose(RequestEffect):
    """The request is not answered, and nothing is done about it."""

    how: Loss

    def spoil(self, verdict: RequestVerdict, random: Random) -> None:  # noqa: ARG002 - others draw
        """Answer nothing."""
        verdict.answer = self.how


@dataclass(slots=True)
class Throttle(RequestEffect):
    """More requests than a rate allows get nginx's 503 page; a bucket of `burst` requests evens it out."""

    rate: float
    burst: int
    _level: float = field(init=False)
    _seen: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._level = float(self.burst)

    def applies(self, now: float) -> bool:
        """Whether the bucket is empty; takes one request out of it when it is not."""
        elapsed = 0.0 if self._seen is None else now - self._seen
        self._seen = now
        self._level = min(float(self.burst), self._level + elapsed * self.rate)
        if self._level < 1.0:
            return True
        self._level -= 1.0
        return False

    def spoil(self, verdict: RequestVerdict, random: Random) -> None:  # noqa: ARG002 - others draw
        """Answer with the page."""
        verdict.answer = Canned.BUSY


@dataclass(frozen=True, slots=True)
class EndSession(RequestEffect):
    """The session of the request ends before the request is looked at."""

    def spoil(self, verdict: RequestVerdict, random: Random) -> None:  # noqa: ARG002 - others draw
        """End it."""
        verdict.end_session = True


# ---- commits and writes


@dataclass(frozen=True, slots=True)
class LoseAnswer(Effect):
    """The write is carried out, and its answer is lost."""

    how: Loss


@dataclass(frozen=True, slots=True)
class Reject(Effect):
    """The write is refused because of one of its objects, and nothing of it is carried out."""

    error: ApicError


# ---- events


@dataclass(frozen=True, slots=True)
class DropEvent(EventEffect):
    """The frame is never sent."""

    def spoil(self, verdict: EventVerdict, random: Random) -> None:  # noqa: ARG002 - others draw
        """Send nothing."""
        verdict.copies = 0


@dataclass(frozen=True, slots=True)
class DoubleEvent(EventEffect):
    """The frame is sent twice."""

    def spoil(self, verdict: EventVerdict, random: Random) -> None:  # noqa: ARG002 - others draw
        """Send it twice."""
        verdict.copies = 2


@dataclass(frozen=True, slots=True)
class DelayEvent(EventEffect):
    """The frame comes late, and later ones may overtake it."""

    seconds: Distribution

    def spoil(self, verdict: EventVerdict, random: Random) -> None:
        """Send it later."""
        verdict.delay += self.seconds.draw(random)


@dataclass(frozen=True, slots=True)
class SilenceSocket(EventEffect):
    """From this frame on the websocket stays open and sends nothing, not even pongs."""

    seconds: float = float("inf")

    def spoil(self, verdict: EventVerdict, random: Random) -> None:  # noqa: ARG002 - others draw
        """Lose this frame and what follows."""
        verdict.copies, verdict.silence = 0, self.seconds


# ---- moments


@dataclass(frozen=True, slots=True)
class EndSessions(MomentEffect):
    """Every session ends."""

    def pull(self, levers: Levers) -> None:
        """End them."""
        levers.end_sessions()


@dataclass(frozen=True, slots=True)
class CloseSockets(MomentEffect):
    """Every websocket is closed; the sessions go on."""

    def pull(self, levers: Levers) -> None:
        """Close them."""
        levers.close_sockets()


@dataclass(frozen=True, slots=True)
class ChangeCertificate(MomentEffect):
    """Every controller shows another certificate to new connections; the next answers end the old ones."""

    stranger: bool = False  # of an authority that clients do not know

    def pull(self, levers: Levers) -> None:
        """Change it."""
        levers.change_certificate(stranger=self.stranger)


@dataclass(frozen=True, slots=True)
class StopController(MomentEffect):
    """A controller goes away."""

    controller: int

    def pull(self, levers: Levers) -> None:
        """Stop it."""
        levers.stop_controller(self.controller)


@dataclass(frozen=True, slots=True)
class StartController(MomentEffect):
    """A controller comes back."""

    controller: int

    def pull(self, levers: Levers) -> None:
        """Start it."""
        levers.start_controller(self.controller)
