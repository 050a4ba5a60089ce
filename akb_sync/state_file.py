"""The state in a file, for an engine outside of a cluster; the switch of the freeze is a file beside it."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from .errors import SettingsError
from .state import Pause, State


class StateFile:
    """A `StateStore` in two files: `PATH`, and `PATH.paused` while there is a freeze."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self._path = path
        self._switch = path.with_name(f"{path.name}.paused")

    @property
    def place(self) -> str:
        """The file."""
        return str(self._path)

    def read(self) -> tuple[State | None, Pause | None]:
        """Give what the engine left, and the freeze that is asked for.

        Raises:
            SettingsError: a file is there and cannot be read.
        """
        text, switch = _text(self._path), _text(self._switch)
        return (None if text is None else State.parse(text)), (None if switch is None else _pause(switch))

    def write(self, state: State) -> None:
        """Leave the state; a reader finds the old one or the new one, never half of it.

        Raises:
            SettingsError: the file cannot be written.
        """
        _replace(self._path, state.text() + "\n")

    def set_pause(self, pause: Pause | None) -> None:
        """Ask for a freeze, or for its end.

        Raises:
            SettingsError: the file cannot be written.
        """
        if pause is not None:
            _replace(self._switch, json.dumps(pause.document()) + "\n")
            return
        try:
            self._switch.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(self._switch, "removed", error) from error


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, "read", error) from error


def _pause(text: str) -> Pause | None:
    """An empty file made by `touch` is a freeze too."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = {"why": text.strip()}
    return Pause.of(document or {"why": ""})


def _replace(path: Path, text: str) -> None:
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise _unusable(path, "written", error) from error


def _unusable(path: Path, what: str, error: OSError) -> SettingsError:
    return SettingsError(
        f"--state-file: {path} cannot be {what}: {error.strerror}", "name a file in a folder that is writable"
    )
