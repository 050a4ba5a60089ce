"""The one screen of `watch` on a terminal: when there is one, and what becomes of the log meanwhile."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from akb_sync.clock import Clock
from akb_sync.settings import Settings

from .board import Board
from .colour import animated
from .stopping import Stoppable

PER_SECOND = 4
"""Pictures in a second: a key that is pressed or a window that is resized shows at once."""


def wanted(*, log_format_given: bool) -> bool:
    """Whether `watch` is to show its screen: on a terminal, unless log lines are asked for."""
    debugged = logging.getLogger().level <= logging.DEBUG
    return animated(sys.stdout) and not log_format_given and not debugged


def usual_journal() -> Path | None:
    """Give the file for deleted objects where no log is kept; None when it cannot be had.

    `~/.local/state/akb-sync/deleted.jsonl`, or where `XDG_STATE_HOME` puts it.
    """
    folder = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "akb-sync"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError):  # RuntimeError: nobody's home is known
        return None
    path = folder / "deleted.jsonl"
    return path if os.access(path if path.exists() else folder, os.W_OK) else None


@contextmanager
def screen(board: Board, clock: Clock, running: Stoppable, settings: Settings) -> Iterator[None]:
    """Show the board while the block runs; afterwards the terminal is as it was, with the last screen."""
    # Only people on a terminal pay for the import of rich.
    from rich.console import Console  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    from .screen import Frame, Screen  # noqa: PLC0415

    def now(*, over: bool = False) -> Screen:
        frame = Frame(
            clock.now(),
            apic=settings.apic,
            journal=str(settings.journal or ""),
            stopping=running.stopping,
            writing=running.writing,
            over=over,
        )
        return Screen(board.told, frame)

    console = Console()
    live = Live(
        console=console,
        screen=True,
        get_renderable=now,
        refresh_per_second=PER_SECOND,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with _log_on(board):
        try:
            with live:
                yield
        finally:
            console.print(now(over=True))
            console.line()


@contextmanager
def _log_on(board: Board) -> Iterator[None]:
    """Give the log to the board, and no longer to stderr, if that is the terminal too."""
    root = logging.getLogger()
    before = list(root.handlers)
    root.handlers = [board] if sys.stderr.isatty() else [*before, board]
    try:
        yield
    finally:
        root.handlers = before
