"""`--help` of every command: readable examples, one to a line, ready to be copied."""

from pathlib import Path

import pytest

from .program import Program

COMMANDS = [
    ("watch",),
    ("plan",),
    ("sync",),
    ("status",),
    ("explain",),
    ("doctor",),
    ("pause",),
    ("resume",),
    ("adopt",),
    ("release",),
    ("purge",),
    ("restore",),
    ("demo",),
    ("simulate",),
    ("simulate", "apic"),
    ("simulate", "kubernetes"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_shows_its_examples_a_line_each(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = Program(tmp_path, {"COLUMNS": "80"}).run(*command, "--help")
    assert (ended.code, ended.err) == (0, "")
    lines = [line.rstrip() for line in ended.out.splitlines()]
    start = lines.index(" Examples:")
    block = [line for line in lines[start + 1 : start + 7] if line.strip() and not line.startswith("╭")]
    example = f"     akb-sync {' '.join(command)}"
    assert [line for line in block if line.startswith(example)]
    assert all(line.startswith("     ") for line in block[:2])


@pytest.mark.parametrize("arguments", [(), ("simulate",)], ids=["akb-sync", "simulate"])
def test_without_a_command_the_help_is_shown_and_it_is_a_usage_error(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = Program(tmp_path).run(*arguments)
    assert ended.code == 64
    assert "Usage: akb-sync" in ended.said
    assert "Traceback" not in ended.said


def test_commands_are_grouped_and_every_one_fits_a_line_or_two(tmp_path: Path) -> None:
    ended = Program(tmp_path, {"COLUMNS": "80"}).run("--help")
    lines = ended.out.splitlines()
    groups = [line.strip("╭─╮ ") for line in lines if line.startswith("╭")]
    assert groups == [
        "Options",
        "Keep it right",
        "Look, and write nothing",
        "Take over and let go",
        "Try it",
        "The program itself",
    ]
    named = [line.split()[1] for line in lines if line.startswith("│ ") and line[2].isalpha()]
    assert {command[0] for command in COMMANDS} | {"config", "version"} == set(named)
    assert all(len(line) <= 80 for line in lines)


def test_help_has_no_colours_where_nobody_looks(tmp_path: Path) -> None:
    assert "\x1b" not in Program(tmp_path).run("plan", "-h").out
