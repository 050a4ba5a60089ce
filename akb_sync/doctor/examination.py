"""All checks at the same time, each with a deadline, and none in the way of another.

A check that has to wait for another starts when that one is well. What hangs is left behind: its thread is a
daemon, and its row says that no answer came.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from akb_sync.errors import AkbSyncError

from .case import Case
from .finding import Finding, Verdict, unknown
from .registry import Check, Group

DEADLINE = 8.0
"""Seconds for one check. A slow APIC answers in less; one that does not answer is the finding."""
_GOOD = (Verdict.OK, Verdict.WARNING)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """One row: the check, what it found, and how long that took (seconds)."""

    check: Check
    finding: Finding
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """The check's name."""
        return self.check.name

    @property
    def group(self) -> Group:
        """What the check is about."""
        return self.check.group


class Examination:
    """One run of some checks."""

    def __init__(self, case: Case, checks: Iterable[Check], deadline: float = DEADLINE) -> None:
        """Prepare; nothing is looked at yet."""
        self._case = case
        self._checks = {check.name: check for check in checks}
        self._deadline = deadline
        self._results: dict[str, Result] = {}
        self._running: dict[str, float] = {}
        self._answers: queue.Queue[Result] = queue.Queue()

    def run(self) -> tuple[Result, ...]:
        """Make all checks; give their results in the order of the registry."""
        while len(self._results) < len(self._checks):
            self._start_what_can()
            if self._running:
                self._take_one()
        return tuple(self._results[name] for name in self._checks)

    def _start_what_can(self) -> None:
        """Start what rests on nothing that is open; skip what rests on something that is not well."""
        for name, check in self._checks.items():
            if name in self._results or name in self._running:
                continue
            needs = [need for need in check.needs if need in self._checks]
            bad = [need for need in needs if self._is_bad(need)]
            if bad:
                because = f"because {bad[0]} is {self._results[bad[0]].finding.verdict}"
                self._results[name] = Result(check, Finding(Verdict.SKIPPED, because))
            elif all(need in self._results for need in needs):
                self._running[name] = time.monotonic()
                work = threading.Thread(target=self._look, args=(check,), name=f"doctor-{name}", daemon=True)
                work.start()

    def _is_bad(self, name: str) -> bool:
        result = self._results.get(name)
        return result is not None and result.finding.verdict not in _GOOD

    def _take_one(self) -> None:
        oldest = min(self._running.values())
        try:
            result = self._answers.get(timeout=max(0.0, oldest + self._deadline - time.monotonic()))
        except queue.Empty:
            self._give_up_on_the_late()
            return
        if result.name in self._running:  # else it was given up already
            del self._running[result.name]
            self._results[result.name] = result

    def _give_up_on_the_late(self) -> None:
        now = time.monotonic()
        for name, began in list(self._running.items()):
            if now - began >= self._deadline:
                del self._running[name]
                finding = unknown(f"no answer within {self._deadline:g} s", "run it again with --debug")
                self._results[name] = Result(self._checks[name], finding, now - began)

    def _look(self, check: Check) -> None:
        began = time.monotonic()
        self._answers.put(Result(check, looked(check, self._case), time.monotonic() - began))


def looked(check: Check, case: Case) -> Finding:
    """Make one check; an error becomes its finding."""
    try:
        return check.look(case)
    except AkbSyncError as error:
        return Finding(Verdict.FAILED, error.message, error.next_step)
    except Exception as error:  # noqa: BLE001 - one check's defect must not hide the others' findings
        _log.debug("the traceback of what follows", exc_info=True)
        return unknown(f"unexpected {type(error).__name__}: {error}", "report it with the output of --debug")
