"""Everything that an engine sends and takes, numbered, so that a fault can be put at each single point.

A point is one request to either side, or one event from either side. Its number is its place in the order in
which a run meets it; a run is driven by one thread and a clock that is turned by hand, so the same story
without faults meets the same points each time.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class What(StrEnum):
    """What happens at a point."""

    REQUEST = "request"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Point:
    """One request or event; `name` says which, without what differs between runs."""

    number: int
    what: What
    side: str
    name: str
    writes: bool = False

    def __str__(self) -> str:
        return f"{self.what} {self.number} ({self.side}: {self.name})"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that is about to be sent, and how its side tells of what goes wrong with it."""

    send: Callable[[], Any]
    lost: Callable[[], BaseException]
    """The request was carried out and its answer never came."""
    busy: Callable[[], BaseException]
    """The server turned the request away."""
    aged: Callable[[Any, Any], Any] = lambda _answer, old: old
    """How an old answer to the same question looks now: of the new answer and the old one."""


class Crashed(BaseException):
    """The process ends here, and no handler of an error takes it for one: as with SIGKILL."""


class Fault(ABC):
    """What goes wrong in a run."""

    @abstractmethod
    def request(self, point: Point, exchange: Exchange) -> object:
        """Send a request, or not, and give its answer, or not."""

    @abstractmethod
    def event(self, point: Point) -> int:
        """How many times the engine takes an event."""


class NoFault(Fault):
    """All is well."""

    def request(self, _point: Point, exchange: Exchange) -> object:
        return exchange.send()

    def event(self, _point: Point) -> int:
        return 1


@dataclass
class Ledger:
    """The points of one run, and the fault that is at some of them."""

    fault: Fault = field(default_factory=NoFault)
    points: list[Point] = field(default_factory=list)
    dead: bool = False
    """Whether the process has crashed: it sends nothing any more."""

    def request(self, side: str, name: str, exchange: Exchange, *, writes: bool = False) -> Any:
        """Let a request through, as far as the fault does."""
        if self.dead:
            raise Crashed
        point = self._note(What.REQUEST, side, name, writes=writes)
        return self._living(lambda: self.fault.request(point, exchange))

    def event(self, side: str, name: str, event: Any, take: Callable[[Any], object]) -> None:
        """Let an event through, as often as the fault does."""
        for each in self.heard(side, name, event):
            take(each)

    def heard(self, side: str, name: str, event: Any) -> list[Any]:
        """Give an event as often as the engine takes it."""
        if self.dead:
            raise Crashed
        point = self._note(What.EVENT, side, name)
        return [event] * self._living(lambda: self.fault.event(point))

    def _living(self, act: Callable[[], Answer]) -> Answer:
        try:
            return act()
        except Crashed:
            self.dead = True
            raise

    def _note(self, what: What, side: str, name: str, *, writes: bool = False) -> Point:
        point = Point(len(self.points), what, side, name, writes)
        self.points.append(point)
        return point
