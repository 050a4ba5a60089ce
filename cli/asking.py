"""How a person is asked before something is written, and what happens where there is nobody to ask."""

from __future__ import annotations

import sys

import typer

from akb_sync.errors import SettingsError

from .exits import Exit


def agreed(question: str) -> None:
    """Ask on the terminal; a "no" ends the program.

    Raises:
        SettingsError: There is no terminal to ask on.
    """
    must_be_askable()
    if not typer.confirm(question, err=True):
        sys.stderr.write("nothing was written\n")
        raise typer.Exit(Exit.OPEN)


def must_be_askable() -> None:
    """Refuse to go on where nobody can be asked.

    Raises:
        SettingsError: There is no terminal.
    """
    if not sys.stdin.isatty():
        raise SettingsError("there is no terminal to ask on", "add --yes, or --dry-run to look only")
