"""A Tab in each shell, as the program itself is asked by it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import completion
from tests.unit.engine.items import plan, subnet


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_offered_namespaces_without_a_login(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    completion.remember(plan(subnet()))
    variables = {
        **os.environ,
        "_AKB_SYNC_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "akb-sync plan -n sh",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": "akb-sync plan -n sh",
        "COMP_CWORD": "3",
        "ACI_APIC": "https://192.0.2.1:1",
    }
    program = Path(sys.executable).with_name("akb-sync")
    ended = subprocess.run([program], env=variables, capture_output=True, text=True, timeout=50, check=False)
    assert "shop" in ended.stdout
    assert "error" not in ended.stderr
