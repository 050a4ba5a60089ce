"""A program as the kernel sees it: wall, processor time and memory, without a word from the program."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
END_SECONDS = 20.0
_MEMORY = re.compile(r"^(VmHWM|VmRSS):\s+(\d+) kB", re.MULTILINE)


class ProgramFailedError(Exception):
    """A program that is measured did not do what it is measured at."""


class Program:
    """A running program. `began` is when it was started (monotonic seconds)."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it, with nothing of our own environment but the way to programs."""
        self._log = log
        with log.open("wb") as out:
            self.began = time.monotonic()
            self._process = subprocess.Popen(  # noqa: S603 - our own commands
                list(command),
                env={"PATH": os.environ.get("PATH", ""), "HOME": str(log.parent), **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._memory = {"VmHWM": 0, "VmRSS": 0}
        self._cpu = 0.0

    def __enter__(self) -> Self:
        """Give the program itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.end()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def must_run(self) -> None:
        """Raise ProgramFailedError, with the end of what it said, when it has ended."""
        if not self.running:
            raise ProgramFailedError(f"it ended with {self._process.returncode}: {self.said()[-1500:]}")

    def said(self) -> str:
        """All that it wrote."""
        return self._log.read_text(errors="replace")

    def look(self) -> None:
        """Take the figures of this moment; of a program that ended the last ones stay."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
            times = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return
        self._memory.update({name: int(size) for name, size in _MEMORY.findall(status)})
        self._cpu = (int(times[11]) + int(times[12])) / TICKS

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        self.look()
        return self._cpu

    def rss(self) -> float:
        """Resident memory now, MB."""
        self.look()
        return self._memory["VmRSS"] * 1024 / 1e6

    def peak(self) -> float:
        """The most resident memory so far, MB."""
        self.look()
        return self._memory["VmHWM"] * 1024 / 1e6

    def wait(self, seconds: float) -> int:
        """Wait for its end, looking at it all the while; give the exit code. Raises ProgramFailedError."""
        until = time.monotonic() + seconds
        while self.running:
            self.look()
            if time.monotonic() > until:
                raise ProgramFailedError(f"it does not end within {seconds:g} s: {self.said()[-1500:]}")
            time.sleep(0.01)
        return self._process.returncode

    def end(self) -> None:
        """Let it end as a Pod does."""
        if self.running:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def module(name: str, *arguments: str) -> list[str]:
    """The command that runs a module of this interpreter."""
    return [sys.executable, "-m", name, *arguments]


def rival(name: str, task: str, seconds: float = 600.0) -> dict[str, Any]:
    """Run a program of `benchmarks.rivals` to its end; give what it found, and its `wall` from the start.

    Raises ProgramFailedError.
    """
    began = time.monotonic()
    ended = subprocess.run(  # noqa: S603 - our own command
        module(f"benchmarks.rivals.{name}"),
        input=task,
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=ROOT,
        check=False,
    )
    if ended.returncode:
        raise ProgramFailedError(f"{name} ended with {ended.returncode}: {ended.stderr[-1500:]}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return {**found, "wall": found["ended"] - began}
