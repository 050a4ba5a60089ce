"""The programs of a control plane as processes that a test can pause, kill and start again.

Why: the faults that matter are real ones (an apiserver that hangs, one that dies, an etcd that is away), and
every process must be gone afterwards, even when the test run itself is killed.
"""

import datetime as dt
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.e2e.controlplane.polling import eventually

READY_SECONDS = 150.0
GRACE_SECONDS = 5.0

# Collects process group numbers until its input ends, which also happens when the test run is killed.
_GUARD_SCRIPT = """
groups=
while read -r group; do groups="$groups $group"; done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
"""


class ProcessDiedError(AssertionError):
    """A program ended by itself; the text has the end of its log."""


class Guard:
    """Kills the process groups told to it when this Python process ends without having done so itself."""

    def __init__(self) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD_SCRIPT], stdin=subprocess.PIPE, start_new_session=True, bufsize=0
        )

    def watch(self, group: int) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{group}\n".encode())

    def dismiss(self) -> None:
        """Ends the guard without killing anything."""
        self._shell.kill()
        self._shell.communicate()


class Process:
    """One program in a process group of its own, with its output in a file.

    Args:
        name: the program's name, which is also its log's.
        command: the whole command line.
        log: the file that its output is appended to.
        guard: who kills it if nobody else can.
        is_ready: looks once whether it does its work; an OSError (as every failed request is) means not yet.
        environment: variables added to this process's own.

    Attributes:
        environment: what the next start gives the program.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        guard: Guard,
        is_ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self._log = log
        self._log_start = 0
        self._guard = guard
        self._is_ready = is_ready
        self.environment: Mapping[str, str] = {**os.environ, **(environment or {})}
        self._popen: subprocess.Popen[bytes] | None = None
        self._started_at: dt.datetime | None = None
        self._paused = False

    @property
    def pid(self) -> int:
        assert self._popen is not None, f"{self.name} was never started"
        return self._popen.pid

    @property
    def started_at(self) -> dt.datetime | None:
        """When it was last started, None if never."""
        return self._started_at

    @property
    def running(self) -> bool:
        """True while the process exists, paused or not."""
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Starts the program; returns before it is ready."""
        assert not self.running, f"{self.name} runs already"
        with self._log.open("ab") as log:
            self._log_start = log.tell()
            self._popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._log.parent,
                env=dict(self.environment),
                start_new_session=True,
            )
        self._paused = False
        self._started_at = dt.datetime.now(dt.UTC)
        self._guard.watch(self._popen.pid)

    def wait_until_ready(self, timeout: float = READY_SECONDS) -> None:
        """Waits until the program does its work.

        Raises:
            ProcessDiedError: it ended instead.
            NotInTimeError: it was not ready within `timeout` seconds.
        """
        what = f"{self.name} ready (log: {self._log})"
        eventually(what, self._ready_or_dead, timeout=timeout, ignoring=(OSError,))

    def _ready_or_dead(self) -> bool:
        self.must_run()
        return self._is_ready()

    def must_run(self) -> None:
        """Raises ProcessDiedError if it has ended."""
        if not self.running:
            raise ProcessDiedError(f"{self.name} has ended; its log {self._log} ends:\n{self.log()[-3000:]}")

    def log(self) -> str:
        """What it has written since its last start."""
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def pause(self) -> None:
        """Stops it in its tracks (SIGSTOP): its connections stay open and nobody answers."""
        self._signal(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        """Lets a paused one go on (SIGCONT)."""
        self._signal(signal.SIGCONT)
        self._paused = False

    def kill(self) -> None:
        """Ends it at once (SIGKILL), as a crash does, and waits until it is gone."""
        self._signal(signal.SIGKILL)
        self._wait(GRACE_SECONDS)

    def ask_to_end(self) -> None:
        """Sends SIGTERM and returns; a paused process is resumed, or it could not hear it."""
        self._signal(signal.SIGTERM)
        if self._paused:
            self.resume()

    def wait_until_gone(self, grace: float = GRACE_SECONDS) -> None:
        """Returns when it has ended; after `grace` seconds it is killed."""
        try:
            self._wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()

    def terminate(self, grace: float = GRACE_SECONDS) -> None:
        """Ends it in good order, or after `grace` seconds by force; returns when it is gone."""
        self.ask_to_end()
        self.wait_until_gone(grace)

    def restart(self, timeout: float = READY_SECONDS) -> None:
        """Ends it (if it runs) and starts it again with the same command line; returns when it is ready."""
        self.terminate()
        self.start()
        self.wait_until_ready(timeout)

    def _signal(self, number: signal.Signals) -> None:
        if self.running:
            os.killpg(self.pid, number)

    def _wait(self, timeout: float) -> None:
        if self._popen is not None:
            self._popen.wait(timeout)
