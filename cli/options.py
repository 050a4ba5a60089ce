"""Flags made of the settings' table, so that an option is described once.

Precedence is Click's own: flag, then environment variable, then the file of `--config` (which fills
Click's default map), then the default.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from akb_sync.errors import SettingsError
from akb_sync.settings import Setting, Settings, read, table

from .logs import set_up_logging


class Output(StrEnum):
    """How objects are printed."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="How to print: table, wide, json or yaml.")
]
NamespaceOption = Annotated[
    str,
    typer.Option(
        "--namespace", "-n", help="Show and do only what concerns this namespace; everything is read."
    ),
]
SelectorOption = Annotated[
    str,
    typer.Option(
        "--selector", "-l", help="Show and do only what concerns workloads with these labels (a=b,c=d)."
    ),
]


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one flag for each setting, and call it with `settings` made of them."""

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        arguments.pop("config")
        set_up_logging(debug=arguments.pop("debug"))
        values = {setting.name: _value(setting, arguments) for setting in table()}
        command(settings=Settings(**values), **arguments)

    own = [
        parameter
        for name, parameter in inspect.signature(command, eval_str=True).parameters.items()
        if name != "settings"
    ]
    flagged = (_option(setting) for setting in table() if setting.flag)
    options = [_config_option(), _debug_option(), *flagged]
    # Typer reads the signature; the settings follow the command's own parameters.
    run.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in [*own, *options]}
    return run


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
        rich_help_panel=setting.panel,
        show_default=setting.default not in (None, "", ()),
    )
    repeatable = _repeatable(setting)
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=[] if repeatable else setting.default,
        annotation=Annotated[list[str] if repeatable else setting.type, option],
    )


def _repeatable(setting: Setting) -> bool:
    return bool(setting.type == tuple[str, ...])


def _config_option() -> inspect.Parameter:
    option = typer.Option(
        "--config",
        envvar="AKB_SYNC_CONFIG",
        help="A YAML file of settings: names as the flags, without the dashes in front.",
        is_eager=True,
        callback=_load_config,
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


def _load_config(context: typer.Context, path: Path | None) -> Path | None:
    if path:
        context.default_map = {**(context.default_map or {}), **_file_settings(path)}
    return path


def _file_settings(path: Path) -> dict[str, Any]:
    """Read a settings file; the names are checked here, the values by Click like a flag's."""
    try:
        document = yaml.safe_load(read(path, "--config"))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise SettingsError(f"{path} is no YAML{line}", "mend the file that --config names") from error
    if not isinstance(document, dict):
        raise SettingsError(f"{path} holds no mapping of settings", "write one `name: value` a line")
    values = {str(name).replace("-", "_"): value for name, value in document.items()}
    for secret in (setting for setting in table() if not setting.flag and setting.name in values):
        raise SettingsError(
            f"{path} holds the secret {secret.name!r}", f"keep it in ${secret.env} or in a file of its own"
        )
    known = {setting.name for setting in table() if setting.flag}
    unknown = sorted(values.keys() - known)
    if unknown:
        raise SettingsError(
            f"{path} has the unknown setting {unknown[0]!r}", f"the settings are {', '.join(sorted(known))}"
        )
    return {setting.name: _as_flags(setting, values) for setting in table() if setting.name in values}


def _as_flags(setting: Setting, values: dict[str, Any]) -> Any:
    """A setting that may be repeated is a list; one value of it may stand alone."""
    value = values[setting.name]
    return [value] if _repeatable(setting) and not isinstance(value, list) else value
