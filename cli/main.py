"""The program `akb-sync`: which commands there are, and how the process ends."""

from __future__ import annotations

import sys

import typer

from akb_sync.errors import AkbSyncError, SettingsError

from .adopt import adopt
from .config import config
from .demo import demo
from .doctor import doctor
from .exits import Exit, give_output_up, say_error
from .explain import explain
from .pause import pause, resume
from .plan import plan
from .purge import purge
from .release import release
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
""",
)
app.command()(watch)
app.command()(plan)
app.command()(sync)
app.command()(status)
app.command()(pause)
app.command()(resume)
app.command()(explain)
app.command()(doctor)
app.command()(adopt)
app.command()(release)
app.command()(purge)
app.command()(restore)
app.command()(demo)
app.add_typer(simulate, name="simulate")
app.add_typer(config, name="config")
app.command()(version)


def main() -> None:
    """Run the program, and end the process with an exit code that means something."""
    try:
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
    sys.stderr.write(f"error: {message.rstrip('.')}; see `{command} --help`\n")
