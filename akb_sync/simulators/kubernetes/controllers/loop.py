"""The loop that runs the controllers: a queue of keys per controller, fed by the store, worked off in order.

Keys come out in the order in which they went in, a key that waits is not queued twice, and what a
controller wants to look at again later is put back by time. One error of one key never stops the others: it
is tried again.
"""

import asyncio
import contextlib
import heapq
import itertools
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from akb_sync.simulators.kubernetes.errors import ApiError
from akb_sync.simulators.kubernetes.storage import Change, Record, Store

log = logging.getLogger(__name__)

Interest = Callable[[Change], Iterable[str]]
RETRY_SECONDS = 0.05
SLICE_SECONDS = 0.02


class Controller(Protocol):
    """One control loop."""

    name: str

    @property
    def interests(self) -> Mapping[str, Interest]:
        """Which changes concern it: by storage name, a function from the change to the keys to look at."""

    def reconcile(self, key: str) -> float | None:
        """Take one step for a key; returns in how many seconds to look again, if at all."""


Job = tuple[str, str]


class ControllerLoop:
    """All controllers of a cluster.

    Its queue outlives the event loop, so a stopped server goes on where it was.
    """

    def __init__(self, store: Store, controllers: Iterable[Controller]) -> None:
        self._store = store
        self._controllers = {controller.name: controller for controller in controllers}
        self._queue: dict[Job, None] = {}
        self._later: list[tuple[float, int, Job]] = []
        self._paused: set[str] = set()
        self._order = itertools.count()
        self._wake: Callable[[], None] = lambda: None
        for storage, records in _present(store, self._controllers.values()).items():
            for record in records:
                self._hear(Change(record.revision, storage, "ADDED", record, None))
        store.listen(self._hear)

    @property
    def names(self) -> list[str]:
        """Which controllers there are."""
        return list(self._controllers)

    def pause(self, name: str) -> None:
        """Stop one controller; what it would have looked at waits. Raises KeyError for an unknown name."""
        if name not in self._controllers:
            raise KeyError(name)
        self._paused.add(name)

    def resume(self, name: str) -> None:
        """Let a paused controller work again."""
        self._paused.discard(name)
        self._wake()

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        self._wake = lambda: _tell(loop, news)
        while True:
            self._work(loop)
            if self._ready():
                await asyncio.sleep(0)
                continue
            news.clear()
            if not self._ready():
                await _wait(news, self._pause_length(loop.time()))

    def _hear(self, change: Change) -> None:
        for controller in self._controllers.values():
            interest = controller.interests.get(change.storage)
            for key in interest(change) if interest else ():
                self._queue[controller.name, key] = None
        self._wake()

    def _ready(self) -> bool:
        with self._store.lock:
            return any(name not in self._paused for name, _ in self._queue)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        end = loop.time() + SLICE_SECONDS
        while loop.time() < end:
            job = self._next(loop.time())
            if job is None:
                return
            delay = self._reconcile(*job)
            if delay is not None:
                heapq.heappush(self._later, (loop.time() + delay, next(self._order), job))

    def _next(self, now: float) -> Job | None:
        with self._store.lock:
            while self._later and self._later[0][0] <= now:
                self._queue[heapq.heappop(self._later)[2]] = None
            job = next((job for job in self._queue if job[0] not in self._paused), None)
            if job is not None:
                del self._queue[job]
            return job

    def _reconcile(self, name: str, key: str) -> float | None:
        try:
            delay = self._controllers[name].reconcile(key)
        except ApiError as error:
            # A conflict, or an object that is going: look again at what is there now.
            log.debug("controller %s, %s: %s", name, key, error)
            return RETRY_SECONDS
        except Exception:
            log.exception("controller %s failed on %s", name, key)
            return RETRY_SECONDS * 20
        return delay

    def _pause_length(self, now: float) -> float | None:
        return max(self._later[0][0] - now, 0.001) if self._later else None


def _present(store: Store, controllers: Iterable[Controller]) -> dict[str, list[Record]]:
    kinds = dict.fromkeys(storage for controller in controllers for storage in controller.interests)
    return {storage: store.records(storage) for storage in kinds}


def _tell(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
    # After the server has stopped there is nobody to tell: the queue is kept for the next start.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(news.set)


async def _wait(news: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        pass
