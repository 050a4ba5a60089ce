"""`make lab` gives people what it says: every line of its guide works as it stands."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.controlplane.polling import eventually

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 300
FIRST_STEPS = ("kubectl apply", "kubectl scale", "curl")


def in_a_shell(lines: str) -> str:
    """What a person would see who types these lines; they fail as a whole."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("ACI_", "AKB_"))}
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", lines],
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def commands(guide: str) -> list[str]:
    """The indented lines, those that end in a backslash joined."""
    lines = [line.strip() for line in guide.replace("\\\n", " ").splitlines() if line.startswith("  ")]
    return [line for line in lines if line]


@pytest.mark.usefixtures("programs")
def test_every_line_of_the_guide_works_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    log = tmp_path / "said"
    with log.open("wb") as said:
        lab = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.run_lab", "--folder", str(tmp_path / "lab"), "--nodes", "1"],
            cwd=ROOT,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        eventually("the guide", lambda: "Ctrl-C here" in log.read_text() or lab.poll(), timeout=READY_SECONDS)
        lines = commands(log.read_text())
        first, rest = lines[0], [line for line in lines if not line.startswith(("tail", "kubectl delete"))]
        assert first.startswith(". ")
        # `status` says by its code 3 that the engine is not through yet, which it may well not be.
        in_a_shell(
            "\n".join(f"{line} || test $? -eq 3" if "akb-sync status" in line else line for line in rest)
        )
        look = "\n".join([first, *(line for line in rest if line.startswith("curl"))])

        def nine_subnets() -> bool:
            return len(re.findall(r'"l3extSubnet"', in_a_shell(look))) == 9

        eventually("eight Pods and a Service on the fabric", nine_subnets, timeout=60, pause=1)
        in_a_shell("\n".join([first, *(line for line in lines if line.startswith("kubectl delete"))]))
    finally:
        lab.send_signal(signal.SIGINT)
        code = lab.wait(30)
    assert code == 0, log.read_text()
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False)
    assert left.stdout == ""
    assert "Traceback" not in log.read_text()
    assert (tmp_path / "lab" / "watch.log").exists()
