"""What people see on a real terminal: screens, the question of `sync`, colours, a bar while they wait."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import pexpect
import pytest

from tests.simulated.engine.stage import EPG, Json, Stage, eventually, hosts

from .program import PROGRAM, Program

PATIENCE = 30
PLAIN = {"NO_COLOR": "1"}
OWN_SCREEN, OLD_SCREEN, CURSOR = "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def web(stage: Stage) -> Json:
    web = stage.workload("web")
    stage.pods(web, 2)
    return web


@contextmanager
def typed(
    akb: Program,
    *words: str,
    size: tuple[int, int] = (40, 120),
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator["pexpect.spawn[str]"]:
    """The program on a terminal of so many rows and columns; what it says is in `before` and `after`."""
    variables = {name: value for name, value in akb.variables.items() if name != "COLUMNS"}
    child = pexpect.spawn(
        str(PROGRAM),
        list(words),
        env={**variables, "TERM": "xterm", **more},
        cwd=str(akb.folder),
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=size,
    )
    try:
        yield child
    finally:
        child.close(force=True)


def ended(child: "pexpect.spawn[str]") -> tuple[int | None, str]:
    """Wait for the end; give the exit code and what was said since the last match."""
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus, child.before or ""


def plain(text: str) -> str:
    return ANSI.sub("", text)


def test_watch_is_one_screen_that_shows_each_change_and_leaves_a_clean_terminal(
    stage: Stage, akb: Program, web: Json
) -> None:
    stage.epg("other", "10.244.1.7/32")
    with typed(akb, "watch", more=PLAIN) as child:
        child.expect_exact(OWN_SCREEN)
        child.expect(r"leading.*fresh.*: daemonsets, deployments, pods")
        child.expect(r"fresh.*: TEN_K8_C1/L3O_K8_C1")
        child.expect(r"no change; 3 in sync\.")
        child.expect(r"created subnet 10\.244\.1\.1/32 in TEN_K8_C1/L3O_K8_C1/EPG_WEB")
        stage.pod(web, "10.244.1.9")
        child.expect(r"created subnet 10\.244\.1\.9/32")
        stage.pod(web, "10.244.1.7")
        child.expect(r"1 Conflict.*: TEN_K8_C1/L3O_K8_C1/other has it")
        child.sendintr()
        code, rest = ended(child)
    assert code == 0
    screen, left = rest.split(OLD_SCREEN)
    assert CURSOR in screen + left
    assert "stopped, looked" in plain(left)
    assert "1 Conflict" in plain(left)
    assert left.endswith("\r\n")
    assert "Ctrl-C" not in left
    assert stage.prefixes() == {*hosts("10.244.1", 2), "10.244.1.9/32"}


@pytest.mark.usefixtures("web")
def test_watch_survives_a_window_that_is_nearly_nothing_and_grows_again(stage: Stage, akb: Program) -> None:
    with typed(akb, "watch", size=(3, 12)) as child:
        eventually("it converged", lambda: stage.prefixes() == hosts("10.244.1", 2), 20.0)
        child.setwinsize(30, 100)
        child.expect_exact("Ctrl-C ends this.")
        child.setwinsize(1, 1)
        child.sendintr()
        code, _ = ended(child)
    assert code == 0


@pytest.mark.usefixtures("web")
def test_what_goes_wrong_stands_on_the_screen_until_it_is_right_again(stage: Stage, akb: Program) -> None:
    stage.cluster.deny("list", "services")
    with typed(akb, "watch", more=PLAIN) as child:
        child.expect(r"never.*: services")
        child.expect(r"error.*: services: .*ClusterRole")
        stage.cluster.allow()
        child.expect(r"no change; 3 in sync\.")
        child.sendintr()
        assert ended(child)[0] == 0


@pytest.mark.usefixtures("web")
def test_objects_that_go_while_there_is_a_screen_are_in_a_journal(stage: Stage, akb: Program) -> None:
    stage.sync()
    first = next(one for one in stage.cluster.list("Pod", "shop") if one["status"]["podIP"] == "10.244.1.1")
    stage.cluster.delete("Pod", "shop", first["metadata"]["name"], grace=0)
    with typed(akb, "watch", more=PLAIN) as child:
        child.expect_exact("akb-sync/deleted.jsonl")
        eventually("it is gone", lambda: len(stage.prefixes()) == 1, 20.0)
        child.sendintr()
        assert ended(child)[0] == 0
    journal = akb.folder / ".local" / "state" / "akb-sync" / "deleted.jsonl"
    assert "10.244.1.1/32" in journal.read_text()
    assert akb.run("restore", str(journal), "--dry-run").code == 3


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("--log-format", "logfmt"), {}),
        (("--log-format", "text"), {}),
        (("--debug",), {}),
        ((), {"TERM": "dumb"}),
        ((), {"AKB_SYNC_LOG_FORMAT": "json"}),
    ],
    ids=str,
)
def test_watch_logs_on_a_terminal_too_when_lines_are_asked_for(
    akb: Program, words: tuple[str, ...], environment: dict[str, str]
) -> None:
    with typed(akb, "watch", *words, more=environment) as child:
        child.expect(r"created subnet 10\.244\.1\.2/32")
        before = child.before or ""
        child.sendintr()
        code, rest = ended(child)
    assert code == 0
    assert "\x1b" not in before + rest


@pytest.mark.usefixtures("web")
def test_status_watch_keeps_the_summary_in_sight_on_a_small_terminal(stage: Stage, akb: Program) -> None:
    stage.pods(stage.workload("more", epg="EPG_MORE"), 30, "10.244.2")
    stage.sync()
    with typed(akb, "status", "--watch", size=(12, 60), more=PLAIN) as child:
        child.expect_exact(OWN_SCREEN)
        child.expect(r"\.\.\. \d+ lines more")
        child.expect(r"no change; 34 in sync\.")
        stage.pod(stage.workload("late", epg=EPG), "10.244.3.1")
        child.expect(r"1 to create; 3. in sync\.")
        child.sendintr()
        code, rest = ended(child)
    assert code == 0
    assert OLD_SCREEN in rest


@pytest.mark.usefixtures("web")
def test_sync_shows_the_plan_asks_and_says_what_it_did(stage: Stage, akb: Program) -> None:
    with typed(akb, "sync", more=PLAIN) as child:
        child.expect(r"create +TEN_K8_C1/L3O_K8_C1/EPG_WEB +10\.244\.1\.1/32")
        child.expect(r"3 to create; 0 in sync\. Write this to the fabric\? \[y/N\]")
        assert stage.posts == 0
        child.sendline("y")
        code, said = ended(child)
    assert (code, stage.prefixes()) == (0, hosts("10.244.1", 2))
    assert "Done: 3 created. Left: no change; 3 in sync." in said


@pytest.mark.usefixtures("web")
def test_a_no_to_sync_writes_nothing(stage: Stage, akb: Program) -> None:
    with typed(akb, "sync") as child:
        child.expect_exact("Write this to the fabric?")
        child.sendline("n")
        code, said = ended(child)
    assert (code, stage.posts) == (3, 0)
    assert "nothing was written" in said


@pytest.mark.usefixtures("web")
def test_what_takes_long_has_a_bar_that_counts_and_leaves_nothing_behind(stage: Stage, akb: Program) -> None:
    stage.apic.faults.latency = 1.5
    with typed(akb, "sync", "--yes") as child:
        child.expect(r"reading the cluster and the fabric")
        child.expect(r"writing to the fabric.*0 of 3")
        child.expect(r"looking again")
        stage.apic.faults.latency = 0.0
        code, said = ended(child)
    assert code == 0
    assert CURSOR in said
    assert plain(said).rstrip().endswith("Done: 3 created. Left: no change; 3 in sync.")


@pytest.mark.usefixtures("web")
def test_a_pipe_gets_neither_colours_nor_a_bar(stage: Stage, akb: Program) -> None:
    stage.apic.faults.latency = 1.2
    ended_ = akb.with_(TERM="xterm").run("plan")
    stage.apic.faults.latency = 0.0
    assert (ended_.code, ended_.err) == (2, "")
    assert "\x1b" not in ended_.out
    assert ended_.out.splitlines()[1].split()[:2] == ["create", "TEN_K8_C1/L3O_K8_C1/EPG_WEB"]


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("command", ["plan", "status"])
def test_tables_have_colours_on_a_terminal_and_fit_it(akb: Program, command: str) -> None:
    with typed(akb, command, size=(40, 70)) as child:
        _, coloured = ended(child)
    with typed(akb, command, size=(40, 70), more=PLAIN) as child:
        _, without = ended(child)
    assert re.search(r"\x1b\[3[23]m(create|Missing)\x1b\[0m", coloured)
    assert "\x1b[3" not in without
    assert plain(coloured) == plain(without)
    table = [line for line in plain(without).split("\r\n") if "EPG_WEB" in line]
    assert len(table) == 3
    assert all(line.split()[0] == "EPG_WEB" or line.split()[1] == "EPG_WEB" for line in table)
