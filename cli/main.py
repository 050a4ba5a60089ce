"""The program `akb-sync`: which commands there are, and how the process ends."""

from __future__ import annotations

import os
import sys

import typer

from .demo import demo
from .exits import Exit
from .plan import plan
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
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="""
Keeps Cisco ACI external EPGs right for Kubernetes workloads behind an L3Out.

A Deployment, StatefulSet or DaemonSet with the annotation `aci.haystacknetworks.com/l3o` gets its
external EPG, with one subnet for each Pod and LoadBalancer address.
""",
)
app.command()(watch)
app.command()(plan)
app.command()(sync)
app.command()(status)
app.command()(demo)
app.add_typer(simulate, name="simulate")
app.command()(version)


def main() -> None:
    """Run the program, and end the process with an exit code that means something."""
    try:
        code = app(standalone_mode=False)
    except typer.TyperException as error:
        _show(error)
        code = Exit.USAGE
    except typer.Abort:
        sys.stderr.write("interrupted\n")
        code = INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough of it (`| head`); what is left has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.DONE
    sys.exit(int(code or 0))


def _show(error: typer.TyperException) -> None:
    """Say what is wrong with the command line; a call without a command shows the help instead."""
    message = error.format_message()
    if "Usage:" in message or not message:
        sys.stderr.write(message + "\n")
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "akb-sync"
    sys.stderr.write(f"error: {message.rstrip('.')}; see `{command} --help`\n")
