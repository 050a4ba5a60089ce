"""Flags made of the settings' table, and the file that `--config` names."""

import inspect
from pathlib import Path
from typing import Any

import pytest

from akb_sync.errors import SettingsError
from akb_sync.settings import Settings, table
from cli.options import with_settings
from cli.settings_file import file_settings


@pytest.fixture
def received() -> list[Settings]:
    return []


@pytest.fixture
def command(received: list[Settings]) -> Any:
    def run(settings: Settings, own: str = "") -> None:
        """Do something."""
        assert own == "mine"
        received.append(settings)

    return with_settings(run)


def defaults(command: Any) -> dict[str, Any]:
    parameters = inspect.signature(command).parameters.values()
    return {one.name: one.default for one in parameters} | {"own": "mine"}


def test_every_setting_but_secrets_is_a_flag(command: Any) -> None:
    names = set(inspect.signature(command).parameters)
    assert names == {setting.name for setting in table() if setting.flag} | {
        "own",
        "profile",
        "config",
        "debug",
    }
    assert "apic_password" not in names


def test_untouched_flags_give_the_defaults_of_the_settings(
    command: Any, received: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACI_PASSWORD", raising=False)
    command(**defaults(command))
    assert received == [Settings()]


def test_lists_become_tuples_and_the_password_comes_from_the_environment(
    command: Any, received: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACI_PASSWORD", "planted")
    command(**defaults(command) | {"allow": ["a=b/c/d"], "hold_down": 3.0})
    (settings,) = received
    assert (settings.allow, settings.hold_down, settings.apic_password) == (("a=b/c/d",), 3.0, "planted")
    assert "planted" not in repr(settings)


def test_the_help_of_the_command_stays_its_own(command: Any) -> None:
    assert command.__doc__ == "Do something."


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_file_names_settings_as_the_flags_do(tmp_path: Path) -> None:
    path = written(
        tmp_path / "f", "hold-down: 3\ncluster_name: prod\nallow: [a=b/c/d]\npod-cidrs: 10.0.0.0/8\n"
    )
    assert file_settings(path) == {
        "hold_down": 3,
        "cluster_name": "prod",
        "allow": ["a=b/c/d"],
        "pod_cidrs": ["10.0.0.0/8"],
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c\n", r"is no YAML in line 1"),
        ("- a\n- b\n", r"no mapping"),
        ("", r"no mapping"),
        ("bogus: 1\n", r"unknown setting 'bogus'"),
        ("1: 2\n", r"unknown setting '1'"),
        ("apic_password: planted\n", r"holds the secret 'apic_password'; keep it in \$ACI_PASSWORD"),
    ],
)
def test_a_file_that_makes_no_sense_is_an_error_that_says_where(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        file_settings(written(tmp_path / "f", text))
    assert "planted" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--config names .*, which cannot be read"):
        file_settings(tmp_path / "none")
