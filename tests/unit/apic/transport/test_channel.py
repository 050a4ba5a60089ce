"""Events from the websocket to whom they belong, in order and not too early; and every way to lose it."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websocket import ABNF, WebSocketConnectionClosedException, WebSocketTimeoutException

from akb_sync.apic.channel import Channel
from akb_sync.apic.subscription import Event, Subscription
from tests.unit.apic.transport.scripted import FakeClock, mo

LIMIT = 10.0


class FakeWebSocket:
    """Gives the frames that a test puts in; an idle moment is a timeout, as on a real one."""

    sock = None

    def __init__(self) -> None:
        self._frames: queue.Queue[tuple[int, bytes] | Exception] = queue.Queue()
        self.pings = 0
        self.shut = threading.Event()

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def recv_data(self, control_frame: bool) -> tuple[int, bytes]:
        assert control_frame
        frame = self._frames.get(timeout=LIMIT)
        if isinstance(frame, Exception):
            raise frame
        return frame

    def ping(self) -> None:
        self.pings += 1

    def shutdown(self) -> None:
        self.shut.set()

    def put(self, ids: list[str] | str, *events: Event) -> None:
        self.put_text(json.dumps({"subscriptionId": ids, "imdata": events}))

    def put_text(self, text: str) -> None:
        self._frames.put((ABNF.OPCODE_TEXT, text.encode()))

    def put_control(self, opcode: int) -> None:
        self._frames.put((opcode, b""))

    def fail(self, error: Exception) -> None:
        self._frames.put(error)

    def idle(self) -> None:
        self.fail(WebSocketTimeoutException())


class World:
    """A started channel on a fake websocket, and what it reports."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.websocket = FakeWebSocket()
        self.closed = threading.Event()
        self.channel = Channel(self.websocket, clock, lambda _: self.closed.set())  # type: ignore[arg-type]
        self.channel.start()

    def subscribe(self, identity: str, on_event: Callable[[list[Event]], None]) -> Subscription:
        subscription = Subscription(identity, "query", on_event, self.clock.seconds, self.clock.seconds + 30)
        self.channel.claim(subscription)
        return subscription

    def lost(self) -> bool:
        return self.closed.wait(LIMIT) and self.websocket.shut.is_set()


@pytest.fixture
def world(clock: FakeClock) -> Iterator[World]:
    made = World(clock)
    yield made
    made.websocket.fail(WebSocketConnectionClosedException())
    assert made.lost()


class Inbox:
    """Remembers events, and lets a test wait for them."""

    def __init__(self) -> None:
        self._got: queue.Queue[list[Event]] = queue.Queue()

    def __call__(self, events: list[Event]) -> None:
        self._got.put(events)

    def next(self) -> list[Event]:
        return self._got.get(timeout=LIMIT)

    @property
    def empty(self) -> bool:
        return self._got.empty()


def test_a_frame_with_two_ids_and_three_objects_reaches_both_subscriptions_whole(world: World) -> None:
    one, two, other = Inbox(), Inbox(), Inbox()
    for identity, inbox in (("1", one), ("2", two), ("3", other)):
        world.subscribe(identity, inbox).ready()
    events = [mo("uni/a"), mo("uni/b"), mo("uni/c")]
    world.websocket.put(["1", "2"], *events)
    assert one.next() == two.next() == events
    world.websocket.put(["3"], mo("uni/d"))
    assert other.next() == [mo("uni/d")]
    assert one.empty
    assert two.empty


def test_ids_in_one_text_are_understood(world: World) -> None:
    inbox = Inbox()
    world.subscribe("2", inbox).ready()
    world.websocket.put("1,2", mo("uni/a"))
    assert inbox.next() == [mo("uni/a")]


def test_events_wait_until_the_snapshot_is_in_place_and_then_come_in_order(world: World) -> None:
    inbox, witness = Inbox(), Inbox()
    early = world.subscribe("1", inbox)
    world.subscribe("2", witness).ready()
    for number in range(3):
        world.websocket.put(["1", "2"], mo(f"uni/{number}"))
        witness.next()
    assert inbox.empty
    early.ready()
    world.websocket.put(["1"], mo("uni/3"))
    assert [inbox.next() for _ in range(4)] == [[mo(f"uni/{number}")] for number in range(4)]


def test_an_event_that_is_quicker_than_the_answer_with_its_id_is_kept(world: World) -> None:
    inbox, witness = Inbox(), Inbox()
    world.subscribe("2", witness).ready()
    with world.channel.expecting():
        world.websocket.put(["1", "2"], mo("uni/early"))
        witness.next()
        subscription = world.subscribe("1", inbox)
    subscription.ready()
    assert inbox.next() == [mo("uni/early")]


def test_events_of_unknown_ids_are_not_kept_when_nobody_expects_any(world: World) -> None:
    inbox, witness = Inbox(), Inbox()
    world.subscribe("2", witness).ready()
    world.websocket.put(["1", "2"], mo("uni/early"))
    witness.next()
    with world.channel.expecting():
        world.subscribe("1", inbox).ready()
    assert inbox.empty


def test_a_callback_may_end_its_own_subscription_and_hears_no_more(world: World) -> None:
    heard: list[list[Event]] = []
    done, witness = threading.Event(), Inbox()

    def once(events: list[Event]) -> None:
        heard.append(events)
        world.channel.drop(subscription)
        done.set()

    subscription = world.subscribe("1", once)
    world.subscribe("2", witness).ready()
    subscription.ready()
    world.websocket.put(["1"], mo("uni/a"))
    assert done.wait(LIMIT)
    world.websocket.put(["1", "2"], mo("uni/b"))
    witness.next()
    assert heard == [[mo("uni/a")]]


def test_an_event_confirms_its_subscription_and_does_not_put_off_its_refresh(
    world: World, clock: FakeClock
) -> None:
    inbox = Inbox()
    subscription = world.subscribe("1", inbox)
    subscription.ready()
    due = subscription.refresh_at
    clock.turn(20)
    world.websocket.put(["1"], mo("uni/a"))
    inbox.next()
    assert (subscription.confirmed_at, subscription.refresh_at) == (clock.seconds, due)


@pytest.mark.parametrize(
    "loss",
    [
        lambda socket: socket.fail(WebSocketConnectionClosedException("gone")),
        lambda socket: socket.fail(ConnectionResetError(104, "Connection reset by peer")),
        lambda socket: socket.put_control(ABNF.OPCODE_CLOSE),
        lambda socket: socket.put_text("<html>"),
        lambda socket: socket.put_text("[]"),
        lambda socket: socket.put_text('{"imdata": []}'),
        lambda socket: socket.put_text('{"subscriptionId": 1, "imdata": []}'),
        lambda socket: socket.put_text('{"subscriptionId": ["1"], "imdata": {}}'),
    ],
)
def test_a_socket_that_ends_or_talks_nonsense_takes_its_subscriptions_with_it(
    loss: Callable[[Any], None], clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(clock)
    subscription = world.subscribe("1", Inbox())
    loss(world.websocket)
    assert world.lost()
    assert [record.exc_info for record in caplog.records] == [None], "one line, and no defect of ours"
    assert not subscription.alive
    assert not world.channel.open
    late = world.subscribe("2", Inbox())
    assert not late.alive


def test_a_callback_that_fails_gives_the_socket_up_since_its_view_is_wrong_now(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(clock)

    def fail(_: list[Event]) -> None:
        raise KeyError("bug")

    subscription = world.subscribe("1", fail)
    subscription.ready()
    world.websocket.put(["1"], mo("uni/a"))
    assert world.lost()
    assert not subscription.alive
    assert "could not be handled" in caplog.text


def test_an_idle_socket_is_pinged_and_one_that_stops_answering_is_lost(clock: FakeClock) -> None:
    world = World(clock)
    inbox = Inbox()
    world.subscribe("1", inbox).ready()
    clock.turn(30)
    world.websocket.idle()
    world.websocket.put(["1"], mo("uni/a"))  # comes after the look-up
    inbox.next()
    assert world.websocket.pings == 1
    world.websocket.put_control(ABNF.OPCODE_PONG)
    world.websocket.put(["1"], mo("uni/b"))
    inbox.next()
    clock.turn(76)
    world.websocket.idle()
    assert world.lost()


def test_a_socket_whose_server_never_answered_a_ping_is_not_lost_by_silence(
    world: World, clock: FakeClock
) -> None:
    inbox = Inbox()
    world.subscribe("1", inbox).ready()
    for _ in range(5):
        clock.turn(60)
        world.websocket.idle()
    world.websocket.put(["1"], mo("uni/a"))
    assert inbox.next() == [mo("uni/a")]
