"""When the cluster's L3Out is looked for, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

from akb_sync.apic.ports import Reader
from akb_sync.engine import home as module
from akb_sync.engine.home import RETRY, Homing
from akb_sync.errors import ApicUnreachable, KubernetesForbidden, SettingsError
from akb_sync.kube import ClusterView, Home
from akb_sync.model import Desired, L3Out, Notice, ObjectRef
from akb_sync.reasons import Reason

from .scripted import HandClock

ASKING = Desired(undecided=(Notice(Reason.PARENT_UNKNOWN, ObjectRef("Deployment", "shop", "web"), "?"),))
NOT_ASKING = Desired(undecided=(Notice(Reason.INVALID_ANNOTATION, ObjectRef("Deployment", "a", "b"), "?"),))
A, B = L3Out("TEN", "A"), L3Out("TEN", "B")


@dataclass
class Cluster:
    """Knows its nodes, and remembers what it was told."""

    nodes: tuple[str, ...] | Exception = ("10.1.0.2", "10.1.0.3")
    told: list[Home] = field(default_factory=list)

    def node_addresses(self) -> tuple[str, ...]:
        if isinstance(self.nodes, Exception):
            raise self.nodes
        return self.nodes

    def settle(self, home: Home) -> None:
        self.told.append(home)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def homing(
    cluster: Cluster,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    *answers: dict[L3Out, str] | Exception,
    setting: str = "auto",
) -> Homing:
    left = list(answers)

    def answer(_session: object, _addresses: object) -> dict[L3Out, str]:
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(module, "l3outs_with", answer)
    return Homing(setting, cast("ClusterView", cluster), cast("Reader", None), clock)


def test_nothing_is_searched_while_every_annotation_names_its_l3out(
    cluster: Cluster, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = homing(cluster, clock, monkeypatch)
    found.settle(Desired())
    found.settle(NOT_ASKING)
    assert cluster.told == []


def test_the_one_l3out_is_taken_and_kept(
    cluster: Cluster, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = homing(cluster, clock, monkeypatch, {A: "BGP peer 10.1.0.2"})
    found.settle(ASKING)
    clock.advance(3600)
    found.settle(ASKING)
    assert cluster.told == [Home(A)]


def test_several_are_listed_and_asked_for_again_after_a_pause(
    cluster: Cluster, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {A: "BGP peer 10.1.0.2", B: "BGP peer 10.1.0.3"}
    found = homing(cluster, clock, monkeypatch, both, {A: "BGP peer 10.1.0.2"})
    found.settle(ASKING)
    found.settle(ASKING)
    assert [home.why for home in cluster.told] == [
        "2 L3Outs carry this cluster's nodes: TEN/A (BGP peer 10.1.0.2), TEN/B (BGP peer 10.1.0.3)"
    ]
    clock.advance(RETRY)
    found.settle(ASKING)
    assert cluster.told[-1] == Home(A)


def test_no_more_than_five_candidates_are_shown(
    cluster: Cluster, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {L3Out("TEN", f"L{number}"): "external subnet 10.0.0.0/8" for number in range(7)}
    homing(cluster, clock, monkeypatch, many).settle(ASKING)
    assert cluster.told[0].why.endswith("TEN/L4 (external subnet 10.0.0.0/8) and 2 more")


def test_none_is_said_with_the_number_of_nodes(
    cluster: Cluster, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    homing(cluster, clock, monkeypatch, {}).settle(ASKING)
    assert cluster.told[0].why == ("no L3Out has one of the 2 node addresses as BGP peer or external subnet")


@pytest.mark.parametrize("side", ["kubernetes", "apic"])
def test_a_side_that_cannot_be_asked_leaves_it_unknown_with_its_sentence(
    cluster: Cluster, clock: HandClock, monkeypatch: pytest.MonkeyPatch, side: str
) -> None:
    cluster.nodes = KubernetesForbidden("nodes may not be listed", "grant it") if side == "kubernetes" else ()
    found = homing(cluster, clock, monkeypatch, ApicUnreachable("no way", "look"))
    found.settle(ASKING)
    assert cluster.told[0].l3out is None
    assert cluster.told[0].why in {"nodes may not be listed; grant it", "no way; look"}


def test_a_setting_spares_the_search(
    cluster: Cluster, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = homing(cluster, clock, monkeypatch, setting="TEN/B")
    found.settle(ASKING)
    assert cluster.told == [Home(B)]


@pytest.mark.parametrize("setting", ["", "TEN", "TEN/", "/B", "TEN/B/E", "none"])
def test_a_setting_that_names_no_l3out_is_refused(cluster: Cluster, clock: HandClock, setting: str) -> None:
    with pytest.raises(SettingsError, match="write TENANT/L3OUT, or auto"):
        Homing(setting, cast("ClusterView", cluster), cast("Reader", None), clock)
