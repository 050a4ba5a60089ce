"""Flags made of the settings' table, so that an option is described once.

Precedence is Click's own: flag, then environment variable, then the file of `--config` (which fills
Click's default map), then the default.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from akb_sync.errors import SettingsError
from akb_sync.settings import Setting, Settings, table

from .completion import namespaces
from .environment import unknown
from .garbage import search_seldom
from .logs import set_up_logging
from .settings_file import file_settings, usual_path
from .text import harmless


class Output(StrEnum):
    """How objects are printed."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"


OutputOption = Annotated[
    Output,
    typer.Option("--output", "-o", metavar="FORMAT", help="How to print: table, wide, json or yaml."),
]
NamespaceOption = Annotated[
    str,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAME",
        help="Show and do only what concerns this namespace; everything is read.",
        autocompletion=namespaces,
    ),
]
SelectorOption = Annotated[
    str,
    typer.Option(
        "--selector",
        "-l",
        metavar="LABELS",
        help="Show and do only what concerns workloads with these labels (a=b,c=d).",
    ),
]


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one flag for each setting, and call it with `settings` made of them."""

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        arguments.pop("config")
        arguments.pop("profile")
        set_up_logging(debug=arguments.pop("debug"))
        search_seldom()
        for sentence in unknown(os.environ):
            sys.stderr.write(f"warning: {harmless(sentence)}\n")
        values = {setting.name: _value(setting, arguments) for setting in table()}
        command(settings=Settings(**values), **arguments)

    own = [
        parameter
        for name, parameter in inspect.signature(command, eval_str=True).parameters.items()
        if name != "settings"
    ]
    flagged = (_option(setting) for setting in table() if setting.flag)
    options = [_profile_option(), _config_option(), _debug_option(), *flagged]
    # Typer reads the signature; the settings follow the command's own parameters.
    run.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in [*own, *options]}
    return run


def given(typed: typer.Context, setting: str) -> bool:
    """Whether a person gave a setting: by its flag, in the environment or in a file."""
    source = typed.get_parameter_source(setting)
    return source is not None and source.name != "DEFAULT"


def _value(setting: Setting, arguments: dict[str, Any]) -> Any:
    """A secret has no flag: it comes from the environment only, or from a file that a flag names."""
    if not setting.flag:
        return os.environ.get(setting.env, setting.default)
    value = arguments.pop(setting.name)
    return tuple(value) if isinstance(value, list) else value


def _option(setting: Setting) -> inspect.Parameter:
    option = typer.Option(
        setting.flag,
        envvar=setting.env,
        help=setting.prose,
        metavar=_metavar(setting),
        rich_help_panel=setting.panel,
        show_default=setting.default not in (None, "", ()),
    )
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=[] if setting.repeatable else setting.default,
        annotation=Annotated[list[str] if setting.repeatable else setting.type, option],
    )


def _metavar(setting: Setting) -> str | None:
    """Say what kind of value a flag takes; Typer's own words are Python's."""
    kind = setting.type
    if setting.repeatable or kind is str:
        return "TEXT"
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "WORD"
    return {float: "SECONDS", int: "NUMBER", bool: None}.get(kind, "FILE")


def _profile_option() -> inspect.Parameter:
    option = typer.Option(
        "--profile",
        envvar="AKB_SYNC_PROFILE",
        metavar="NAME",
        help="A profile of the settings file: its values go before the common ones.",
        is_eager=True,
        callback=_load_settings_file,
    )
    return inspect.Parameter(
        "profile", inspect.Parameter.KEYWORD_ONLY, default="", annotation=Annotated[str, option]
    )


def _config_option() -> inspect.Parameter:
    option = typer.Option(
        "--config",
        envvar="AKB_SYNC_CONFIG",
        metavar="FILE",
        help="A YAML file of settings: names as the flags, without the dashes in front. "
        "Without it ~/.config/akb-sync/config.yaml, if that is there.",
        is_eager=True,
        callback=_load_settings_file,
    )
    return inspect.Parameter(
        "config",
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[Path | None, option],
    )


def _debug_option() -> inspect.Parameter:
    option = typer.Option("--debug", help="Log everything, and show tracebacks.")
    return inspect.Parameter(
        "debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, option]
    )


def _load_settings_file(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """Fill Click's default map from the file, once both the file and the profile are known.

    Click handles eager options in the order in which they were typed, so either may come first.
    """
    given = context.meta.setdefault(__name__, {})
    given[parameter.name] = value
    if len(given) == 2:
        path, profile = given["config"] or usual_path(), given["profile"]
        if profile and path is None:
            raise SettingsError(f"--profile {profile} needs a file of settings", "name it with --config")
        if path:
            context.default_map = {**(context.default_map or {}), **file_settings(path, profile)}
    return value
