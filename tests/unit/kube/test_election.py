"""At most one leads, whatever the clocks say, and a handover takes as long as it must and no longer."""

from datetime import UTC, datetime, timedelta

import pytest

from akb_sync.errors import KubernetesError, KubernetesForbidden, KubernetesUnreachable
from akb_sync.kube.election import Clocks, Elector, identity
from akb_sync.kube.lease import Lease, lease_path, read_leader

from .memory_api import MemoryApi

SECONDS = 15.0
DEADLINE = 10.0
START = datetime(2026, 1, 1, tzinfo=UTC)
PATH = lease_path("akb-sync", "akb-sync")


class Machine:
    """One machine's two clocks, each turned by hand."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.boottime, self.wall = 1000.0 + ahead, START + timedelta(seconds=ahead)

    def passes(self, seconds: float) -> None:
        self.boottime += seconds
        self.wall += timedelta(seconds=seconds)

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.boottime, lambda: self.wall)


class Candidate:
    def __init__(self, api: MemoryApi, name: str, machine: Machine) -> None:
        self.machine, self.changes = machine, list[bool]()
        self.elector = Elector(
            api,
            "akb-sync",
            "akb-sync",
            name,
            machine.clocks,
            seconds=SECONDS,
            on_change=lambda: self.changes.append(self.elector.leading),
        )

    @property
    def leads(self) -> bool:
        return self.elector.leading

    def step(self) -> "Candidate":
        self.elector.step()
        return self


@pytest.fixture
def api() -> MemoryApi:
    return MemoryApi()


def test_the_first_one_leads_and_the_second_follows_it(api: MemoryApi) -> None:
    a, b = (Candidate(api, name, Machine()).step() for name in "ab")
    assert (a.leads, b.leads) == (True, False)
    assert a.elector.leader == b.elector.leader == "a"
    assert api.objects[PATH]["spec"]["leaseTransitions"] == 0
    assert a.changes == [True]


def test_a_leader_that_renews_leads_for_ever(api: MemoryApi) -> None:
    machine = Machine()
    a, b = (Candidate(api, name, machine).step() for name in "ab")
    for _ in range(100):
        machine.passes(a.elector.pause)
        assert (a.step().leads, b.step().leads) == (True, False)
    assert a.elector.term == 1


def test_a_leader_that_cannot_renew_stops_before_another_one_begins(api: MemoryApi) -> None:
    machine = Machine()
    a, b = (Candidate(api, name, machine).step() for name in "ab")
    stopped_at = began_at = 0.0
    for tick in range(1, 400):
        machine.passes(0.1)
        b.step()
        assert not (a.leads and b.leads)
        stopped_at = stopped_at or (0.0 if a.leads else tick / 10)
        began_at = began_at or (tick / 10 if b.leads else 0.0)
    assert stopped_at == pytest.approx(DEADLINE, abs=0.15)
    assert SECONDS <= began_at <= SECONDS + 0.2
    assert api.objects[PATH]["spec"]["leaseTransitions"] == 1


@pytest.mark.parametrize("clock", ["boottime", "wall"])
def test_one_clock_that_says_too_late_is_enough_to_stop(api: MemoryApi, clock: str) -> None:
    machine = Machine()
    a = Candidate(api, "a", machine).step()
    if clock == "boottime":
        machine.boottime += DEADLINE
    else:
        machine.wall += timedelta(seconds=DEADLINE)
    assert not a.leads
    assert a.step().leads


def test_the_deadline_counts_from_the_beginning_of_the_renewal_and_not_from_its_answer(
    api: MemoryApi,
) -> None:
    machine = Machine()
    a = Candidate(api, "a", machine).step()
    api.fault = lambda method, _path: machine.passes(DEADLINE) if method == "PUT" else None
    assert not a.step().leads


def test_a_wall_clock_set_back_by_an_hour_ends_nothing(api: MemoryApi) -> None:
    machine = Machine()
    a = Candidate(api, "a", machine).step()
    machine.wall -= timedelta(hours=1)
    assert a.leads
    machine.boottime += DEADLINE
    assert not a.leads


@pytest.mark.parametrize("ahead", [-3600.0, 3600.0])
def test_clocks_an_hour_apart_make_no_second_leader(api: MemoryApi, ahead: float) -> None:
    here, there = Machine(), Machine(ahead)
    a, b = Candidate(api, "a", here).step(), Candidate(api, "b", there).step()
    for _ in range(50):
        here.passes(2.0)
        there.passes(2.0)
        assert (a.step().leads, b.step().leads) == (True, False)


def test_a_follower_that_slept_does_not_take_the_lease_of_a_living_leader(api: MemoryApi) -> None:
    here, there = Machine(), Machine()
    a, b = Candidate(api, "a", here).step(), Candidate(api, "b", there).step()
    for _ in range(30):
        here.passes(2.0)
        a.step()
    there.passes(60.0)
    assert not b.step().leads


def test_a_leader_that_slept_finds_another_one_and_follows_it(api: MemoryApi) -> None:
    here, there = Machine(), Machine()
    a, b = Candidate(api, "a", here).step(), Candidate(api, "b", there).step()
    there.passes(SECONDS)
    assert b.step().leads
    here.passes(60.0)
    assert not a.leads
    assert not a.step().leads
    assert a.elector.leader == "b"
    assert a.changes == [True, False]


def test_of_two_that_try_at_once_one_leads(api: MemoryApi) -> None:
    api.objects[PATH] = {"metadata": {"name": "akb-sync", "resourceVersion": "1"}, "spec": {}}
    a, b = Candidate(api, "a", Machine()), Candidate(api, "b", Machine())

    def b_is_faster(method: str, _path: str) -> None:
        if method == "PUT":
            api.fault = lambda _method, _path: None
            b.step()

    api.fault = b_is_faster
    a.step()
    assert (a.leads, b.leads) == (False, True)
    assert a.elector.trouble == ""


def test_a_lease_that_is_handed_back_is_taken_at_once(api: MemoryApi) -> None:
    a, b = (Candidate(api, name, Machine()).step() for name in "ab")
    a.elector.release()
    assert not a.leads
    assert b.step().leads
    assert b.elector.term == 1


def test_only_a_leader_hands_back(api: MemoryApi) -> None:
    a, b = (Candidate(api, name, Machine()).step() for name in "ab")
    written = api.writes()
    b.elector.release()
    assert api.writes() == written
    assert a.step().leads
    assert api.objects[PATH]["spec"]["holderIdentity"] == "a"


def test_a_leader_that_finds_another_name_in_its_lease_leads_no_more(api: MemoryApi) -> None:
    machine = Machine()
    a = Candidate(api, "a", machine).step()
    assert a.leads
    machine.passes(1.0)
    taken = Lease.of(api.get(PATH)).taken("b", SECONDS, machine.wall)
    api.put(PATH, taken.document("akb-sync", "akb-sync"))
    assert not a.step().leads
    assert a.changes == [True, False]
    assert api.objects[PATH]["spec"]["holderIdentity"] == "b"


def test_a_lease_that_somebody_deletes_is_made_again(api: MemoryApi) -> None:
    a = Candidate(api, "a", Machine()).step()
    del api.objects[PATH]
    assert a.step().leads
    assert api.objects[PATH]["spec"]["holderIdentity"] == "a"


def test_a_renewal_whose_answer_is_lost_counts_only_when_it_is_seen(api: MemoryApi) -> None:
    machine = Machine()
    a = Candidate(api, "a", machine).step()
    api.lost = lambda _method: KubernetesUnreachable("no answer", "wait")
    machine.passes(DEADLINE)
    assert not a.step().leads
    assert a.elector.trouble == "no answer; wait"
    api.lost = lambda _method: None
    assert a.step().leads
    assert a.elector.trouble == ""


@pytest.mark.parametrize(
    "error", [KubernetesForbidden("no", "add the verb"), KubernetesUnreachable("no", "x")]
)
def test_whoever_cannot_reach_the_lease_does_not_lead_and_says_why(
    api: MemoryApi, error: KubernetesError
) -> None:
    def fail(_method: str, _path: str) -> None:
        raise error

    api.fault = fail
    a = Candidate(api, "a", Machine()).step()
    assert not a.leads
    assert a.elector.trouble == str(error)


def test_two_names_of_one_machine_are_never_the_same() -> None:
    assert identity() != identity()


def lease(renewed: datetime, holder: str = "a") -> dict[str, object]:
    document = Lease(holder, SECONDS, renewed, renewed, 0).document("akb-sync", "akb-sync")
    document["metadata"]["resourceVersion"] = "1"
    return document


def leader_at(api: MemoryApi, now: datetime, meanwhile: datetime | None = None) -> str:
    def sleep(_seconds: float) -> None:
        if meanwhile:
            api.objects[PATH] = lease(meanwhile)

    found = read_leader(api, "akb-sync", "akb-sync", now=lambda: now, sleep=sleep)
    return found.name if found else ""


def test_a_leader_is_named_while_its_lease_counts(api: MemoryApi) -> None:
    assert leader_at(api, START) == ""
    api.objects[PATH] = lease(START)
    assert leader_at(api, START + timedelta(seconds=14)) == "a"
    assert leader_at(api, START + timedelta(seconds=15)) == ""
    api.objects[PATH] = lease(START, holder="")
    assert leader_at(api, START) == ""


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_leader_whose_clock_is_another_is_known_by_its_renewals(api: MemoryApi, hours: int) -> None:
    now = START + timedelta(hours=hours)
    api.objects[PATH] = lease(START)
    assert leader_at(api, now, meanwhile=START + timedelta(seconds=2)) == "a"
    assert leader_at(api, now) == ""


@pytest.mark.parametrize(
    "spec", [None, [], {"leaseDurationSeconds": "x", "renewTime": 3, "leaseTransitions": []}]
)
def test_a_lease_of_another_shape_has_no_holder(spec: object) -> None:
    assert Lease.of({"spec": spec}) == Lease()
