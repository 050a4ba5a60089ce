"""A copy of the project where one guard at a time is cut out and tests run; the project stays as it is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from .cut import Cut

_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info", "site")
_PROCESS = Path(__file__).with_name("warm_process.py")
_OPTIONS = ("-q", "-rfE", "--tb=no", "--color=no", "-p", "no:cacheprovider")
# Why a test failed does not matter here, and the difference of two large objects takes long to find.
_PLAIN = ("--assert=plain", "-W", "ignore::pytest.PytestAssertRewriteWarning")
_RED = re.compile(r"^(?:FAILED|ERROR) (\S+?::\w+)", re.MULTILINE)
_ALL_PASSED, _SOME_FAILED = 0, 1
"""Exit codes of pytest. All others say that it did not come to run the tests (a module that cannot be
imported, a test that is not there)."""


class NoVerdictError(Exception):
    """The tests could not be run to their end."""


class Workshop:
    """One copy, and a process that runs tests in it. For one thread at a time, as a context manager."""

    def __init__(self, project: Path, place: Path) -> None:
        """Copy a project to `place`, which must not exist."""
        shutil.copytree(project, place, ignore=_LEFT_OUT)
        if (place / "cli").is_dir():
            # Installed under this name; here it has to be found before the one that is installed.
            (place / "akb_sync_cli").symlink_to("cli", target_is_directory=True)
        self.tree = place
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_PROCESS)],
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(place), "COLUMNS": "1000"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """Give the workshop itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._process.communicate()

    @contextmanager
    def without(self, cuts: Sequence[Cut]) -> Iterator[None]:
        """Cut out, and put back at the end.

        Raises:
            LostPlaceError: A cut does not find its place.
        """
        before = {cut.file: (self.tree / cut.file).read_text(encoding="utf-8") for cut in cuts}
        after = dict(before)
        for cut in cuts:
            after[cut.file] = cut.applied(after[cut.file])
        try:
            self._write(after)
            yield
        finally:
            self._write(before)

    def red(self, tests: Sequence[str]) -> frozenset[str]:
        """Run tests; give those that failed, without parameters.

        Raises:
            NoVerdictError: They could not be run to their end.
        """
        code, text = self._pytest([*_OPTIONS, *_PLAIN, *tests])
        found = frozenset(_RED.findall(text))
        if code == _ALL_PASSED or (code == _SOME_FAILED and found):
            return found
        raise NoVerdictError(f"pytest ended with {code}:\n{text[-2000:]}")

    def _pytest(self, arguments: list[str]) -> tuple[int, str]:
        if self._process.stdin is None or self._process.stdout is None:  # both were asked for above
            raise AssertionError
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise NoVerdictError("the process that runs the tests has ended")
        answer = json.loads(line)
        return answer["code"], answer["text"]

    def _write(self, texts: dict[Path, str]) -> None:
        for file, text in texts.items():
            path = self.tree / file
            # A file of the same second and length would pass for the one that was compiled before.
            newer = path.stat().st_mtime + 2
            path.write_text(text, encoding="utf-8")
            os.utime(path, (newer, newer))
