"""Who is told of what the engine sees and does, without the engine knowing them: log, Events, metrics, state.

None of them can stop the work: what goes wrong in one is its trouble, which is said once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from akb_sync.model import Freshness
from akb_sync.plan import Plan
from akb_sync.state import Pause

from .report import Report

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """One turn of the engine, before anything is written."""

    plan: Plan | None
    """What is to be done; None while not every kind was read."""
    now: float
    """The time in monotonic seconds."""
    seconds: float = 0.0
    """How long it took to make the plan."""
    leading: bool = True
    """Whether this engine may write."""
    dry: bool = False
    """Whether it has no means to write at all."""
    paused: Pause | None = None
    """The freeze that is in force."""
    freshness: Mapping[str, Freshness] = field(default_factory=dict)
    """How far each kind of the cluster (`pods`) and each L3Out (`tenant/name`) can be believed."""
    troubles: Mapping[str, str] = field(default_factory=dict)
    """What cannot be read or written: name to sentence."""

    @property
    def fresh(self) -> bool:
        """Whether all of both sides can be believed."""
        return (
            self.plan is not None
            and not self.troubles
            and all(one is Freshness.FRESH for one in self.freshness.values())
        )


class Observer(Protocol):
    """Told of each turn, in the engine's own thread: it leaves to other threads what takes time."""

    def looked(self, look: Look) -> None:
        """Take note of a look at both sides."""
        ...

    def wrote(self, report: Report, seconds: float) -> None:
        """Take note of what became of a round of writing, which took some seconds; it follows a look."""
        ...

    @property
    def troubles(self) -> Mapping[str, str]:
        """What is wrong with the observer's own work: name to sentence."""
        ...


class Audience:
    """All observers as one."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = list(observers)
        self._failed: dict[int, tuple[str, str]] = {}

    def add(self, observer: Observer) -> None:
        """Tell one more."""
        self._observers.append(observer)

    def looked(self, look: Look) -> None:
        """Tell all of a look."""
        self._tell(lambda observer: observer.looked(look))

    def wrote(self, report: Report, seconds: float) -> None:
        """Tell all of a round of writing."""
        self._tell(lambda observer: observer.wrote(report, seconds))

    @property
    def troubles(self) -> Mapping[str, str]:
        """What is wrong with the observers' work."""
        own = {name: text for observer in self._observers for name, text in observer.troubles.items()}
        return {**own, **dict(self._failed.values())}

    def _tell(self, tell: Callable[[Observer], None]) -> None:
        for observer in self._observers:
            name = type(observer).__name__
            try:
                tell(observer)
            except Exception as error:
                log.debug("the traceback of what follows", exc_info=True)
                text = f"{name} fails with {type(error).__name__}: {error}"
                self._failed[id(observer)] = (name, f"{text}; report it with the log of --debug")
            else:
                self._failed.pop(id(observer), None)
