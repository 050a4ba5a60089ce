"""Misbehaviour to order: what a broken, lagging or lying API server does, one fault at a time.

A fault is in force until it is removed (`with faults.error(503, "services"): ...`, or `fault.remove()`) or,
with `times`, used up. `fault.hits` says how often it struck, so that a test can know that it tested
something.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, Self

FaultKind = Literal[
    "latency",
    "error",
    "hang",
    "cut",
    "empty_list",
    "old_view",
    "expire_watch",
    "half_open",
    "duplicate",
    "reorder",
    "suppress",
]


Command = Literal["close", "abort", "expire"]


@dataclass(eq=False)
class Fault:
    """One fault in force. `verb` and `resource` `*` mean all; `times` None means until removed."""

    kind: FaultKind
    verb: str = "*"
    resource: str = "*"
    times: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    hits: int = 0
    in_force: bool = True
    _on_remove: Callable[[], None] = lambda: None

    def remove(self) -> None:
        """End the fault."""
        self.in_force = False
        self._on_remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Faults:
    """The faults of one server.

    `changed` is called whenever one comes or goes, `command` reaches open watches.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []
        self.changed: Callable[[], None] = lambda: None
        self.command: Callable[[str, Command], int] = lambda _resource, _what: 0

    def latency(self, seconds: float, resource: str = "*", verb: str = "*") -> Fault:
        """Each request waits before it is looked at."""
        return self._add(Fault("latency", verb, resource, None, {"seconds": seconds}))

    def error(
        self,
        status: int,
        resource: str = "*",
        verb: str = "*",
        *,
        times: int | None = None,
        html: bool = False,
    ) -> Fault:
        """Requests end with this HTTP status, as a Status object or as the HTML page of a proxy."""
        return self._add(Fault("error", verb, resource, times, {"status": status, "html": html}))

    def forbid(self, resource: str, verb: str = "*") -> Fault:
        """403 on one kind; `KubernetesSimulator.deny` also answers access reviews accordingly."""
        return self.error(403, resource, verb)

    def hang(self, resource: str = "*", verb: str = "*", *, times: int | None = None) -> Fault:
        """Requests get no answer at all while the fault is in force."""
        return self._add(Fault("hang", verb, resource, times))

    def cut_list(self, resource: str = "*", *, times: int | None = 1) -> Fault:
        """The body of a list ends in its middle and the connection with it."""
        return self._add(Fault("cut", "list", resource, times))

    def empty_list(self, resource: str = "*", *, times: int | None = None) -> Fault:
        """Lists are HTTP 200 with no items, whatever there is."""
        return self._add(Fault("empty_list", "list", resource, times))

    def old_view(self, revision: int, resource: str = "*") -> Fault:
        """Lists and watches see nothing newer than `revision`: a replica that was cut off from etcd."""
        return self._add(Fault("old_view", "*", resource, None, {"revision": revision}))

    def expire_watch(self, resource: str = "*", *, times: int | None = 1, http: bool = False) -> Fault:
        """A watch that starts gets 410, as an ERROR event in a 200 stream or, with `http`, as HTTP status."""
        return self._add(Fault("expire_watch", "watch", resource, times, {"http": http}))

    def half_open_watch(self, resource: str = "*") -> Fault:
        """Watches go silent: no event, no bookmark, no end. A stream that was struck stays dead for good."""
        return self._add(Fault("half_open", "watch", resource))

    def duplicate_events(self, resource: str = "*", *, times: int | None = None) -> Fault:
        """Each event of a watch comes twice."""
        return self._add(Fault("duplicate", "watch", resource, times))

    def reorder_events(self, resource: str = "*", *, times: int | None = None) -> Fault:
        """Of two events in a row the later comes first; a lone event comes 0.2 s late."""
        return self._add(Fault("reorder", "watch", resource, times))

    def suppress_event(
        self, resource: str = "*", event_type: str = "*", name: str = "*", *, times: int | None = 1
    ) -> Fault:
        """An event of a watch never comes: by type (`DELETED`) and object name."""
        return self._add(Fault("suppress", "watch", resource, times, {"type": event_type, "name": name}))

    def close_watches(self, resource: str = "*", *, abrupt: bool = False) -> int:
        """End the open watches, in order or in the middle of a chunk; returns how many were told."""
        return self.command(resource, "abort" if abrupt else "close")

    def expire_watches(self, resource: str = "*") -> int:
        """Send 410 into the open watches and end them; returns how many were told."""
        return self.command(resource, "expire")

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            faults, self._faults = self._faults, []
        for fault in faults:
            fault.remove()

    def strike(
        self, kind: FaultKind, verb: str, resource: str, *, subject: dict[str, str] | None = None
    ) -> Fault | None:
        """The first fault of this kind that covers the request, counted as a hit; None when there is none."""
        with self._lock:
            for fault in self._faults:
                if _covers(fault, kind, verb, resource, subject or {}):
                    fault.hits += 1
                    if fault.times is not None and fault.hits >= fault.times:
                        fault.in_force = False
                    self._faults = [known for known in self._faults if known.in_force]
                    return fault
        return None

    def present(self, kind: FaultKind, verb: str, resource: str) -> Fault | None:
        """Like `strike` without counting."""
        with self._lock:
            return next((fault for fault in self._faults if _covers(fault, kind, verb, resource, {})), None)

    def _add(self, fault: Fault) -> Fault:
        fault._on_remove = lambda: self._drop(fault)  # noqa: SLF001 - the registry's own objects
        with self._lock:
            self._faults.append(fault)
        self.changed()
        return fault

    def _drop(self, fault: Fault) -> None:
        with self._lock:
            self._faults = [known for known in self._faults if known is not fault]
        self.changed()


def _covers(fault: Fault, kind: FaultKind, verb: str, resource: str, subject: dict[str, str]) -> bool:
    return (
        fault.in_force
        and fault.kind == kind
        and fault.verb in ("*", verb)
        and fault.resource in ("*", resource)
        and all(fault.values.get(key, "*") in ("*", value) for key, value in subject.items())
    )
