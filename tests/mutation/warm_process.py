"""A process that has loaded what takes long to load, and forks for each run of pytest.

Starting pytest with its plugins and the client libraries takes longer than most of the tests. Run as a
program in the root of a project: each line on its input is a JSON list of pytest's arguments, each line on
its output the answer to one.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from typing import IO

import pytest

LOADED = (
    "hypothesis",
    "hypothesis.strategies",
    "kubernetes.client",
    "kubernetes.config",
    "requests",
    "websocket",
)
"""None of the project's own, of which each run has its own; one that is not installed is not needed."""
LONGEST = 600.0
"""Seconds for one run; each test has a limit of its own."""
_LOOK = 0.02


def main() -> None:
    """Answer until the input ends."""
    for name in LOADED:
        with suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)  # noqa: T201 - this is what it is for


def _answer(arguments: list[str]) -> dict[str, object]:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _run(arguments, output)
        code = _waited_for(child)
        output.seek(0)
        return {"code": code, "text": output.read().decode(errors="replace")}


def _run(arguments: list[str], output: IO[bytes]) -> None:
    """Run pytest in this process and end it."""
    code = 70
    try:
        os.setsid()
        for stream, source in (
            (0, os.open(os.devnull, os.O_RDONLY)),
            (1, output.fileno()),
            (2, output.fileno()),
        ):
            os.dup2(source, stream)
        code = int(pytest.main(arguments))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _waited_for(child: int) -> int:
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_LOOK)
    os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
