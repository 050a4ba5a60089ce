"""The table of commands: what `akb-sync --help` says of each, and the module that a call of it needs.

The modules of the commands bring the engine, and with it the clients of both APIs: most of what a start
takes. So none of them is imported before it is known which command was typed, and the list of commands, also
that of a Tab, is made of this table alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command, get_group

from .unset_flags import Command

KEEP, LOOK, HANDOVER = "Keep it right", "Look, and write nothing", "Take over and let go"
TRY, OWN = "Try it", "The program itself"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table."""

    name: str
    """What is typed, and what the function, or the group of commands, is called in its module."""
    panel: str
    line: str
    """What it does: the first paragraph of its own help."""
    home: str = ""
    """The module, where it is not called as the command is."""

    @property
    def origin(self) -> Any:
        """The function, or the group of commands; its module is imported."""
        return getattr(import_module(f".{self.home or self.name}", __package__), self.name)


TABLE = (
    Entry("watch", KEEP, "Keep the fabric right until stopped, whatever either side answers."),
    Entry("sync", KEEP, "Bring the fabric to what the cluster wants, once."),
    Entry("pause", KEEP, "Keep every engine of this cluster from writing to the fabric, until `resume`."),
    Entry("resume", KEEP, "End a pause: every engine of this cluster goes on.", home="pause"),
    Entry("status", LOOK, "Show every object that is wanted or ours, and how it is."),
    Entry("plan", LOOK, "Show what `sync` would do, item by item, each with its reason."),
    Entry("explain", LOOK, "Say why an object is on the fabric as it is, or why not."),
    Entry("doctor", LOOK, "Check everything that can be wrong, on both sides and between them."),
    Entry(
        "adopt",
        HANDOVER,
        "Put our mark on an EPG that exists, and on those of its subnets that workloads ask for.",
    ),
    Entry("release", HANDOVER, "Take our mark off an EPG and off its subnets."),
    Entry("purge", HANDOVER, "Delete the EPGs and subnets that bear the mark of a cluster that is gone."),
    Entry("restore", HANDOVER, "Post the objects of a journal back that are absent now."),
    Entry("demo", TRY, "Show the main job on embedded simulators of the APIC and the Kubernetes API."),
    Entry("simulate", TRY, "Serve a simulated APIC or Kubernetes API until stopped."),
    Entry("config", OWN, "Look at the settings that a command would use."),
    Entry("version", OWN, "Print the version of akb-sync."),
)


class Deferred(TyperCommand):
    """A command by its row of the table alone; the command itself is made when it is called."""

    def __init__(self, entry: Entry) -> None:
        """Stand for a command."""
        super().__init__(entry.name, help=entry.line, rich_help_panel=entry.panel)
        self._entry = entry

    @cached_property
    def command(self) -> Any:
        """The command itself; its module is imported. Typer has no public name for what both kinds share."""
        return _made(self._entry.name, self._entry.origin)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Begin a call: from here on the command itself is asked, also for its help."""
        return self.command.make_context(info_name, args, parent=parent, **extra)


def flowing(text: str) -> str:
    """Give a docstring for `--help`, whose lines are as long as the terminal's; examples stay as they are."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(one if "\n " in one else one.replace("\n", " ") for one in paragraphs)


def _made(name: str, origin: typer.Typer | Callable[..., None]) -> Any:
    """Make a command, or a group of commands, of what a module holds."""
    if isinstance(origin, typer.Typer):
        return get_group(origin)
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    alone.command(name, cls=Command, help=flowing(origin.__doc__ or ""))(origin)
    return get_command(alone)
