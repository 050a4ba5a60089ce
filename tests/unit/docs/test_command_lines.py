"""Every command line that the documents show can be typed."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from akb_sync_cli.main import program

from tests.unit.docs.pages import DOCS, Page, pages

ROOT_COMMAND: Any = program()


def _leaf(words: list[str]) -> tuple[Any, list[str]]:
    """Find the command that a command line names, and the words that are left for it."""
    command = ROOT_COMMAND
    while hasattr(command, "commands"):
        assert words, f"{command.name} alone is no command"
        assert words[0] in command.commands, f"there is no command {words[0]}"
        command, words = _below(command)[words[0]], words[1:]
    return command, words


def _below(group: Any) -> dict[str, Any]:
    """The commands of a group themselves, not what stands for them until they are called."""
    return {name: getattr(one, "command", one) for name, one in getattr(group, "commands", {}).items()}


def _flags(command: Any) -> set[str]:
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return known | {"--help", "-h"}


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_command_line_in_a_console_block_parses(page: Page) -> None:
    for words in page.typed():
        command, rest = _leaf(words)
        with command.make_context(command.name, list(rest)):
            pass


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_command_that_is_mentioned_exists_with_its_flags(page: Page) -> None:
    for words in page.mentioned():
        command, rest = _leaf(words)
        used = {word.partition("=")[0] for word in rest if word.startswith("-")}
        assert used <= _flags(command), f"{page}: {' '.join(words)}"


def test_there_are_command_lines_to_check() -> None:
    assert sum(len(list(page.typed())) for page in pages()) > 20
    assert sum(len(list(page.mentioned())) for page in pages()) > 20


def _paths(command: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = _below(command)
    return [path for name in below for path in _paths(below[name], (*above, name))] or [above]


def test_every_command_is_in_the_table_of_commands() -> None:
    table = (DOCS / "cli.md").read_text().split("\n## ")[0]
    paths = _paths(ROOT_COMMAND)
    assert len(paths) > 6
    for path in paths:
        assert f"| `akb-sync {' '.join(path)}" in table


def test_an_unknown_flag_would_be_found() -> None:
    command, rest = _leaf(["plan", "--no-such-flag"])
    assert not set(rest) <= _flags(command)
    with pytest.raises(typer.TyperException):
        command.make_context(command.name, list(rest))
