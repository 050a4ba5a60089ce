"""`adopt` and `release` as a person sees them: on a real terminal, with a question that waits."""

from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest

from tests.simulated.engine.stage import EPG, Json, Stage
from tests.simulated.ownership.estate import annotations, tags

from .program import PROGRAM, Program

PATIENCE = 30
QUESTION = "Write this to the fabric\\?"


@pytest.fixture
def web(stage: Stage) -> Json:
    web = stage.workload("web")
    stage.pods(web, 2)
    stage.epg(EPG, "10.244.1.1/32", "10.244.1.2/32")
    return web


@contextmanager
def typed(akb: Program, *words: str) -> Iterator["pexpect.spawn[str]"]:
    """The program on a terminal of 200 columns; what it says is in `before` and `after`."""
    child = pexpect.spawn(
        str(PROGRAM),
        list(words),
        env={**akb.variables, "TERM": "xterm", "NO_COLOR": "1"},
        cwd=str(akb.folder),
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(50, 200),
    )
    try:
        yield child
    finally:
        child.close(force=True)


def ended(child: "pexpect.spawn[str]") -> tuple[int | None, str]:
    """Wait for the end; give the exit code and what was said since the last question."""
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus, child.before or ""


@pytest.mark.usefixtures("web")
def test_a_person_adopts_and_releases(stage: Stage, akb: Program) -> None:
    with typed(akb, "adopt", EPG) as child:
        child.expect(r"ACTION +KIND +EPG +PREFIX +REASON +LEFT +MESSAGE")
        child.expect(r"mark +EPG +TEN_K8_C1/L3O_K8_C1/EPG_WEB +<none> +Adopted")
        child.expect(r"mark +Subnet .* 10.244.1.1/32 +Adopted")
        child.expect(f"3 to mark. {QUESTION}")
        assert stage.posts == 0
        child.sendline("y")
        code, said = ended(child)
    assert code == 0
    assert "Done: 3 marked." in said
    assert len(annotations(stage)) == 3
    with typed(akb, "release", EPG) as child:
        child.expect(f"3 to unmark. {QUESTION}")
        child.sendline("y")
        code, said = ended(child)
    assert code == 0
    assert "Done: 3 unmarked." in said
    assert (annotations(stage), list(tags(stage).values())) == ({}, ["released"])


@pytest.mark.usefixtures("web")
def test_a_no_writes_nothing(stage: Stage, akb: Program) -> None:
    with typed(akb, "adopt", EPG) as child:
        child.expect(QUESTION)
        child.sendline("n")
        code, said = ended(child)
    assert (code, stage.posts) == (3, 0)
    assert "nothing was written" in said


def test_what_changes_while_a_person_thinks_is_shown_and_asked_again(
    stage: Stage, akb: Program, web: Json
) -> None:
    with typed(akb, "adopt", EPG) as child:
        child.expect(f"3 to mark. {QUESTION}")
        stage.pod(web, "10.244.1.3")
        stage.apic.post(
            f"uni/tn-TEN_K8_C1/out-L3O_K8_C1/instP-{EPG}",
            {"l3extSubnet": {"attributes": {"ip": "10.244.1.3/32"}}},
        )
        child.sendline("y")
        child.expect("has changed in the meantime")
        child.expect(f"4 to mark. {QUESTION}")
        assert stage.posts == 0
        child.sendline("y")
        code, _ = ended(child)
    assert code == 0
    assert len(annotations(stage)) == 4


@pytest.mark.usefixtures("web")
def test_an_interrupted_question_writes_nothing(stage: Stage, akb: Program) -> None:
    with typed(akb, "adopt", EPG) as child:
        child.expect(QUESTION)
        child.sendintr()
        code, _ = ended(child)
    assert (code, stage.posts) == (130, 0)
