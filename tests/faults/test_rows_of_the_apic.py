"""Rows 38 and 40 of the table of faults: an APIC that has no time, controllers that go and come back."""

import pytest

from tests.simulated.engine.stage import L3OUT, TENANT, eventually

from .faults import FABRIC, TURN_AWAY, FaultWhere, Storm
from .laboratory import Laboratory, laboratory
from .ledger import NoFault
from .scene import Scene

MOST_A_MINUTE = 75
"""Requests to an APIC that turns every one away."""
THE_L3OUT = f"/api/mo/uni/tn-{TENANT}/out-{L3OUT}."
PAGE = b"<html><head><title>503</title></head><body>nginx</body></html>"
STORMS = {
    "503 with HTML": (503, PAGE),
    "503 without a word": (503, b""),
    "429": (429, b"Too Many Requests"),
    "200 with HTML": (200, PAGE),
    "202": (202, b"APIC queue is full, slow down"),
}


def _web(scene: Scene) -> None:
    scene.deploy("web")
    scene.pods("web", 2)


def _exchange_a_pod(scene: Scene) -> None:
    scene.pod_gone("web-1")
    scene.pod("web", "web-3", "10.244.1.3")


def _is_exchanged(lab: Laboratory) -> None:
    """Once all is well: each object was written once, and nothing foreign."""
    lab.act(lambda _scene: None)
    assert lab.stage.prefixes() == {"10.244.1.2/32", "10.244.1.3/32"}
    written = {(kind, dn.rpartition("/extsubnet-")[2]): times for (kind, dn), times in lab.last.items()}
    assert written == {("created", "[10.244.1.3/32]"): 1, ("deleted", "[10.244.1.1/32]"): 1}
    assert lab.record.foreign == []


@pytest.mark.parametrize("kind", STORMS)
def test_row_38_three_minutes_of_a_storm(kind: str) -> None:
    storm = Storm(*STORMS[kind])
    with laboratory(storm) as lab:
        lab.begin()
        lab.act(_web)
        storm.rages = True
        _exchange_a_pod(lab.scene)
        posts, minutes = lab.stage.posts, []
        for _ in range(3):
            asked, until = len(storm.asked), lab.stage.clock.monotonic() + 60.0
            while lab.stage.clock.monotonic() < until:
                lab.turn(1.0)
            minutes.append(len(storm.asked) - asked)
        assert lab.stage.posts == posts
        assert max(minutes) <= MOST_A_MINUTE, "about one request a second, retries and all"
        assert not [one for one in storm.asked if "aaaLogin" in one.name]
        storm.rages = False
        _is_exchanged(lab)


def _until_the_websocket_is_lost(lab: Laboratory, before: int) -> None:
    eventually("the websocket is lost", lambda: lab.generation > before)


def test_row_40_deletes_wait_for_what_the_next_controller_says() -> None:
    hushed = FaultWhere(TURN_AWAY, lambda point: point.name.startswith(f"GET {THE_L3OUT}"))
    with laboratory(controllers=3) as lab:
        lab.begin()
        lab.act(_web)
        posts, generation = lab.stage.posts, lab.generation
        lab.ledger.fault = hushed
        lab.stage.apic.stop_controller(1)
        lab.scene.pod_gone("web-1")
        _until_the_websocket_is_lost(lab, generation)
        lab.turn(5.0, 6)
        assert hushed.struck, "the next controller was asked"
        assert lab.stage.posts == posts, "and while it has not told what there is, nothing goes"
        lab.ledger.fault, asked = NoFault(), len(lab.ledger.points)
        lab.settle()
        assert lab.stage.prefixes() == {"10.244.1.2/32"}
        since = [point.name for point in lab.ledger.points[asked:] if point.side == FABRIC]
        first = next(index for index, name in enumerate(since) if name.startswith(f"POST {THE_L3OUT}"))
        assert any(name.startswith(f"GET {THE_L3OUT}") for name in since[:first])


def test_row_40_all_controllers_go_and_come_back_in_reverse_order() -> None:
    with laboratory(controllers=3) as lab:
        lab.begin()
        lab.act(_web)
        for number in (1, 2, 3):
            generation = lab.generation
            lab.stage.apic.stop_controller(number)
            _until_the_websocket_is_lost(lab, generation)
            lab.turn(5.0, 2)
        _exchange_a_pod(lab.scene)
        posts = lab.stage.posts
        lab.turn(5.0, 30)
        assert lab.stage.posts == posts
        for number in (3, 2, 1):
            lab.stage.apic.start_controller(number)
            lab.turn(5.0, 2)
        _is_exchanged(lab)
