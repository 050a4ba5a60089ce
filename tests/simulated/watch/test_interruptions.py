"""Whatever breaks on the way, the engine lives, says it once, and has everything right when it is over."""

import threading

import pytest

from akb_sync.simulators.apic.faults import Canned, Loss
from tests.simulated.engine.stage import EPG, Stage, binding, eventually, hosts, subnet_dn

from .running import Running
from .told import Told

PATIENTLY = 20.0
"""Seconds; pauses between attempts double, so a way back may take a while on a busy machine."""


def holds(stage: Stage, prefixes: set[str], epg: str = EPG) -> None:
    eventually(f"{epg} holds {prefixes}", lambda: stage.prefixes(epg) == prefixes, PATIENTLY)


@pytest.fixture
def web(stage: Stage, story: Running) -> dict[str, object]:
    """A workload with three Pods that stand on the fabric, both sides followed."""
    web = stage.workload("web")
    stage.pods(web, 3)
    holds(stage, hosts("10.244.1", 3))
    story.until_followed()
    return web


def test_a_closed_websocket_is_opened_again_and_what_happened_meanwhile_is_found(
    stage: Stage, story: Running, web: dict[str, object]
) -> None:
    stage.apic.faults.drop_events(1)
    stage.apic.delete(subnet_dn("10.244.1.2/32"))
    stage.apic.faults.close_sockets()
    holds(stage, hosts("10.244.1", 3))
    story.until_followed()
    stage.apic.delete(subnet_dn("10.244.1.1/32"))
    holds(stage, hosts("10.244.1", 3))


def test_an_ended_session_is_replaced(stage: Stage, story: Running, web: dict[str, object]) -> None:
    stage.apic.faults.expire_sessions()
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4))
    story.until_followed()
    stage.apic.delete(subnet_dn("10.244.1.1/32"))
    holds(stage, hosts("10.244.1", 4))


def test_dropped_events_are_found_by_the_periodic_read(stage: Stage, untouched: None) -> None:
    with Running(stage, resync=1.0) as running:
        stage.pods(stage.workload("web"), 3)
        holds(stage, hosts("10.244.1", 3))
        running.until_followed()
        stage.apic.faults.drop_events(1)
        with stage.cluster.faults.suppress_event("pods", "DELETED", times=1) as suppressed:
            stage.apic.delete(subnet_dn("10.244.1.2/32"))
            last = stage.cluster.list("Pod", "shop")[-1]
            stage.remove({"kind": "Pod", **last})
            gone = f"{last['status']['podIP']}/32"
            holds(stage, hosts("10.244.1", 3) - {gone})
        assert suppressed.hits == 1
    assert stage.sync(wait=False).written == []


def test_an_apic_that_is_down_for_a_while_is_told_once_and_caught_up_with(
    stage: Stage, story: Running, web: dict[str, object], told: Told
) -> None:
    stage.apic.stop()
    told.until("cannot connect to", stage.apic.url)
    stage.pod(web, "10.244.1.4")
    eventually("it was tried again", lambda: story.watch.turns > 3)
    stage.apic.delete(subnet_dn("10.244.1.1/32"))
    stage.apic.start()
    holds(stage, hosts("10.244.1", 4))
    told.until("right again")
    assert len(told.errors("cannot connect")) == 1
    assert len(told.lines("right again")) == 1


def test_a_kubernetes_api_that_is_down_for_a_while_is_told_once_and_nothing_is_removed(
    stage: Stage, story: Running, web: dict[str, object], told: Told
) -> None:
    before, posts = stage.dump(), stage.posts
    stage.cluster.stop()
    told.until("no connection to", stage.cluster.url)
    stage.remove({"kind": "Pod", **stage.cluster.list("Pod", "shop")[-1]})
    stage.pod(web, "10.244.1.9")
    story.engine.wake.set()
    assert (stage.dump(), stage.posts) == (before, posts)
    stage.cluster.start()
    holds(stage, hosts("10.244.1", 2) | {"10.244.1.9/32"})
    eventually("it is over", lambda: not story.engine.troubles, PATIENTLY)
    told.until("right again")
    assert len(told.errors(stage.cluster.url)) == 1


def test_a_compacted_history_is_listed_again_and_the_missed_deletion_is_done(
    stage: Stage, story: Running, web: dict[str, object]
) -> None:
    with stage.cluster.faults.suppress_event("pods", "DELETED"):
        stage.remove({"kind": "Pod", **stage.cluster.list("Pod", "shop")[-1]})
        stage.cluster.compact()
        stage.cluster.faults.expire_watches("pods")
        holds(stage, hosts("10.244.1", 2))


def test_a_list_that_comes_back_empty_deletes_nothing_and_is_told(
    stage: Stage, story: Running, web: dict[str, object], told: Told
) -> None:
    before, posts = stage.dump(), stage.posts
    with stage.cluster.faults.empty_list("pods") as empty:
        story.engine.reread()
        told.until("MassDelete", "pods", "listed empty")
        story.engine.reread()
        eventually("it was listed again", lambda: empty.hits >= 2)
        assert (stage.dump(), stage.posts) == (before, posts)
    story.engine.reread()
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4))


@pytest.mark.parametrize("kind", ["deployments", "services", "replicasets"])
def test_no_kind_that_lists_empty_deletes_anything(
    stage: Stage, story: Running, web: dict[str, object], told: Told, kind: str
) -> None:
    stage.service("web", "10.0.40.7")
    holds(stage, hosts("10.244.1", 3) | {"10.0.40.7/32"})
    before = stage.dump()
    with stage.cluster.faults.empty_list(kind) as empty:
        lists = story.engine.cluster.desired
        counted = {source: view.lists for source, view in lists().sources.items()}
        story.engine.reread()
        told.until("MassDelete", "listed empty")
        eventually(
            "everything was listed",
            lambda: all(view.lists > counted[source] for source, view in lists().sources.items()),
        )
        turns = story.watch.turns
        story.engine.wake.set()
        eventually("it looked again", lambda: story.watch.turns > turns + 1)
        assert stage.dump() == before
    assert empty.hits
    story.engine.reread()
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4) | {"10.0.40.7/32"})


@pytest.mark.parametrize("answer", [Canned.BUSY, Canned.HTML, Canned.NOT_ALLOWED])
def test_an_apic_that_answers_nonsense_for_a_while_is_told_once(
    stage: Stage, story: Running, web: dict[str, object], told: Told, answer: Canned
) -> None:
    stage.apic.faults.answer_next(answer, count=1000)
    stage.pod(web, "10.244.1.4")
    story.engine.fabric.refresh()
    told.until(stage.apic.url, "answers")
    stage.apic.faults.clear()
    holds(stage, hosts("10.244.1", 4))
    eventually("it is over", lambda: not story.engine.troubles, PATIENTLY)
    told.until("right again")
    assert len(told.errors()) == 1


@pytest.mark.parametrize("loss", Loss)
def test_a_lost_answer_after_the_commit_costs_a_read_and_no_second_write(
    stage: Stage, story: Running, web: dict[str, object], told: Told, loss: Loss
) -> None:
    if loss is Loss.HANG:
        pytest.skip("takes as long as the read timeout; the transport's tests have it")
    posts = stage.posts
    stage.apic.faults.lose_answers(1, loss)
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4))
    told.until("outcome of 1 write")
    eventually("it is over", lambda: not story.engine.troubles, PATIENTLY)
    stage.pod(web, "10.244.1.5")
    holds(stage, hosts("10.244.1", 5))
    assert stage.posts == posts + 2


def test_a_refused_subnet_waits_alone_and_is_tried_again(
    stage: Stage, story: Running, web: dict[str, object], told: Told
) -> None:
    stage.apic.faults.reject(r"extsubnet-\[10\.244\.2\.5/32\]", "182", "no such luck", count=None)
    more = stage.workload("more", epg="EPG_MORE")
    stage.pods(more, 9, "10.244.2")
    holds(stage, hosts("10.244.2", 9) - {"10.244.2.5/32"}, "EPG_MORE")
    told.until("10.244.2.5/32", "Rejected", "no such luck")
    assert len(told.lines("10.244.2.5/32", "Rejected")) == 1
    stage.apic.faults.clear()
    story.end_quarantine()
    holds(stage, hosts("10.244.2", 9), "EPG_MORE")


def test_stop_lets_the_write_in_flight_finish_and_begins_no_other(stage: Stage, told: Told) -> None:
    names = [f"TEN_{number}" for number in range(8)]
    stage.apic.small_fabric(*names)
    for number, name in enumerate(names):
        app = stage.workload(f"app-{number}", annotation=binding("E", f"L3O_{number}", name))
        stage.pod(app, f"10.244.{number}.1")
    with Running(stage) as running:
        running.until_live()
        eventually("a first write", lambda: stage.posts or told.lines("created"))
    written = {line for line in told.lines("created")}
    assert written


def test_stop_ends_a_wait_for_an_api_that_is_not_there(stage: Stage, told: Told) -> None:
    stage.cluster.stop()
    with Running(stage) as running:
        told.until("no connection")
        running.watch.stop()
        eventually("it returned", lambda: not running.alive, 3.0)
    assert threading.active_count() < 50
