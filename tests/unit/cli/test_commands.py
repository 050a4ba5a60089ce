"""The table of commands says what the commands themselves say, and a call brings no more than it needs."""

import subprocess
import sys
from typing import Any

import pytest
from akb_sync_cli import garbage
from akb_sync_cli.commands import TABLE, Deferred, Entry
from akb_sync_cli.main import program

HEAVY = {
    "acitoolkit",
    "aiohttp",
    "cryptography",
    "kubernetes",
    "prometheus_client",
    "requests",
    "tabulate",
    "urllib3",
    "websocket",
    "yaml",
}
"""What takes long to import, and what only those need who talk to one side or print what they heard."""
RUN = """
import sys
from akb_sync_cli.main import main
sys.argv = ["akb-sync", *sys.argv[1:]]
try:
    main()
finally:
    sys.stderr.write("\\n".join(sys.modules))
"""


def imported(*command: str) -> set[str]:
    """The modules that a fresh Python has after a command."""
    ended = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=45, check=True)
    return set(ended.stderr.split())


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] in {"akb_sync", "akb_sync_cli"}}


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
def test_the_line_of_a_command_is_the_first_paragraph_of_its_own_help(entry: Entry) -> None:
    command = Deferred(entry).command
    assert (command.name, command.help.split("\n\n")[0].strip()) == (entry.name, entry.line)


def test_no_command_stands_there_twice() -> None:
    names = [entry.name for entry in TABLE]
    assert len(names) == len(set(names))


def test_a_call_reaches_the_command_itself_with_its_options() -> None:
    root = program()
    with root.make_context("akb-sync", ["config", "show"]) as context:
        name, deferred, rest = root.resolve_command(context, ["config", "show", "--resync", "7"])
        with deferred.make_context(name, rest, parent=context) as group:
            below: Any = group.command
            name, show, rest = below.resolve_command(group, rest)
            with show.make_context(name, rest, parent=group) as call:
                assert call.command_path == "akb-sync config show"
                assert call.params["resync"] == 7.0


@pytest.mark.parametrize("arguments", [("version",), ("--help",)], ids=" ".join)
def test_the_version_and_the_list_of_commands_need_neither_side(arguments: tuple[str, ...]) -> None:
    found = imported("-c", RUN, *arguments)
    assert found & HEAVY == set()
    assert len(ours(found)) <= 16, sorted(ours(found))


def test_the_version_needs_nothing_to_draw_or_to_check_values_with() -> None:
    found = imported("-c", RUN, "version")
    assert found & {"rich", "pydantic"} == set()
    assert len(found) <= 220, len(found)


def searches(*command: str) -> tuple[int, int]:
    """After so many new objects garbage is searched for, and never among so many, as a command ends."""
    report = "finally:\n    import gc; sys.stderr.write(f'{gc.get_threshold()[0]} {gc.get_freeze_count()}')"
    run = RUN[: RUN.index("finally")] + report
    ended = subprocess.run(
        [sys.executable, "-c", run, *command], capture_output=True, text=True, timeout=45, check=True
    )
    threshold, frozen = map(int, ended.stderr.split())
    return threshold, frozen


def test_a_command_with_settings_searches_for_garbage_seldom_and_not_among_its_own_modules() -> None:
    threshold, frozen = searches("config", "show")
    assert threshold == garbage.NEW
    assert frozen > searches("version")[1] + 10_000


def test_garbage_is_searched_for_seldom_before_the_modules_of_a_command_come() -> None:
    assert searches("version")[0] == garbage.NEW, "a command without settings"


def test_who_logs_in_with_a_password_and_writes_nothing_does_not_wait_for_what_others_need() -> None:
    found = imported("-c", "import sys, akb_sync_cli.watch; sys.stderr.write('\\n'.join(sys.modules))")
    assert found & HEAVY == HEAVY - {"acitoolkit", "aiohttp", "cryptography", "tabulate"}


def test_the_library_is_imported_name_by_name() -> None:
    found = imported("-c", "import sys, akb_sync; sys.stderr.write('\\n'.join(sys.modules))")
    assert ours(found) == {"akb_sync"}
    found = imported(
        "-c", "import sys; from akb_sync import Settings; sys.stderr.write('\\n'.join(sys.modules))"
    )
    assert ours(found) == {"akb_sync", "akb_sync.settings", "akb_sync.errors"}
