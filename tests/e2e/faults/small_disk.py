"""A disk that a test fills and frees: a tmpfs of some KiB, in a mount namespace of the engine's own.

Nothing of it is seen by other processes and nothing has to be tidied up: it goes with the engine. The test
reaches it through `/proc/PID/root`.
"""

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.controlplane.build import is_ci
from tests.e2e.faults.ground import Ground

KIB = 64
_FILLER = "filler"
_MOUNT = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"'


class SmallDisk:
    """The disk at a folder that the engine sees; `before` is what its command has to begin with."""

    def __init__(self, ground: Ground) -> None:
        self.place = ground.folder / "disk"
        self.place.mkdir()
        self._ground = ground
        self.before = (*_namespace(), "sh", "-c", _MOUNT, "sh", f"{KIB}k", str(self.place))

    def fill(self, *begun: str) -> None:
        """Leave room for nothing, nor in the last page of files that were begun (they get empty lines)."""
        for name in (_FILLER, *begun):
            with self._seen(name).open("ab", buffering=0) as file:
                for size in (4096, 1):
                    with contextlib.suppress(OSError):
                        while file.write(b"\n" * size):
                            pass

    def free(self) -> None:
        """Make room again."""
        self._seen(_FILLER).unlink()

    def read(self, name: str) -> str:
        """What the engine wrote into a file there."""
        return self._seen(name).read_text()

    def _seen(self, name: str) -> Path:
        return Path(f"/proc/{self._ground.engine.pid}/root{self.place}") / name


def small_disk(ground: Ground) -> SmallDisk:
    """A disk. Where namespaces are forbidden the test is skipped with the reason, or fails (`CI=true`)."""
    refused = subprocess.run([*_namespace(), "true"], capture_output=True, text=True, check=False).stderr
    if not refused:
        return SmallDisk(ground)
    cannot = f"a small disk cannot be mounted here ({refused.strip()}): allow user namespaces, or run as root"
    if is_ci():
        pytest.fail(cannot, pytrace=False)
    pytest.skip(cannot)


def _namespace() -> tuple[str, ...]:
    """util-linux's unshare; who is not root becomes it in a user namespace, where mounting is allowed."""
    return ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)))
