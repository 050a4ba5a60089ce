"""The installed program as a process of its own, with a clean environment."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.planted import leaks
from tests.simulated.engine.stage import Stage, eventually

PROGRAM = Path(sys.executable).with_name("akb-sync")
LONGEST = 45.0


@dataclass
class Ended:
    """A process that ended."""

    code: int
    out: str
    err: str

    def __post_init__(self) -> None:
        assert leaks(self.said) == []

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def error(self) -> str:
        """The one sentence on stderr; fails if there is more or less."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("error: "), self.err
        return lines[0].removeprefix("error: ")

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass
class Program:
    """How the program is called in one test: its environment and its folder."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def on(cls, stage: Stage) -> "Program":
        """One that finds both simulators by its environment, as people set it."""
        kubeconfig = stage.cluster.write_kubeconfig(stage.folder / "kubeconfig")
        environment = {
            "ACI_APIC": stage.apic.url,
            "ACI_USERNAME": "admin",
            "ACI_PASSWORD": "secret",
            "AKB_SYNC_APIC_CA_FILE": str(stage.apic.ca_file),
            "KUBECONFIG": str(kubeconfig),
        }
        return cls(stage.folder, environment)

    def with_(self, **changes: str | None) -> "Program":
        """The same with other variables; None takes one away."""
        merged = {**self.environment, **changes}
        return Program(self.folder, {name: text for name, text in merged.items() if text is not None})

    def run(self, *arguments: str, stdin: str = "") -> Ended:
        ended = subprocess.run(
            [PROGRAM, *arguments],
            env=self.variables,
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def shell(self, line: str) -> Ended:
        """Run a line of shell in which `$AKB` is the program."""
        ended = subprocess.run(
            ["/bin/bash", "-o", "pipefail", "-c", line],
            env={**self.variables, "AKB": str(PROGRAM)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def on_a_terminal(self, *arguments: str, answers: Mapping[str, str]) -> tuple[int, str]:
        """Run on a pseudo-terminal; when a text shows up, type its answer. Gives exit code and screen."""
        child, terminal = pty.fork()
        if child == 0:  # pragma: no cover - the child becomes the program
            os.chdir(self.folder)
            os.execve(PROGRAM, [str(PROGRAM), *arguments], {**self.variables, "TERM": "dumb"})
        screen, open_questions = "", dict(answers)
        while part := _read(terminal):
            screen += part
            for question, answer in list(open_questions.items()):
                if question in screen:
                    del open_questions[question]
                    os.write(terminal, f"{answer}\n".encode())
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), screen

    def start(self, *arguments: str) -> "Process":
        return Process([str(PROGRAM), *arguments], self.variables, self.folder)

    @property
    def variables(self) -> dict[str, str]:
        """No setting of whoever runs the tests gets in; warnings of Python are none of people's business."""
        plain = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        return {"HOME": str(self.folder), "COLUMNS": "200", **plain, **self.environment}


class Process:
    """The program while it runs; what it says is read as it comes."""

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(5.0)
        assert self._process.stdout is not None
        self._process.stdout.close()
        assert leaks("\n".join(self.lines)) == []

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def with_all(self, *parts: str) -> list[str]:
        return [line for line in list(self.lines) if all(part in line for part in parts)]

    def until(self, *parts: str, timeout: float = 15.0) -> str:
        """Wait for a line with all of these parts, and give it."""
        eventually(f"a line with {parts}", lambda: self.with_all(*parts) or not self.running, timeout)
        found = self.with_all(*parts)
        assert found, "\n".join(self.lines)
        return found[0]

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout: float = 15.0) -> int:
        """Send a signal and give the exit code."""
        self.signal(number)
        code = self._process.wait(timeout)
        self._reader.join(5.0)
        return code

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 4096).decode(errors="replace")
    except OSError:  # Linux says EIO when the other side is closed
        return ""
