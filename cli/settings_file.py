"""The file of settings: one for everything, with profiles for people who have several clusters and fabrics.

A name or a value that is wrong in it is told with the file and the key, since whoever reads the error has
typed a command that names neither.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from akb_sync.errors import SettingsError
from akb_sync.settings import Setting, read, table

PROFILES = "profiles"


def usual_path() -> Path | None:
    """Give `~/.config/akb-sync/config.yaml` (or where `XDG_CONFIG_HOME` puts it), if it is there."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    path = Path(home).expanduser() / "akb-sync" / "config.yaml"
    return path if path.is_file() else None


def file_settings(path: Path, profile: str = "") -> dict[str, Any]:
    """Read the settings of a file, those of a profile before the common ones; values as flags take them.

    Raises:
        SettingsError: It cannot be read, or has a name that is no setting, a secret, or something twice.
    """
    document = _document(path)
    profiles = document.pop(PROFILES, {})
    if not isinstance(profiles, dict) or not all(isinstance(one, dict) for one in profiles.values()):
        raise SettingsError(
            f"{path}: {PROFILES} is no mapping of names to settings", "indent `name: value` lines"
        )
    chosen = _profile(path, profiles, profile)
    for name, settings in profiles.items():
        if settings is not chosen:
            _named(f"{path}: profile {name}", settings)
    return _named(str(path), document) | _named(f"{path}: profile {profile}", chosen)


def _profile(path: Path, profiles: Mapping[Any, dict[str, Any]], wanted: str) -> dict[str, Any]:
    if not wanted:
        return {}
    known = {str(name): settings for name, settings in profiles.items()}
    if wanted not in known:
        there = ", ".join(sorted(known)) or "none"
        raise SettingsError(f"{path} has no profile {wanted!r}", f"its profiles are: {there}")
    return known[wanted]


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands there twice; YAML itself would let the last one win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} stands there twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _document(path: Path) -> dict[Any, Any]:
    try:
        document = yaml.load(read(path, "--config"), Loader=_Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        if isinstance(error, yaml.constructor.ConstructorError):
            raise SettingsError(f"{path}: {error.problem}{line}", "mend that line") from error
        raise SettingsError(f"{path} is no YAML{line}", "mend the file that --config names") from error
    if not isinstance(document, dict):
        raise SettingsError(f"{path} holds no mapping of settings", "write one `name: value` a line")
    return document


def _named(where: str, document: Mapping[Any, Any]) -> dict[str, Any]:
    """Give the values by the settings' names, written with dashes or with underscores."""
    settings = {setting.name: setting for setting in table()}
    found: dict[str, Any] = {}
    for key, value in document.items():
        name = str(key).replace("-", "_")
        if name not in settings:
            raise SettingsError(f"{where} has the unknown setting {str(key)!r}", _instead(name, settings))
        if name in found:
            raise SettingsError(f"{where} has {str(key)!r} twice, in two spellings", "keep one of them")
        if not settings[name].flag:
            raise SettingsError(
                f"{where} holds the secret {str(key)!r}",
                f"keep it in ${settings[name].env} or in a file of its own",
            )
        found[name] = _checked(where, settings[name], value)
    return found


def _instead(name: str, settings: Mapping[str, Setting]) -> str:
    known = sorted(one.name.replace("_", "-") for one in settings.values() if one.flag)
    near = get_close_matches(name.replace("_", "-"), known, n=1)
    return f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}"


def _checked(where: str, setting: Setting, value: Any) -> Any:
    """Refuse a value of the wrong kind; one that may be repeated may stand alone."""
    name = setting.name.replace("_", "-")
    if setting.repeatable:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise SettingsError(f"{where}: {name} is no list of texts", f"write `{name}: [first, second]`")
        return values
    if isinstance(value, bool) != (setting.type is bool) or not isinstance(value, (str, int, float)):
        kind = "true or false" if setting.type is bool else "one value"
        raise SettingsError(f"{where}: {name} is {value!r}, and has to be {kind}", "mend that line")
    if setting.type in (int, float):
        return _number(where, name, setting.type, value)
    return str(value)


def _number(where: str, name: str, kind: type[int | float], value: Any) -> int | float:
    try:
        return kind(str(value))
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise SettingsError(f"{where}: {name} is {value!r}, and has to be {what}", "mend that line") from None
