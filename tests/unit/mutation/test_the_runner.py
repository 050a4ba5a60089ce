"""The runner tells a guard that is missed from one that can be removed unnoticed, on one small module."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.mutation.__main__ import main
from tests.mutation.cut import Cut, gives, swaps
from tests.mutation.guard import Guard
from tests.mutation.page import BEGIN, END

MODULE = '''\
LIMIT = 3


def allowed(count: int) -> bool:
    """Whether so many are allowed."""
    return count <= LIMIT
'''
TESTS = """\
import pytest
from locks import allowed

def test_few_are_allowed():
    assert allowed(1)

@pytest.mark.parametrize("count", [4, 5])
def test_many_are_not(count):
    assert not allowed(count)
"""
FEW, MANY = "tests/test_locks.py::test_few_are_allowed", "tests/test_locks.py::test_many_are_not"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "reliability.md").write_text(f"# Page\n\n{BEGIN}\nold\n{END}\n\nand more\n")
    (tmp_path / "locks.py").write_text(MODULE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_locks.py").write_text(TESTS)
    return tmp_path


def _guard(cut: Cut, *tests: str) -> Guard:
    return Guard("limit", "There is a limit.", (cut,), tests)


OPEN = gives("locks", "allowed", "True")


def test_a_guard_that_is_missed_is_written_into_the_page_and_the_project_stays_as_it_was(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--write"], [("Locks", [_guard(OPEN, MANY)])], project) == 0
    page = (project / "docs" / "reliability.md").read_text()
    assert page.startswith(f"# Page\n\n{BEGIN}\n")
    assert page.endswith(f"{END}\n\nand more\n")
    assert "| There is a limit. | `locks.allowed`: gives `True`" in page
    assert "many are not (`test_locks.py`)" in page
    assert (project / "locks.py").read_text() == MODULE
    assert "1 of 1 guards" in capsys.readouterr().out


def test_a_guard_that_can_be_removed_unnoticed_makes_the_exit_code_1(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outcomes.json"
    assert main(["--write", "--json", str(file)], [("Locks", [_guard(OPEN, FEW)])], project) == 1
    assert f"SURVIVED  limit: {FEW} stays green" in capsys.readouterr().out
    assert "old" in (project / "docs" / "reliability.md").read_text()
    [outcome] = json.loads(file.read_text())
    assert (outcome["killed"], outcome["green"]) == (False, [FEW])


def test_every_test_that_is_named_has_to_notice(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], [("Locks", [_guard(OPEN, MANY, FEW)])], project) == 1
    assert f"PARTLY    limit: {FEW} stays green" in capsys.readouterr().out


def test_a_module_that_cannot_be_imported_shows_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], [("Locks", [_guard(swaps("locks", "LIMIT", "3", "1 / 0"), MANY)])], project) == 1
    assert "NO RESULT limit: pytest ended with " in capsys.readouterr().out


def test_a_test_that_is_red_with_the_guard_shows_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "locks.py").write_text(MODULE.replace("LIMIT = 3", "LIMIT = 9"))
    assert main([], [("Locks", [_guard(OPEN, MANY)])], project) == 1
    assert f"red although nothing is cut out: {MANY}" in capsys.readouterr().err


def test_a_place_that_is_lost_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], [("Locks", [_guard(gives("locks", "refused", "True"), MANY)])], project) == 1
    assert "refused is there 0 times" in capsys.readouterr().out


def test_several_are_tried_at_once_in_copies_of_their_own(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = Guard("few", "Some are allowed.", (gives("locks", "allowed", "False"),), (FEW,))
    assert main(["--jobs", "2"], [("Locks", [_guard(OPEN, MANY), closed])], project) == 0
    assert "2 of 2 guards" in capsys.readouterr().out


def test_a_guard_that_is_not_there_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "lock"], [("Locks", [_guard(OPEN, MANY)])], project) == 1
    assert capsys.readouterr().err == "there is no guard lock\n"
