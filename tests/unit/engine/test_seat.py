"""Who may write as the election says, and when the right is handed back."""

from __future__ import annotations

from datetime import UTC, datetime

from akb_sync.engine.seat import Seat
from akb_sync.kube.election import Clocks, Elector
from tests.unit.kube.memory_api import MemoryApi


class Engine:
    """What a seat wants to know of an engine."""

    def __init__(self) -> None:
        self.stopping = self.writing = False
        self.seat = Seat(lambda: self.stopping, lambda: self.writing)


def _elector(api: MemoryApi) -> Elector:
    return Elector(api, "ns", "akb-sync", "me", Clocks(lambda: 5.0, lambda: datetime(2026, 1, 1, tzinfo=UTC)))


def _holder(api: MemoryApi) -> str:
    [lease] = api.objects.values()
    return str(lease["spec"]["holderIdentity"])


def test_nobody_leads_before_the_election_has_begun() -> None:
    assert not Engine().seat.leading


def test_the_lease_is_handed_back_after_the_write_in_flight_and_not_before() -> None:
    api, engine = MemoryApi(), Engine()
    engine.seat._elector = _elector(api)
    engine.seat._campaign()
    assert engine.seat.leading
    engine.stopping = engine.writing = True
    engine.seat._campaign()
    assert engine.seat.leading
    assert _holder(api) == "me"
    engine.writing = False
    engine.seat._campaign()
    assert not engine.seat.leading
    assert _holder(api) == ""
