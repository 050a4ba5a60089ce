"""Every guard tried: its tests are green with it, and every one of them turns red without it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

from .cut import LostPlaceError
from .guard import Guard
from .workshop import NoVerdictError, Workshop


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one guard's trial."""

    guard: str
    red: tuple[str, ...] = ()
    green: tuple[str, ...] = ()
    """Named tests that did not notice."""
    trouble: str = ""
    """Why there is no verdict."""
    seconds: float = 0.0

    @property
    def killed(self) -> bool:
        """Whether every named test noticed."""
        return bool(self.red) and not self.green and not self.trouble

    def __str__(self) -> str:
        """Say it in a line, or in one for each test that did not notice."""
        if self.killed:
            return f"killed    {self.guard} ({self.seconds:.1f} s)"
        if self.trouble:
            return f"NO RESULT {self.guard}: {self.trouble}"
        word = "PARTLY   " if self.red else "SURVIVED "
        return "\n".join(f"{word} {self.guard}: {test} stays green" for test in self.green)

    def document(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return {**asdict(self), "killed": self.killed}


def tried(guards: Sequence[Guard], project: Path, jobs: int, tell: Callable[[str], None]) -> list[Outcome]:
    """Try the guards of a project, in so many copies of it at once; `tell` is given a line for each.

    Raises:
        NoVerdictError: A test is red, or cannot be run, although nothing was cut out.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="akb-sync-mutants-")))
        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        shops: SimpleQueue[Workshop] = SimpleQueue()
        for number in range(jobs):
            shops.put(stack.enter_context(Workshop(project, folder / str(number))))
        named = sorted({test for guard in guards for test in guard.tests})
        tell(f"first {len(named)} tests with nothing cut out")
        _must_be_green(shops, named)
        outcomes: list[Outcome] = []
        for outcome in _in_any_shop(pool, shops, guards):
            tell(str(outcome))
            outcomes.append(outcome)
    return outcomes


def _must_be_green(shops: SimpleQueue[Workshop], tests: Sequence[str]) -> None:
    shop = shops.get()
    try:
        red = shop.red(tests)
    finally:
        shops.put(shop)
    if red:
        raise NoVerdictError(f"red although nothing is cut out: {', '.join(sorted(red))}")


def _in_any_shop(
    pool: ThreadPoolExecutor, shops: SimpleQueue[Workshop], guards: Sequence[Guard]
) -> Iterator[Outcome]:
    def one(guard: Guard) -> Outcome:
        shop = shops.get()
        try:
            return outcome(shop, guard)
        finally:
            shops.put(shop)

    yield from pool.map(one, guards)


def outcome(shop: Workshop, guard: Guard) -> Outcome:
    """Cut one guard out, run its tests, put it back."""
    began = time.monotonic()
    try:
        with shop.without(guard.cuts):
            red = shop.red(guard.tests)
    except (NoVerdictError, LostPlaceError) as error:
        return Outcome(guard.name, trouble=str(error))
    return Outcome(
        guard.name,
        red=tuple(test for test in guard.tests if test in red),
        green=tuple(test for test in guard.tests if test not in red),
        seconds=round(time.monotonic() - began, 1),
    )
