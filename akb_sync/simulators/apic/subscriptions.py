"""The event bus: from the changes of a transaction to frames on the websockets of those who asked.

One frame for one change and socket, with the ids of all subscriptions of that socket that it belongs to
(captured frames). There is no replay: what happens while a socket is down is never told. A filter is put to
the object as the change leaves it: who enters a filter's result by a change shows up as `modified` with what
changed and nothing else, and who leaves it leaves without a word.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from akb_sync.simulators.apic import behaviour
from akb_sync.simulators.apic.behaviour import Behaviour
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.errors import ApicError
from akb_sync.simulators.apic.forms import Form
from akb_sync.simulators.apic.queries import Query
from akb_sync.simulators.apic.rendering import event
from akb_sync.simulators.apic.sessions import Session
from akb_sync.simulators.apic.transactions import Change
from akb_sync.simulators.apic.tree import Mo

FIRST_ID = 0x0100_0000_0000_0001


class Socket(Protocol):
    """A websocket as the bus sees it: where frames go, and whose it is."""

    session: Session

    def push(self, frame: str, about: Mo) -> None:
        """Send a text frame about an object; must not block."""


@dataclass(slots=True, eq=False)
class Subscription:
    """One subscribed query.

    Attributes:
        mute: an id was given out, but no event will ever come: two APIC-cookies in the request, or
            `rsp-prop-include=config-only` (both observed on real APICs).
        form: frames are in the form of the query.
    """

    id: int
    query: Query
    socket: Socket
    timeout: float
    ends: float
    mute: bool
    form: Form


@dataclass(slots=True)
class _Index:
    """Subscriptions by what they look at, so that a change finds its own quickly."""

    by_class: dict[str, list[Subscription]] = field(default_factory=lambda: defaultdict(list))
    by_dn: dict[str, list[Subscription]] = field(default_factory=lambda: defaultdict(list))

    def shelf(self, query: Query) -> list[Subscription]:
        """Where a subscription to this query belongs."""
        if query.target.class_name:
            return self.by_class[query.target.class_name]
        return self.by_dn[query.target.dn]


class EventBus:
    """All living subscriptions."""

    def __init__(self, clock: Clock, how: Behaviour = behaviour.DEFAULT) -> None:
        self._clock = clock
        self._how = how
        self._ids = itertools.count(FIRST_ID)
        self._by_id: dict[int, Subscription] = {}
        self._index = _Index()

    def __len__(self) -> int:
        return len(self._by_id)

    def subscribe(self, query: Query, socket: Socket, *, form: Form = Form.JSON, mute: bool = False) -> str:
        """Remember a query for a socket and return the subscription's id, a decimal number as text."""
        timeout = float(query.refresh_timeout or self._how.subscription_timeout)
        mute = mute or query.properties.startswith("config")
        ends = self._clock.elapsed() + timeout
        subscription = Subscription(next(self._ids), query, socket, timeout, ends, mute, form)
        self._by_id[subscription.id] = subscription
        self._index.shelf(query).append(subscription)
        return str(subscription.id)

    def refresh(self, ids: Iterable[str], session: Session, timeout: float | None = None) -> None:
        """Give subscriptions a new life; raises 400 when one of them is dead or somebody else's.

        Where the APIC is one that says nothing about dead ones, they stay dead all the same.
        """
        self.expire()
        dead = False
        for text in ids:
            subscription = self._by_id.get(_leading_number(text))
            if subscription is None or subscription.socket.session is not session:
                dead = True
                continue
            subscription.timeout = timeout or subscription.timeout
            subscription.ends = self._clock.elapsed() + subscription.timeout
        if dead and self._how.dead_refresh_status != 200:
            raise ApicError("400", "Subscription refresh timeout")

    def drop_socket(self, socket: Socket) -> None:
        """Forget every subscription of a socket that closed."""
        self._forget([each for each in self._by_id.values() if each.socket is socket])

    def expire(self) -> None:
        """Forget the subscriptions that were not refreshed in time."""
        now = self._clock.elapsed()
        self._forget([each for each in self._by_id.values() if each.ends <= now])

    def publish(self, changes: Iterable[Change]) -> None:
        """Tell every socket about the changes that one of its subscriptions is about."""
        if not self._by_id:
            return
        self.expire()
        for change in changes:
            if not change.mo.schema.observable:
                continue
            audience: dict[tuple[Socket, Form], list[int]] = {}
            for subscription in self._concerned(change.mo):
                audience.setdefault((subscription.socket, subscription.form), []).append(subscription.id)
            if audience:
                imdata = [event(change)]
                for (socket, form), ids in audience.items():
                    names = [str(number) for number in sorted(ids)]
                    socket.push(form.write({"subscriptionId": names, "imdata": imdata}), change.mo)

    def _concerned(self, mo: Mo) -> list[Subscription]:
        index = self._index
        found = [each for each in index.by_class.get(mo.schema.name, ()) if each.query.reach != "children"]
        found += [each for each in index.by_dn.get(mo.dn, ()) if each.query.reach != "children"]
        reaches = {"subtree", "children"}
        for above in mo.ancestors():
            for shelf in (index.by_dn.get(above.dn, ()), index.by_class.get(above.schema.name, ())):
                found += [each for each in shelf if each.query.reach in reaches]
            reaches = {"subtree"}
        return [
            each
            for each in dict.fromkeys(found)
            if not each.mute and _under_node(each.query, mo) and each.query.accepts(mo)
        ]

    def _forget(self, subscriptions: list[Subscription]) -> None:
        for subscription in subscriptions:
            del self._by_id[subscription.id]
            self._index.shelf(subscription.query).remove(subscription)


def _under_node(query: Query, mo: Mo) -> bool:
    target = query.target
    return not (target.class_name and target.dn) or mo.dn.startswith(f"{target.dn}/")


def _leading_number(text: str) -> int:
    """An id is read up to the first character that is no digit (observed on a live APIC)."""
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return int(digits) if digits and len(digits) < 30 else -1
