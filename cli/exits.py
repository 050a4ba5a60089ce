"""Exit codes that mean something, and how an error becomes one sentence.

No traceback reaches a person who did not ask for it with `--debug`.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import NoReturn

import typer

from akb_sync.errors import AkbSyncError, SettingsError

from .text import harmless

log = logging.getLogger(__name__)


class Exit(IntEnum):
    """What a command says to the program that called it."""

    DONE = 0
    """Done, and nothing is open."""
    FAILED = 1
    """Failed, or something could not be read."""
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
        except BrokenPipeError:
            give_output_up()  # whoever read it has enough of it (`| head`)
            raise typer.Exit(Exit.DONE) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run


def fail(error: AkbSyncError, code: Exit) -> None:
    """Say what went wrong, where, and the next step; end the program."""
    say_error(error)
    raise typer.Exit(code) from None


def say_error(error: Exception, sentence: str = "") -> None:
    """Say in one sentence on stderr what went wrong; the traceback is for `--debug`."""
    log.debug("the traceback of what follows", exc_info=error)
    sys.stderr.write(f"error: {harmless(sentence or str(error))}\n")


def give_output_up() -> None:
    """What is still in the buffer of stdout has nowhere to go; Python would complain of that at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def finish(code: Exit, troubles: Mapping[str, str]) -> NoReturn:
    """End the program; what could not be read is said on stderr, and then it has failed."""
    from akb_sync.engine.troubles import told  # noqa: PLC0415 - brings the engine; `version` needs none

    for sentence in told(troubles):
        sys.stderr.write(f"error: {harmless(sentence)}\n")
    raise typer.Exit(Exit.FAILED if troubles else code)
