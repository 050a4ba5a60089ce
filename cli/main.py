"""The program `akb-sync`: which commands there are, and how the process ends."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.main import get_command

from akb_sync.errors import AkbSyncError, SettingsError

from .commands import TABLE, Deferred
from .completion_in_bash import answering
from .exits import Exit, give_output_up, say_error
from .garbage import search_seldom
from .repetition import refuse_repeated
from .unset_flags import Group

INTERRUPTED = 130
"""What a shell says of a program that SIGINT ended."""

app = typer.Typer(
    name="akb-sync",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode="rich",  # of the two, the one that keeps the lines of the examples
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


@app.callback()
def akb_sync() -> None:
    """Keeps Cisco ACI external EPGs right for Kubernetes workloads behind an L3Out.

    A Deployment, StatefulSet or DaemonSet with the annotation
    aci.haystacknetworks.com/l3o gets its external EPG, with one subnet for each
    Pod and LoadBalancer address.

    Examples:
        akb-sync demo                see it work on this machine

        akb-sync doctor              is everything as it has to be?

        akb-sync plan                what would be written, and why

        akb-sync watch --dry-run     follow both sides and write nothing

        akb-sync --install-completion
    """


def program() -> Any:
    """Give the program with all its commands; none of their modules is imported yet."""
    group: Any = get_command(app)
    for entry in TABLE:
        group.add_command(Deferred(entry))
    return group


def main() -> None:
    """Run the program, and end the process with an exit code that means something."""
    search_seldom()  # before the modules of a command come: all that they make stays
    try:
        refuse_repeated(sys.argv[1:])
        with answering(os.environ):
            code = program()(standalone_mode=False)
        sys.stdout.flush()  # what cannot be written any more is found here, and not when Python ends
    except Exception as error:  # noqa: BLE001 - a defect of ours ends in one sentence too
        code = _ended_by(error)
    sys.exit(int(code or 0))


def _ended_by(error: Exception) -> int:
    """Say what ended the program; give the exit code that means it."""
    match error:
        case typer.TyperException():
            _show(error)
            return Exit.USAGE
        case typer.Abort():
            sys.stderr.write("interrupted\n")
            return INTERRUPTED
        case AkbSyncError():
            say_error(error)
            return Exit.USAGE if isinstance(error, SettingsError) else Exit.FAILED
        case BrokenPipeError():
            give_output_up()  # whoever read it has enough of it (`| head`)
            return Exit.DONE
    give_output_up()
    step = "report it with the output of --debug"
    if isinstance(error, OSError):
        of = f"{error.filename}: " if error.filename else ""
        say_error(error, f"the operating system refuses: {of}{error.strerror or error}; {step}")
    else:
        say_error(error, f"unexpected {type(error).__name__}: {error}; {step}")
    return Exit.FAILED


def _show(error: typer.TyperException) -> None:
    """Say what is wrong with the command line; a call without a command shows the help instead."""
    message = error.format_message()
    if "Usage:" in message or not message:
        sys.stderr.write(message + "\n")
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "akb-sync"
    for words, plain in _PLAIN.items():
        message = message.replace(words, plain)
    sys.stderr.write(f"error: {message.rstrip('.')}; see `{command} --help`\n")


_PLAIN = {
    "Value error, ": "",
    "Input should be a valid number, unable to parse string as a number": "it has to be a number",
    "Input should be a valid integer, unable to parse string as an integer": "it has to be a whole number",
    "Input should be a valid boolean, unable to interpret input": "it has to be true or false",
}
"""What the parser says of a value of the wrong kind, in words for people."""
