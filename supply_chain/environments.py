"""Two virtual environments in `.cache/supply-chain`: the tools, and what a user of akb-sync gets.

Why two: a bill of materials of the environment of development would list linters and servers that no user
has, and the tools bring libraries of their own.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "supply-chain"
TOOLS = Path(__file__).with_name("requirements.txt")
PINS = ROOT / "requirements.txt"


class SupplyChainError(Exception):
    """The work could not be done; one sentence for a person."""


def tools() -> Path:
    """Give the folder of the tools' programs, installed first if need be.

    Raises:
        SupplyChainError: they cannot be installed.
    """
    folder = CACHE / "tools"
    wanted = hashlib.sha256(sys.version.encode() + TOOLS.read_bytes()).hexdigest()
    stamp = folder / "stamp"
    if not stamp.is_file() or stamp.read_text() != wanted:
        say(f"installing the tools into {folder} (once)")
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
        pip(folder / "bin" / "python", "install", "--requirement", str(TOOLS))
        stamp.write_text(wanted)
    return folder / "bin"


def installed() -> Path:
    """Give the interpreter of an environment with akb-sync as users install it, in the pinned versions.

    Raises:
        SupplyChainError: it cannot be installed.
    """
    folder = CACHE / "installed"
    venv.create(folder, clear=True, symlinks=True, with_pip=False)
    python = folder / "bin" / "python"
    from_outside = ("--python", str(python), "install", "--constraint", str(PINS), str(ROOT))
    pip(tools() / "python", *from_outside)
    return python


def pip(python: Path, *arguments: str) -> None:
    """Run pip as this machine has it configured.

    Raises:
        SupplyChainError: it failed; the last line of what it said.
    """
    run([str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], "pip")


def run(command: list[str], what: str, well: tuple[int, ...] = (0,)) -> str:
    """Run a program and give its output.

    Raises:
        SupplyChainError: it ended with another exit code than those of `well`.
    """
    done = subprocess.run(  # noqa: S603 - the commands of this package, nobody else's
        command, capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode not in well:
        reason = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise SupplyChainError(f"{what} failed: {reason}")
    return done.stdout


def say(line: str) -> None:
    """Show a line of progress."""
    sys.stderr.write(f"supply chain: {line}\n")
