"""A wall clock that a test turns, for one process: libfaketime between the program and its C library.

A time namespace would not do: it shifts the monotonic clocks and leaves the wall clock alone
(time_namespaces(7)).
The library is Debian's package `libfaketime`. Where it is not installed it is fetched by `apt-get download`
into the project's `.cache`, which needs no rights.
"""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.controlplane.build import is_ci

_CACHE = Path(__file__).parents[3] / ".cache" / "libfaketime"
_PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
_DOWNLOAD_SECONDS = 60


class WallClock:
    """The wall clock of one process.

    Attributes:
        environment: what the process is started with.
    """

    def __init__(self, library: Path, folder: Path) -> None:
        self._file = folder / "wall-clock"
        self.shift(0)
        self.environment: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def shift(self, seconds: int) -> None:
        """Let it be so far from the machine's from now on; a reader finds the old shift or the new one."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self._file)


def wall_clock(folder: Path) -> WallClock:
    """A wall clock to turn; where none can be had the test is skipped with the reason, or fails in CI."""
    library = next(_libraries(), None)
    if library is not None:
        return WallClock(library, folder)
    cannot = "the wall clock of a process cannot be turned here: apt-get install libfaketime"
    if is_ci():
        pytest.fail(cannot, pytrace=False)
    pytest.skip(cannot)


def _libraries() -> Iterator[Path]:
    for pattern in _PLACES:
        yield from Path("/").glob(pattern.removeprefix("/"))
    _fetch()
    yield from _CACHE.glob("root" + _PLACES[0])


def _fetch() -> None:
    """Unpack Debian's package into the cache, if it is not there and can be had."""
    unpacked = _CACHE / "root"
    if unpacked.exists():
        return
    _CACHE.mkdir(parents=True, exist_ok=True)
    try:
        _run("apt-get", "download", "libfaketime")
        package = max(_CACHE.glob("libfaketime_*.deb"))
        _run("dpkg-deb", "--extract", package.name, unpacked.name)
    except (OSError, ValueError, subprocess.SubprocessError):
        return  # told by who finds no library


def _run(*command: str) -> None:
    subprocess.run(command, cwd=_CACHE, check=True, capture_output=True, timeout=_DOWNLOAD_SECONDS)
