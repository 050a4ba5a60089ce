"""The file of settings: profiles, and what is told of a file that makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from akb_sync.errors import SettingsError
from cli.settings_file import file_settings, usual_path

PROFILES = """
apic: apic1
hold-down: 5
profiles:
  lab:
    apic: lab1
    pod-cidrs: 10.0.0.0/8
  prod: {policy: upsert-only}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.yaml"
    path.write_text(text)
    return path


def test_a_profiles_values_go_before_the_common_ones(tmp_path: Path) -> None:
    path = written(tmp_path, PROFILES)
    assert file_settings(path) == {"apic": "apic1", "hold_down": 5.0}
    assert file_settings(path, "lab") == {"apic": "lab1", "hold_down": 5.0, "pod_cidrs": ["10.0.0.0/8"]}
    assert file_settings(path, "prod") == {"apic": "apic1", "hold_down": 5.0, "policy": "upsert-only"}


@pytest.mark.parametrize(
    ("text", "profile", "sentence"),
    [
        (PROFILES, "stage", "has no profile 'stage'; its profiles are: lab, prod"),
        ("apic: a\n", "lab", "has no profile 'lab'; its profiles are: none"),
        ("profiles: [a]\n", "", "profiles is no mapping of names to settings"),
        ("profiles: {a: b}\n", "", "profiles is no mapping of names to settings"),
        ("profiles: {a: {bogus: 1}}\n", "", "profile a has the unknown setting 'bogus'"),
        ("profiles: {a: {apic-password: planted}}\n", "", "profile a holds the secret 'apic-password'"),
        ("apci: a\n", "", "has the unknown setting 'apci'; did you mean apic?"),
        ("apic: a\napic: b\n", "", "'apic' stands there twice in line 2; mend that line"),
        ("hold-down: 1\nhold_down: 2\n", "", "has 'hold_down' twice, in two spellings"),
        ("hold-down: soon\n", "", "hold-down is 'soon', and has to be a number"),
        ("max-prefixes: 1.5\n", "", "max-prefixes is 1.5, and has to be a whole number"),
        ("require-contract: maybe\n", "", "require-contract is 'maybe', and has to be true or false"),
        ("hold-down: true\n", "", "hold-down is True, and has to be one value"),
        ("apic: [a, b]\n", "", "apic is ['a', 'b'], and has to be one value"),
        ("apic:\n", "", "apic is None, and has to be one value"),
        ("pod-cidrs: [1]\n", "", "pod-cidrs is no list of texts"),
        ("? [a]\n: 1\n", "", "found unhashable key in line 1"),
    ],
)
def test_what_is_wrong_is_told_with_the_file_and_the_key(
    tmp_path: Path, text: str, profile: str, sentence: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        file_settings(path, profile)
    told = str(caught.value)
    assert told.startswith(str(path))
    assert sentence in told
    assert "planted" not in told


def test_the_usual_file_is_used_if_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert usual_path() is None
    path = tmp_path / "akb-sync" / "config.yaml"
    path.parent.mkdir()
    path.write_text("apic: a\n")
    assert usual_path() == path
