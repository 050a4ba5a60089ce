"""What the view and the writer ask of a session, so that they know no socket and tests need none.

The session itself (login, renewal, failover, websocket) lives in `apic.session`; anything with these
methods will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from akb_sync.errors import ApicForbidden

ImData = list[dict[str, Any]]
"""The objects of an answer or of an event: `[{class: {"attributes": {...}}}, ...]`."""


class Subscription(Protocol):
    """One query whose changes are pushed."""

    @property
    def alive(self) -> bool:
        """Whether events can still come; once false it stays false."""
        ...

    def ready(self) -> None:
        """Say that the snapshot is in place: events that were kept back come now, then the rest."""
        ...


class Reader(Protocol):
    """Whoever answers queries."""

    def get(self, path: str, params: Mapping[str, str] = {}) -> ImData:
        """Give the objects of all pages.

        Raises:
            ApicError: the answer is not known. An empty list always means that there is nothing.
        """
        ...


class Poster(Reader, Protocol):
    """Whoever reads and writes."""

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        """Post `body` to `dn`; returns when the APIC has committed it.

        Raises:
            ApicError: see the tree in `errors` for what each kind says about the commit.
        """
        ...


class Subscriber(Reader, Protocol):
    """Whoever reads and keeps watching."""

    on_lost: Callable[[], None]
    """Called when subscriptions were lost; they are no longer `alive` then."""

    def subscribe(
        self, path: str, params: Mapping[str, str], on_event: Callable[[ImData], None]
    ) -> tuple[Subscription, ImData]:
        """Query and keep watching; events wait until the subscription is told that it is `ready`."""
        ...

    def unsubscribe(self, subscription: Any) -> None:
        """Let a subscription end."""
        ...

    def confirmed_at(self, subscription: Any) -> float:
        """When (monotonic seconds) the APIC last said that the subscription lives."""
        ...


class ReadOnlySession:
    """A session without the means to write: what a dry run is given."""

    def __init__(self, session: Reader) -> None:
        """Read through `session`."""
        self._session = session

    def get(self, path: str, params: Mapping[str, str] = {}) -> ImData:
        """Give the objects of all pages."""
        return self._session.get(path, params)

    def post(self, dn: str, body: Mapping[str, Any]) -> None:
        """Refuse.

        Raises:
            ApicForbidden: always.
        """
        del dn, body
        raise self.refusal()

    def refusal(self) -> ApicForbidden:
        """Give the error that every attempt to write meets."""
        return ApicForbidden("nothing is written: this is a dry run", "run without --dry-run")
