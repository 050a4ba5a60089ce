"""A Tab in a real interactive bash, from the words of the last `status`."""

import shutil
from collections.abc import Iterator

import pexpect
import pytest

from tests.simulated.engine.stage import Stage

from .program import PROGRAM, Program

PATIENCE = 30
PROMPT = "ready> "


@pytest.fixture
def bash(stage: Stage, akb: Program) -> Iterator["pexpect.spawn[str]"]:
    """An interactive bash with the completion installed, after one `status`, and no APIC any more."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    web = stage.workload("web", epg="EPG_SHOP_FRONT")
    stage.pod(web, "10.244.1.17", "fd00:10::17", name="web-17")
    assert akb.run("status").code == 3
    stage.apic.stop()
    child = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        env={
            **akb.variables,
            "PATH": f"{PROGRAM.parent}:{akb.variables['PATH']}",
            "TERM": "dumb",
            "PS1": PROMPT,
            "INPUTRC": "/dev/null",
            "HISTFILE": "",
        },
        cwd=str(akb.folder),
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(24, 200),
    )
    child.expect_exact(PROMPT)
    child.sendline('eval "$(akb-sync --show-completion bash)"')
    child.expect_exact(PROMPT)
    try:
        yield child
    finally:
        child.close(force=True)
    stage.apic.start()


@pytest.mark.parametrize(
    ("begun", "rest"),
    [
        ("akb-sync status EPG_SH", "OP_FRONT "),
        ("akb-sync adopt TEN_K8_C1/L3", "O_K8_C1/EPG_SHOP_FRONT "),
        ("akb-sync release EPG_", "SHOP_FRONT "),
        ("akb-sync plan -n sh", "op "),
        ("akb-sync explain 10.244", ".1.17/32 "),
        ("akb-sync explain fd00:10::", "17/128 "),
        ("akb-sync explain pod/shop/w", "eb-17 "),
        ("akb-sync status --state Conf", "lict "),
        ("akb-sync status --workload shop/", "web "),
        ("akb-sync doctor apic-log", "in "),
    ],
)
def test_a_tab_completes_without_a_login(bash: "pexpect.spawn[str]", begun: str, rest: str) -> None:
    bash.send(f"{begun}\t")
    bash.expect_exact(f"{begun}{rest}")
