"""The program `akb-sync`: which commands there are, and how the process ends."""

from __future__ import annotations

import inspect
import os
import sys

import typer

from akb_sync.errors import AkbSyncError, SettingsError

from .adopt import adopt
from .completion_in_bash import answering
from .config import config
from .demo import demo
from .doctor import doctor
from .exits import Exit, give_output_up, say_error
from .explain import explain
from .pause import pause, resume
from .plan import plan
from .purge import purge
from .release import release
from .repetition import refuse_repeated
from .restore import restore
from .simulate import simulate
from .status import status
from .sync import sync
from .version import version
from .watch import watch

INTERRUPTED = 130
"""What a shell says of a program that SIGINT ended."""

app = typer.Typer(
    name="akb-sync",
    no_args_is_help=True,
    rich_markup_mode="rich",  # of the two, the one that keeps the lines of the examples
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="""
Keeps Cisco ACI external EPGs right for Kubernetes workloads behind an L3Out.

A Deployment, StatefulSet or DaemonSet with the annotation
aci.haystacknetworks.com/l3o gets its external EPG, with one subnet for each
Pod and LoadBalancer address.

Examples:
    akb-sync demo                see it work on this machine

    akb-sync doctor              is everything as it has to be?

    akb-sync plan                what would be written, and why

    akb-sync watch --dry-run     follow both sides and write nothing

    akb-sync --install-completion
""",
)


def flowing(text: str) -> str:
    """Give a docstring for `--help`, whose lines are as long as the terminal's; examples stay as they are."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(one if "\n " in one else one.replace("\n", " ") for one in paragraphs)


KEEP, LOOK, HANDOVER = "Keep it right", "Look, and write nothing", "Take over and let go"
TRY, OWN = "Try it", "The program itself"
_PANELS = {
    KEEP: (watch, sync, pause, resume),
    LOOK: (status, plan, explain, doctor),
    HANDOVER: (adopt, release, purge, restore),
    TRY: (demo,),
}
for _panel, _commands in _PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel, help=flowing(_command.__doc__ or ""))(_command)
app.add_typer(simulate, name="simulate", rich_help_panel=TRY)
app.add_typer(config, name="config", rich_help_panel=OWN)
app.command(rich_help_panel=OWN)(version)


def main() -> None:
    """Run the program, and end the process with an exit code that means something."""
    try:
        refuse_repeated(sys.argv[1:])
        with answering(os.environ):
            code = app(standalone_mode=False)
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
