"""Exit codes that mean something, and how an error becomes one sentence.

No traceback reaches a person who did not ask for it with `--debug`.
"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from enum import IntEnum

import typer

from akb_sync.errors import AkbSyncError, SettingsError

log = logging.getLogger(__name__)


class Exit(IntEnum):
    """What a command says to the program that called it."""

    DONE = 0
    """Done, and nothing is open."""
    FAILED = 1
    CHANGES = 2
    """`plan` found changes, held ones too."""
    OPEN = 3
    """`sync` or `status`: items are held, in conflict or not right yet."""
    USAGE = 64


def one_sentence(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the library's errors into one sentence on stderr and an exit code."""

    @functools.wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
        except SettingsError as error:
            fail(error, Exit.USAGE)
        except AkbSyncError as error:
            fail(error, Exit.FAILED)
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


def fail(error: AkbSyncError, code: Exit) -> None:
    """Say what went wrong, where, and the next step; end the program."""
    log.debug("the traceback of what follows", exc_info=error)
    sys.stderr.write(f"error: {error}\n")
    raise typer.Exit(code) from None
