"""Reference pages that are made of tables in the code are never stale."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from akb_sync.reasons import Reason
from akb_sync.settings import Setting, table
from tests.unit.docs.pages import DOCS

SCRIPT = DOCS / "generate.py"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_pages_are_up_to_date(generate: ModuleType) -> None:
    assert list(generate.stale()) == [], "run `python docs/generate.py`"


def test_a_page_that_was_edited_by_hand_or_is_missing_is_stale(generate: ModuleType, tmp_path: Path) -> None:
    shutil.copy(DOCS / "settings.md", tmp_path)
    (tmp_path / "settings.md").write_text("by hand")
    assert list(generate.stale(tmp_path)) == list(generate.PAGES)


def test_the_check_mode_writes_nothing_and_says_with_its_exit_code_that_all_is_well() -> None:
    before = (DOCS / "settings.md").stat().st_mtime_ns
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (DOCS / "settings.md").stat().st_mtime_ns == before


@pytest.mark.parametrize("setting", list(table()), ids=lambda setting: setting.name)
def test_every_setting_has_a_row_with_flag_variable_and_prose(generate: ModuleType, setting: Setting) -> None:
    rows = [line for line in generate.settings_page().splitlines() if line.startswith("| ")]
    flag = f"`{setting.flag}`" if setting.flag else "none"
    wanted = [flag, f"`{setting.env}`"]
    found = [row for row in rows if [cell.strip() for cell in row.split("|")[1:3]] == wanted]
    assert len(found) == 1
    assert setting.prose in found[0]


@pytest.fixture(scope="module")
def reasons(generate: ModuleType) -> str:
    return str(generate.PAGES["reasons.md"]())


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_row_with_its_meaning_and_next_step(reasons: str, reason: Reason) -> None:
    row = f"| [`{reason}`](#{reason.lower()}) | {reason.meaning} | {reason.next_step} |"
    assert row in reasons.splitlines()


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_paragraph_that_says_when_where_and_what_to_do(
    reasons: str, reason: Reason
) -> None:
    section = reasons.split(f"\n## {reason}\n")[1].split("\n## ", maxsplit=1)[0]
    assert section.casefold().startswith(f"\n{reason.meaning}. it comes about ".casefold())
    assert "\n\nSeen " in section
    assert f"Next step: {reason.next_step}." in section if reason.next_step else section.count(". ") >= 2
    (block,) = re.findall(r"```console\n(.+?)```", section, re.DOTALL)
    assert re.fullmatch(r"((akb-sync|kubectl|moquery) .+\n)+", block)


def test_there_is_no_paragraph_of_a_reason_that_is_gone(reasons: str) -> None:
    assert re.findall(r"^## (.+)$", reasons, re.MULTILINE) == sorted(Reason)
