"""`config show`: where each value came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from akb_sync.errors import SettingsError
from akb_sync.settings import table
from cli.config import config

TEXT = """
apic: apic1
hold-down: 5
profiles: {lab: {apic: lab1, allow: [a=b/c/d]}}
"""


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in table():
        monkeypatch.delenv(setting.env, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "settings.yaml"
    found.write_text(TEXT)
    return found


def shown(*arguments: str) -> dict[str, Any]:
    ended = CliRunner().invoke(config, ["show", "-o", "json", *arguments])
    if ended.exception and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_each_value_is_shown_with_where_it_came_from(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AKB_SYNC_CLUSTER_NAME", "prod")
    found = shown("--config", str(path), "--profile", "lab", "--resync", "9")
    assert found["resync"] == {"value": 9.0, "from": "flag"}
    assert found["cluster-name"] == {"value": "prod", "from": "environment AKB_SYNC_CLUSTER_NAME"}
    assert found["apic"] == {"value": "lab1", "from": f"file {path}, profile lab"}
    assert found["allow"] == {"value": ["a=b/c/d"], "from": f"file {path}, profile lab"}
    assert found["hold-down"] == {"value": 5.0, "from": f"file {path}"}
    assert found["policy"] == {"value": "sync", "from": "default"}
    assert set(found) == {setting.name.replace("_", "-") for setting in table()}


def test_the_profile_may_be_typed_before_or_after_the_file(path: Path) -> None:
    first = shown("--profile", "lab", "--config", str(path))
    assert first == shown("--config", str(path), "--profile", "lab")


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown()["apic-password"] == {"value": "", "from": "default"}
    monkeypatch.setenv("ACI_PASSWORD", "planted")
    found = shown()
    assert found["apic-password"] == {"value": "********", "from": "environment"}
    assert "planted" not in json.dumps(found)


def test_the_table_has_a_line_for_each_setting(path: Path) -> None:
    ended = CliRunner().invoke(config, ["show", "--config", str(path)])
    assert ended.exit_code == 0
    lines = ended.stdout.splitlines()
    assert lines[0].split() == ["SETTING", "VALUE", "FROM"]
    assert len(lines) == 1 + len(list(table()))


def test_a_profile_without_a_file_is_an_error() -> None:
    with pytest.raises(SettingsError, match="--profile lab needs a file of settings; name it with --config"):
        shown("--profile", "lab")


def test_the_usual_file_is_named_as_the_origin(tmp_path: Path) -> None:
    path = tmp_path / "akb-sync" / "config.yaml"
    path.parent.mkdir()
    path.write_text("apic: apic9\n")
    assert shown()["apic"] == {"value": "apic9", "from": f"file {path}"}
