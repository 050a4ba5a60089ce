"""`akb-sync config show`: each setting's value and where it came from."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer
import yaml
from tabulate import tabulate

from akb_sync.settings import Setting, Settings, table

from .exits import one_sentence
from .options import Output, OutputOption, with_settings
from .settings_file import file_settings, usual_path
from .text import harmless

config = typer.Typer(
    name="config",
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Look at the settings that a command would use.",
)
MASK = "********"


class Origin(StrEnum):
    """Where a value came from, by the name that Click has for it."""

    COMMANDLINE = "flag"
    ENVIRONMENT = "environment"
    DEFAULT_MAP = "file"
    DEFAULT = "default"


@config.callback()
def group() -> None:
    """Look at the settings that a command would use."""


@config.command()
@one_sentence
@with_settings
def show(typed: typer.Context, settings: Settings, output: OutputOption = Output.TABLE) -> None:
    """Show each setting, its value, and where that came from.

    Secrets are masked; nothing is connected to.

    Examples:
        akb-sync config show

        akb-sync config show --profile lab -o yaml
    """
    rows = list(_rows(typed, settings))
    if output in (Output.TABLE, Output.WIDE):
        lines = [[harmless(_text(cell)) for cell in row] for row in rows]
        sys.stdout.write(tabulate(lines, ["SETTING", "VALUE", "FROM"], tablefmt="plain") + "\n")
        return
    document = {name: {"value": value, "from": origin} for name, value, origin in rows}
    text = (
        json.dumps(document, indent=2) if output is Output.JSON else yaml.safe_dump(document, sort_keys=False)
    )
    sys.stdout.write(text.rstrip() + "\n")


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _rows(typed: typer.Context, settings: Settings) -> Iterator[tuple[str, Any, str]]:
    of_profile = _of_profile(typed)
    for setting in table():
        value = getattr(settings, setting.name)
        yield setting.name.replace("_", "-"), _shown(setting, value), _origin(typed, setting, of_profile)


def _shown(setting: Setting, value: Any) -> Any:
    """A value as the settings file has it; a secret only as being there."""
    if not setting.flag:
        return MASK if value else ""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, (StrEnum, Path)):
        return str(value)
    if setting.name == "apic" and "@" in value:
        return f"{MASK}@{value.rpartition('@')[2]}"  # no user belongs there, and perhaps a password
    return "" if value is None else value


def _origin(typed: typer.Context, setting: Setting, of_profile: Collection[str]) -> str:
    if not setting.flag:
        return Origin.ENVIRONMENT.value if os.environ.get(setting.env) else Origin.DEFAULT.value
    source = typed.get_parameter_source(setting.name)
    origin = Origin[source.name] if source else Origin.DEFAULT
    if origin is Origin.ENVIRONMENT:
        return f"{origin.value} {setting.env}"
    if origin is Origin.DEFAULT_MAP:
        profile = f", profile {typed.params['profile']}" if setting.name in of_profile else ""
        return f"{origin.value} {_file(typed)}{profile}"
    return origin.value


def _file(typed: typer.Context) -> Path | None:
    path: Path | None = typed.params.get("config")
    return path or usual_path()


def _of_profile(typed: typer.Context) -> Collection[str]:
    """The settings that the profile gives another value than the rest of the file."""
    path, profile = _file(typed), typed.params.get("profile")
    if not (path and profile):
        return ()
    common = file_settings(path)
    return {name for name, value in file_settings(path, profile).items() if common.get(name) != value}
