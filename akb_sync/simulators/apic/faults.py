"""What goes wrong on purpose: hooks that a test sets and that the HTTP and websocket layers ask about.

Each hook is something that happened to somebody's client of a real APIC. Counted hooks work off their
count; all of them may be set from any thread while the simulator runs.
"""

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from akb_sync.simulators.apic.documents import Operation
from akb_sync.simulators.apic.errors import ApicError


class Canned(StrEnum):
    """Answers that come from in front of the APIC's logic, or from an overloaded one."""

    BUSY = "busy"  # 503 with an HTML page of nginx
    QUEUE_FULL = "queue-full"  # 202 "APIC queue is full, slow down"
    NOT_ALLOWED = "not-allowed"  # intermittent 405 in mass deletes
    HTML = "html"  # 200, and an HTML page where JSON belongs


class Loss(StrEnum):
    """How an answer is lost after the commit."""

    CLOSE = "close"  # the connection is cut
    HANG = "hang"  # nothing comes, until the client gives up or the simulator stops


@dataclass(slots=True)
class _Rejection:
    pattern: re.Pattern[str]
    error: ApicError
    left: int | None


@dataclass(slots=True)
class _Ambush:
    """What the next requests of a kind meet; None as the answer is no answer at all."""

    answer: Canned | None
    method: str | None
    path: re.Pattern[str]

    def fits(self, method: str, path: str) -> bool:
        return self.method in {None, method} and self.path.search(path) is not None


class Faults:
    """The hooks of one simulator.

    Attributes:
        latency: seconds that every request waits before it is looked at.
        event_latency: seconds that every event frame waits.
        silent_sockets: websockets stay open but send nothing, not even pongs.
        refuse_logins: every login fails as with a wrong password.
    """

    def __init__(self) -> None:
        self.latency = 0.0
        self.event_latency = 0.0
        self.silent_sockets = False
        self.refuse_logins = False
        self._lock = threading.Lock()
        self._ambushes: deque[_Ambush] = deque()
        self._rejections: list[_Rejection] = []
        self._losses: deque[Loss] = deque()
        self._drops = 0
        self._doubles = 0
        self._close_sockets: Callable[[], None] = _nothing
        self._expire_sessions: Callable[[], None] = _nothing

    def bind(self, close_sockets: Callable[[], None], expire_sessions: Callable[[], None]) -> None:
        """Give the hooks that act at once their way to the simulator."""
        self._close_sockets = close_sockets
        self._expire_sessions = expire_sessions

    def answer_next(
        self, answer: Canned | str, count: int = 1, method: str | None = None, path: str = ""
    ) -> None:
        """Answer the next `count` requests without looking at them.

        Only requests of the method, if one is given, whose path with query a regular expression finds.
        """
        with self._lock:
            self._ambushes.extend([_Ambush(Canned(answer), method, re.compile(path))] * count)

    def hang(self, count: int = 1, method: str | None = None, path: str = "") -> None:
        """Never answer the next `count` requests (of a kind, as above), and do nothing about them."""
        with self._lock:
            self._ambushes.extend([_Ambush(None, method, re.compile(path))] * count)

    def lose_answers(self, count: int = 1, how: Loss | str = Loss.CLOSE) -> None:
        """Carry out the next `count` writes, and lose their answers."""
        with self._lock:
            self._losses.extend([Loss(how)] * count)

    def reject(
        self, pattern: str, code: str = "100", text: str = "Validation failed", count: int | None = None
    ) -> None:
        """Refuse writes of objects whose dn matches a regular expression, `count` times or for good."""
        with self._lock:
            self._rejections.append(_Rejection(re.compile(pattern), ApicError(code, text), count))

    def drop_events(self, count: int) -> None:
        """Lose the next `count` event frames."""
        with self._lock:
            self._drops += count

    def duplicate_events(self, count: int) -> None:
        """Send the next `count` event frames twice."""
        with self._lock:
            self._doubles += count

    def close_sockets(self) -> None:
        """Close every websocket now."""
        self._close_sockets()

    def expire_sessions(self) -> None:
        """End every session now."""
        self._expire_sessions()

    def clear(self) -> None:
        """Behave again: forget every hook that is set."""
        with self._lock:
            self.latency = self.event_latency = 0.0
            self.silent_sockets = self.refuse_logins = False
            self._ambushes.clear()
            self._rejections.clear()
            self._losses.clear()
            self._drops = self._doubles = 0

    def take_ambush(self, method: str, path: str) -> tuple[bool, Canned | None]:
        """Whether a request is caught by a hook, and the answer that it gets; None is no answer at all."""
        with self._lock:
            for index, each in enumerate(self._ambushes):
                if each.fits(method, path):
                    del self._ambushes[index]
                    return True, each.answer
        return False, None

    def take_loss(self) -> Loss | None:
        """How the answer of a committed write is lost, if it is."""
        with self._lock:
            return self._losses.popleft() if self._losses else None

    def copies_of_event(self) -> int:
        """How often the next frame is sent: 0, 1 or 2 times."""
        with self._lock:
            if self._drops:
                self._drops -= 1
                return 0
            if self._doubles:
                self._doubles -= 1
                return 2
        return 1

    def check(self, operations: list[Operation]) -> None:
        """Raise the rejection that is set for one of the objects of a request."""
        with self._lock:
            for rejection in self._rejections:
                if rejection.left == 0 or not any(rejection.pattern.search(each.dn) for each in operations):
                    continue
                if rejection.left is not None:
                    rejection.left -= 1
                raise rejection.error


def _nothing() -> None:
    """What unbound hooks do."""
