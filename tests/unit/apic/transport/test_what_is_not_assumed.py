"""What a session does not assume: that pages fit, that a write may go elsewhere, that a socket holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from akb_sync.apic.access import Access
from akb_sync.apic.answers import Answer, TokenRefused
from akb_sync.apic.courier import Courier
from akb_sync.apic.login import Login
from akb_sync.apic.options import ApicOptions
from akb_sync.apic.paging import collect
from akb_sync.apic.subscriber import Subscriber
from akb_sync.apic.subscription import Subscription
from akb_sync.apic.wire import Call
from akb_sync.errors import ApicAnswerError, ApicBusy, ApicUnreachable
from tests.unit.apic.answers import HandClock

ONE, TWO = "https://one.example.com", "https://two.example.com"
OPTIONS = ApicOptions((ONE, TWO), "admin", "secret")


def _objects(*names: str) -> list[dict[str, Any]]:
    return [{"l3extInstP": {"attributes": {"dn": f"uni/{name}"}}} for name in names]


def test_pages_that_count_differently_are_no_one_result() -> None:
    pages = [
        Answer(_objects("a", "b"), 3),
        Answer(_objects("d"), 4),
        Answer(_objects("a", "b"), 4),
        Answer(_objects("c", "d"), 4),
    ]
    assert collect(lambda _number: pages.pop(0)) == _objects("a", "b", "c", "d")


class Seat:
    """Who we are: on the first controller, and after a refusal on the second."""

    def __init__(self) -> None:
        self.credential = SimpleNamespace(cookie=lambda *_: "")
        self.abandoned: list[Login] = []

    def current(self) -> Login:
        return Login(ONE, "old")

    def renewed(self, _stale: Login) -> Login:
        return Login(TWO, "new")

    def abandon(self, login: Login) -> None:
        self.abandoned.append(login)


def _courier(seat: Seat, *ends: Exception) -> tuple[Courier, list[str]]:
    """A courier whose requests end in this way, and where they went."""
    courier, went, left = Courier(OPTIONS, HandClock(), lambda: None), list[str](), list(ends)

    def exchange(controller: str, _call: Call) -> Answer:
        went.append(controller)
        if left:
            raise left.pop(0)
        return Answer([], 0)

    hooked: Any = courier
    hooked.access, hooked._exchange = seat, exchange
    return courier, went


def test_a_write_whose_session_ended_does_not_go_to_the_controller_that_took_over() -> None:
    courier, went = _courier(Seat(), TokenRefused("token was invalid"))
    with pytest.raises(ApicUnreachable, match="took over before the write"):
        courier.write("/api/mo/uni.json", b"{}")
    assert went == [ONE]


def test_a_read_whose_session_ended_does() -> None:
    courier, went = _courier(Seat(), TokenRefused("token was invalid"))
    courier.read("/api/mo/uni.json")
    assert went == [ONE, TWO]


def test_a_controller_that_a_write_cannot_reach_is_left() -> None:
    seat = Seat()
    courier, _ = _courier(seat, ApicUnreachable("no connection"))
    with pytest.raises(ApicUnreachable):
        courier.write("/api/mo/uni.json", b"{}")
    assert seat.abandoned == [Login(ONE, "old")]


def test_a_login_that_takes_the_place_of_another_says_that_all_subscriptions_are_lost() -> None:
    moved: list[str] = []
    answer = Answer([{"aaaLogin": {"attributes": {"token": "abc", "refreshTimeoutSeconds": "600"}}}], 1)
    access = Access(OPTIONS, HandClock(), lambda *_: answer, lambda: moved.append("moved"))
    first = access.current()
    assert moved == []
    access.renewed(first)
    assert moved == ["moved"]


class Socket:
    """A websocket that is open, or closes while a subscription is made."""

    def __init__(self, *, closes: bool) -> None:
        self.closes, self.dropped = closes, list[Subscription]()

    @contextmanager
    def expecting(self) -> Iterator[None]:
        yield

    def claim(self, subscription: Subscription) -> None:
        if self.closes:
            subscription.end()

    def drop(self, subscription: Subscription) -> None:
        self.dropped.append(subscription)


def _subscriber(answer: Answer, socket: Socket) -> Subscriber:
    courier: Any = SimpleNamespace(
        access=SimpleNamespace(current=lambda: Login(ONE, "abc")), page=lambda *_: answer
    )
    subscriber: Any = Subscriber(OPTIONS, HandClock(), courier, lambda: None, lambda: None)
    subscriber._open_channel = lambda: socket
    made: Subscriber = subscriber
    return made


def test_a_subscription_without_an_id_is_none() -> None:
    with pytest.raises(ApicAnswerError, match="without an id"):
        _subscriber(Answer([], 0), Socket(closes=False)).subscribe("/api/mo/uni.json", {}, print)


def test_a_subscription_whose_socket_closed_while_it_was_made_is_none() -> None:
    socket = Socket(closes=True)
    with pytest.raises(ApicBusy, match="closed while subscribing"):
        _subscriber(Answer([], 0, "72057"), socket).subscribe("/api/mo/uni.json", {}, print)
    assert len(socket.dropped) == 1


def test_an_ended_subscription_hands_over_nothing_not_even_what_waited() -> None:
    heard: list[object] = []
    subscription = Subscription("72057", "/api/mo/uni.json", heard.append, 0.0, 0.0)
    subscription.deliver([_objects("a")])
    subscription.end()
    subscription.ready()
    assert heard == []
