"""The faults that the laboratory puts at single points, each said once for both sides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from akb_sync.apic.wire import Reply

from .ledger import Crashed, Exchange, Fault, Point, What


class End(StrEnum):
    """How a request ends for the engine."""

    ANSWERED = "answered"
    CRASH = "crash"
    LOST = "lost"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way in which one point goes wrong."""

    name: str
    where: frozenset[What]
    sent: bool = True
    """Whether a request is carried out."""
    end: End = End.ANSWERED
    takes: int = 1
    """How often an event is taken, unless the process ends before it."""

    def __str__(self) -> str:
        return self.name


CRASH_BEFORE = Pattern("crash before", frozenset(What), sent=False, end=End.CRASH)
CRASH_AFTER = Pattern("crash after", frozenset({What.REQUEST}), end=End.CRASH)
LOSE_ANSWER = Pattern("lose answer", frozenset({What.REQUEST}), end=End.LOST)
TURN_AWAY = Pattern("turn away", frozenset({What.REQUEST}), sent=False, end=End.BUSY)
HIDE = Pattern("hide", frozenset({What.EVENT}), takes=0)
REPEAT = Pattern("repeat", frozenset({What.EVENT}), takes=2)
FABRIC = "fabric"
PATTERNS = (CRASH_BEFORE, CRASH_AFTER, LOSE_ANSWER, TURN_AWAY, HIDE, REPEAT)


@dataclass
class FaultWhere(Fault):
    """A pattern at every point that a condition finds."""

    pattern: Pattern
    strikes: Callable[[Point], bool]
    struck: int = 0

    def request(self, point: Point, exchange: Exchange) -> object:
        if not self.strikes(point):
            return exchange.send()
        self.struck += 1
        answer = exchange.send() if self.pattern.sent else None
        match self.pattern.end:
            case End.CRASH:
                raise Crashed
            case End.LOST:
                raise exchange.lost()
            case End.BUSY:
                raise exchange.busy()
        return answer

    def event(self, point: Point) -> int:
        if not self.strikes(point):
            return 1
        self.struck += 1
        if self.pattern.end is End.CRASH:
            raise Crashed
        return self.pattern.takes


class FaultAt(FaultWhere):
    """A pattern at one point of a run."""

    def __init__(self, pattern: Pattern, number: int) -> None:
        super().__init__(pattern, lambda point: point.number == number)
        self._number = number

    def __str__(self) -> str:
        return f"{self.pattern} at {self._number}"


class Storm(Fault):
    """The fabric gives one answer to everything, while it lasts; the requests are counted."""

    def __init__(self, status: int, body: bytes) -> None:
        self._status, self._body = status, body
        self.rages = False
        self.asked: list[Point] = []

    def request(self, point: Point, exchange: Exchange) -> object:
        if not self.rages or point.side != FABRIC:
            return exchange.send()
        self.asked.append(point)
        return Reply("https://apic.example", self._status, self._body)

    def event(self, _point: Point) -> int:
        return 1


class OldAnswer(Fault):
    """One read gets the oldest answer that there ever was to the same question, if it was another one.

    A controller that lags behind its cluster, or a cache before an API server, answers so.
    """

    def __init__(self, number: int) -> None:
        self.struck = 0
        self._number = number
        self._first: dict[str, object] = {}

    def request(self, point: Point, exchange: Exchange) -> object:
        answer = exchange.send()
        old = self._first.setdefault(point.name, answer)
        if point.number != self._number:
            return answer
        self.struck += 1
        return exchange.aged(answer, old)

    def event(self, _point: Point) -> int:
        return 1

    def __str__(self) -> str:
        return f"old answer at {self._number}"


def points_of(pattern: Pattern, points: Iterable[Point]) -> list[Point]:
    """The points of a run at which a pattern makes sense."""
    return [point for point in points if point.what in pattern.where]


def repeated_reads(points: Iterable[Point], prefix: str) -> list[Point]:
    """The reads that have been made before, whose names begin so."""
    seen: set[str] = set()
    found = []
    for point in points:
        if point.name in seen and point.name.startswith(prefix):
            found.append(point)
        seen.add(point.name)
    return found
