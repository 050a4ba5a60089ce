"""One kind, kept up to date: a list, then a watch from there, for as long as it lasts.

The client's own `Watch` breaks on a 410 and its informer neither pages nor asks for bookmarks, so this
is a watcher of our own. What it promises:

- An event, a bookmark or a list confirms the view at least every 90 s, or the store calls it stale. The
  API server sends a bookmark about every minute, but may send none for a kind that has had no event for
  long (measured on kube-apiserver 1.34: five quiet kinds of six had none in 80 s); so a watch that is
  silent is opened again, and if it stays silent the kind is listed.
- HTTP 410 (or an ERROR event with it) means that events were missed: the kind is listed again, and what
  is no longer there counts as deleted.
- After any failure it goes on from where it stood, with growing pauses; a stop ends a pause at once.
"""

from __future__ import annotations

import logging
import random
import threading
from typing import Any, Protocol

from akb_sync.clock import Clock
from akb_sync.errors import KubernetesAnswerError, KubernetesError, KubernetesForbidden, KubernetesGone

from .api import EventStream, KubeApi
from .backoff import Backoff
from .facts import resource_version
from .lister import PAGE_SIZE, list_all
from .position import Position
from .prose import one_line
from .resources import Resource
from .store import Store

READ_TIMEOUT = 70.0
"""Seconds of silence after which a watch is taken for dead; bookmarks come about every 60 s."""
SERVER_TIMEOUT = (240, 300)
"""Seconds after which the server is asked to end a watch; random, so that kinds do not end together."""
MARGIN = 10.0
"""Seconds before a view would turn stale at which it is listed instead."""
POLL_PAUSE = 30.0
"""Seconds between lists of a kind that may be listed and not watched."""
BRIEF = 1.0
"""A watch that lasted less (seconds) and brought nothing counts as a failure for the pause after it."""
_CHANGES = frozenset({"ADDED", "MODIFIED", "DELETED"})
_log = logging.getLogger(__name__)


class Pause(Protocol):
    """A wait that ends early when there is something else to do; `threading.Event` is one."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait at most `timeout` seconds."""
        ...

    def set(self) -> None:
        """End the wait that is, or the next one."""
        ...

    def clear(self) -> None:
        """Let the next wait last."""
        ...


class Watcher:
    """Keeps one kind in the store up to date, in a thread of its own once it is started."""

    def __init__(
        self,
        api: KubeApi,
        resource: Resource,
        store: Store,
        clock: Clock,
        *,
        page_size: int = PAGE_SIZE,
        rng: random.Random | None = None,
        pause: Pause | None = None,
    ) -> None:
        """Do nothing yet. `rng` (jitter) and `pause` (waiting) are seams for tests."""
        self._api = api
        self._resource = resource
        self._source = resource.source
        self._store = store
        self._clock = clock
        self._page_size = page_size
        self._rng = rng or random.Random()  # noqa: S311 (jitter, no secret)
        self._pause = pause or threading.Event()
        self._backoff = Backoff(self._rng)
        self._position = Position(resource.source)
        self._lock = threading.Lock()
        self._stream: EventStream | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._list_wanted = True
        self._watched = False
        self._unproven = ""
        self._gone_in_a_row = 0

    def start(self) -> None:
        """Keep the kind up to date from now on, in a thread."""
        self._thread = threading.Thread(target=self._run, name=f"watch-{self._source}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread soon: a wait or a read that blocks is broken off."""
        self._stopping = True
        self._interrupt()

    def join(self, timeout: float) -> None:
        """Wait for the thread's end, at most `timeout` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def reread(self) -> None:
        """List from scratch soon."""
        self._list_wanted = True
        self._interrupt()

    def list_now(self) -> None:
        """List once, in the caller's thread; for before the start.

        Raises:
            KubernetesError: it failed, which the store knows as well.
        """
        try:
            self._list()
        except KubernetesError as error:
            self._store.fail(self._source, error)
            raise

    def step(self) -> None:
        """Do the next thing: list, or watch until the watch ends; after a failure, wait."""
        self._pause.clear()
        if self._stopping:
            return
        try:
            if self._list_wanted or (self._watched and self._store.stale_in(self._source) <= MARGIN):
                self._list()
            else:
                self._watch()
        except KubernetesGone as error:
            self._missed_events(error)
        except KubernetesError as error:
            self._failed(error)

    def _run(self) -> None:
        while not self._stopping:
            try:
                self.step()
            except Exception as error:  # noqa: BLE001 (a defect of ours must not end the watch in silence)
                _log.debug("watching %s failed unexpectedly", self._source, exc_info=True)
                self._failed(
                    KubernetesAnswerError(
                        f"watching {self._source} failed: {one_line(repr(error))}",
                        "it is tried again; report it with the log of --debug",
                    )
                )

    def _list(self) -> None:
        self._list_wanted = False
        try:
            listing = list_all(self._api, self._resource, self._clock, self._page_size)
            self._position.listed(listing.version, self._clock.monotonic())
        except KubernetesError:
            self._list_wanted, self._unproven = True, ""  # once lists work again, the server is well again
            raise
        self._watched = False
        self._store.replace(self._source, listing.items, listing.began_at)
        if self._unproven:
            self._store.limited(self._source, self._unproven)
        else:
            self._backoff.reset()

    def _watch(self) -> None:
        self._watched = True
        began_at = self._clock.monotonic()
        stream = self._open()
        if stream is None:
            return
        if not self._unproven:
            self._proven()
        events = self._follow(stream)
        if self._clock.monotonic() - began_at >= BRIEF:
            self._gone_in_a_row = 0
            self._proven()
        elif not events and not self._stopping and not self._list_wanted:
            # A server that ends each watch at once would be asked in a tight loop.
            self._pause.wait(self._backoff.next_delay())

    def _proven(self) -> None:
        """Watching works: nothing is amiss any more."""
        self._unproven = ""
        self._store.limited(self._source, "")
        self._store.resumed(self._source)

    def _follow(self, stream: EventStream) -> int:
        """Take events until the watch ends; give how many there were."""
        events = 0
        try:
            for event in stream:
                self._take(event)
                events += 1
                if self._stopping or self._list_wanted:
                    break
        except KubernetesGone:
            raise
        except KubernetesError as error:
            # A server that accepts watches and breaks each of them has not recovered by accepting one, and
            # a quiet kind would wait long for an event to prove it: a list does.
            if not events:
                self._unproven, self._list_wanted = str(error), True
            raise
        finally:
            with self._lock:
                self._stream = None
            stream.close()
        return events

    def _open(self) -> EventStream | None:
        """Open the watch and make it known to `stop`; None when it is not wanted any more."""
        timeout = min(READ_TIMEOUT, max(BRIEF, self._store.stale_in(self._source) - MARGIN))
        accept = self._resource.watch_accept
        try:
            stream = self._api.stream(self._resource.path, self._params(), accept, timeout)
        except KubernetesForbidden as error:
            self._may_only_list(error)
            return None
        with self._lock:
            if not self._stopping and not self._list_wanted:
                self._stream = stream
                return stream
        stream.close()
        return None

    def _params(self) -> dict[str, str]:
        return {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._position.version,
            "timeoutSeconds": str(self._rng.randint(*SERVER_TIMEOUT)),
        }

    def _take(self, event: dict[str, Any]) -> None:
        kind, item = str(event.get("type")), event.get("object")
        if kind == "ERROR":
            raise self._error_of(item)
        if kind in _CHANGES:
            self._apply(item, deleted=kind == "DELETED")
        elif kind == "BOOKMARK":
            self._store.confirm(self._source)
        else:
            _log.debug("unknown watch event of %s: %s", self._source, one_line(kind))
            return
        self._position.advance(item)
        self._backoff.reset()
        self._gone_in_a_row = 0
        if self._unproven:
            self._proven()

    def _apply(self, item: object, *, deleted: bool) -> None:
        facts = self._resource.project(item)
        if facts is None:
            self._list_wanted = True
            raise KubernetesAnswerError(
                f"a watch event of {self._source} has no object with a name and UID",
                "check the API server; the kind is listed again",
            )
        self._store.apply(self._source, facts, resource_version(item), deleted=deleted)

    def _error_of(self, status: object) -> KubernetesError:
        """Map the Status object of an ERROR event."""
        document = status if isinstance(status, dict) else {}
        told = one_line(str(document.get("message") or document.get("reason") or "no message"))
        sentence = f"the API server ends the watch of {self._source}: {told}"
        if document.get("code") == 410 or str(document.get("reason")) in {"Expired", "Gone"}:
            return KubernetesGone(sentence, "nothing: it is listed again")
        return KubernetesAnswerError(sentence, "see the API server's log; it is tried again")

    def _missed_events(self, error: KubernetesGone) -> None:
        self._list_wanted = True
        self._gone_in_a_row += 1
        if self._gone_in_a_row == 1:
            self._store.expired(self._source)
        else:
            self._failed(error)

    def _may_only_list(self, error: KubernetesForbidden) -> None:
        """Fall back to lists; the next round tries the watch again, as the role may have been mended."""
        sentence = f"{error}; until then {self._source} are listed every {POLL_PAUSE:.0f} s"
        self._store.limited(self._source, sentence)
        self._list_wanted = True
        self._pause.wait(POLL_PAUSE)

    def _failed(self, error: KubernetesError) -> None:
        self._store.fail(self._source, error)
        if not self._stopping:
            self._pause.wait(self._backoff.next_delay())

    def _interrupt(self) -> None:
        self._pause.set()
        with self._lock:
            stream = self._stream
        if stream is not None:
            stream.close()
