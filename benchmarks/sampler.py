"""The engine with a thread beside it that notes what every other thread is at: for flame graphs only.

`python -m benchmarks.sampler FILE watch` is `akb-sync watch`, and writes FILE when it ends: a line for each
stack, `outer;inner;innermost COUNT`. Threads that wait for something are left out.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

INTERVAL = 0.004
ASLEEP = frozenset(
    {"wait", "select", "read", "recv", "recv_into", "sleep", "accept", "acquire", "_wait_for_tstate_lock"}
)
STDLIB_WAITERS = ("threading.py", "ssl.py", "socket.py", "selectors.py", "queue.py")


class Sampler(threading.Thread):
    """Counts stacks until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(name="sampler", daemon=True)
        self.stacks: Counter[str] = Counter()
        self._stopped = threading.Event()

    def run(self) -> None:
        """Look at all other threads again and again."""
        own = threading.get_ident()
        while not self._stopped.is_set():
            for thread, frame in sys._current_frames().items():  # noqa: SLF001 - there is no other way to see them
                if thread != own and not _waits(frame):
                    self.stacks[";".join(reversed(list(_names(frame))))] += 1
            time.sleep(INTERVAL)

    def write(self, path: Path) -> None:
        """Stop, and write what was seen."""
        self._stopped.set()
        path.write_text("".join(f"{stack} {count}\n" for stack, count in sorted(self.stacks.items())))


def _waits(frame: FrameType) -> bool:
    code = frame.f_code
    return code.co_name in ASLEEP and code.co_filename.endswith(STDLIB_WAITERS)


def _names(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        code = frame.f_code
        module = frame.f_globals.get("__name__", Path(code.co_filename).stem)
        yield f"{module}.{code.co_qualname}".replace(";", ",").replace(" ", "")
        frame = frame.f_back


def main() -> None:
    """Run the command line under the sampler."""
    file, *arguments = sys.argv[1:]
    sampler = Sampler()
    sampler.start()
    sys.argv = ["akb-sync", *arguments]
    from akb_sync_cli.main import main as akb_sync  # noqa: PLC0415 - its imports are a part of what is sampled

    try:
        akb_sync()
    finally:
        sampler.write(Path(file))


if __name__ == "__main__":
    main()
