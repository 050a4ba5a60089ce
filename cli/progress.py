"""A bar on stderr for what takes over a second; nothing where nobody watches."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from akb_sync.engine import Engine

from .colour import animated

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

DELAY = 1.0
"""Seconds before it shows: what is quicker needs no sign of life."""
_ERASE = "\r\x1b[2K"
_shown = threading.Event()


def beside(line: str) -> str:
    """Give a line for stderr that takes the place of a bar, if there is one; the bar comes back below."""
    return f"{_ERASE}{line}" if _shown.is_set() else line


def say(line: str) -> None:
    """Write a line to stderr, whether there is a bar or not."""
    sys.stderr.write(f"{beside(line)}\n")


class Bar:
    """One line with what is done, and how much of how many, while a block runs."""

    def __init__(self, what: str, total: int | None = None) -> None:
        """`total` is how many there are of what `done` counts; None when nobody knows."""
        self._what, self._total, self._done = what, total, 0
        self._change = threading.Lock()
        self._over = False
        self._drawn: tuple[Progress, TaskID] | None = None
        self._timer = threading.Timer(DELAY, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        """Show it soon, where somebody looks."""
        if animated(sys.stderr):
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave nothing on the terminal."""
        self._timer.cancel()
        with self._change:
            self._over = True
            if self._drawn:
                self._drawn[0].stop()
                _shown.clear()

    def done(self, count: int = 1) -> None:
        """So many more are done."""
        with self._change:
            self._done += count
            self._update()

    def goes_on(self, what: str, total: int | None = None, done: int = 0) -> None:
        """Something else is done from now on, of which so many are done already."""
        with self._change:
            self._what, self._total, self._done = what, total, done
            self._update()

    def _update(self) -> None:
        if self._drawn:
            progress, task = self._drawn
            progress.update(
                task, description=self._what, total=self._total, completed=self._done, counted=self._counted
            )

    @property
    def _counted(self) -> str:
        return "" if self._total is None else f"{min(self._done, self._total)} of {self._total}"

    def _show(self) -> None:
        # Only people on a terminal who wait pay for the import of rich.
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[counted]}", markup=False),
            TimeElapsedColumn(),
        )
        progress = Progress(
            *columns,
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with self._change:
            if self._over:
                return
            task = progress.add_task(
                self._what, total=self._total, completed=self._done, counted=self._counted
            )
            progress.start()
            _shown.set()
            self._drawn = (progress, task)


def count_writes(engine: Engine, bar: Bar, total: int) -> None:
    """Let a bar count the objects that an engine writes from now on, out of so many."""
    written = under_way = 0

    def began(items: int) -> None:
        nonlocal written, under_way
        written, under_way = written + under_way, items
        if items:
            bar.goes_on("writing to the fabric", total, written)
        else:
            bar.goes_on("looking again")

    engine.on_batch = began


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something is done while the block runs, where nobody knows how much of it there is."""
    with Bar(what):
        yield
