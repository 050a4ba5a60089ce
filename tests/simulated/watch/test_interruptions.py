"""Whatever breaks on the way, the engine lives, says it once, and has everything right when it is over."""

from pathlib import Path

import pytest

from akb_sync.model import Source
from akb_sync.simulators.apic.faults import Canned, Loss
from tests.simulated.engine.stage import EPG, Json, Stage, epg_dn, eventually, hosts, subnet_dn

from .running import Running
from .told import Told

PATIENTLY = 25.0
"""Seconds; pauses between attempts double, so a way back may take a while on a busy machine."""


def holds(stage: Stage, prefixes: set[str], epg: str = EPG) -> None:
    eventually(f"{epg} holds {prefixes}", lambda: stage.prefixes(epg) == prefixes, PATIENTLY)


def over(running: Running, told: Told) -> None:
    """Wait until nothing is in trouble any more, and the log says so."""
    eventually("it is over", lambda: not running.engine.troubles, PATIENTLY)
    told.until("right again")


def last_pod(stage: Stage) -> tuple[Json, str]:
    """The youngest Pod, and the prefix of its address."""
    pod = max(stage.cluster.list("Pod", "shop"), key=lambda one: int(one["metadata"]["resourceVersion"]))
    return {"kind": "Pod", **pod}, f"{pod['status']['podIP']}/32"


@pytest.mark.usefixtures("web")
def test_a_closed_websocket_is_opened_again_and_what_happened_meanwhile_is_found(
    stage: Stage, story: Running
) -> None:
    stage.apic.faults.drop_events(1)
    stage.apic.delete(subnet_dn("10.244.1.2/32"))
    stage.apic.faults.close_sockets()
    holds(stage, hosts("10.244.1", 3))
    story.until_followed()
    stage.apic.delete(subnet_dn("10.244.1.1/32"))
    holds(stage, hosts("10.244.1", 3))


def test_an_epg_that_went_unnoticed_is_found_by_the_write_that_misses_it(
    stage: Stage, story: Running, web: Json, told: Told
) -> None:
    story.until_followed()
    stage.apic.faults.drop_events(100)
    stage.apic.delete(epg_dn())
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4))
    told.until("gone from the fabric, which is read again")


def test_an_ended_session_is_replaced(stage: Stage, story: Running, web: Json) -> None:
    stage.apic.faults.expire_sessions()
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4))
    story.until_followed()
    stage.apic.delete(subnet_dn("10.244.1.1/32"))
    holds(stage, hosts("10.244.1", 4))


@pytest.mark.usefixtures("untouched")
def test_events_that_never_came_are_made_up_for_by_the_periodic_read(stage: Stage) -> None:
    with Running(stage, resync=1.0) as running:
        stage.pods(stage.workload("web"), 3)
        holds(stage, hosts("10.244.1", 3))
        running.until_followed()
        stage.apic.faults.drop_events(1)
        stage.apic.delete(subnet_dn("10.244.1.2/32"))
        holds(stage, hosts("10.244.1", 3))
        pod, prefix = last_pod(stage)
        with stage.cluster.faults.suppress_event("pods", "DELETED", times=None):
            stage.remove(pod)
            holds(stage, hosts("10.244.1", 3) - {prefix})
    assert stage.sync(wait=False).written == []


def test_an_apic_that_is_down_for_a_while_is_told_once_and_caught_up_with(
    stage: Stage, story: Running, web: Json, told: Told
) -> None:
    stage.apic.stop()
    told.until(stage.apic.url, "connection refused")
    stage.pod(web, "10.244.1.4")
    turns = story.watch.turns
    eventually("it was tried again", lambda: story.watch.turns > turns + 2)
    stage.apic.delete(subnet_dn("10.244.1.1/32"))
    stage.apic.start()
    holds(stage, hosts("10.244.1", 4))
    over(story, told)
    assert len(told.errors()) == 1
    assert len(told.lines("right again")) == 1


def test_a_kubernetes_api_that_is_down_for_a_while_is_told_once_and_nothing_is_removed(
    stage: Stage, story: Running, web: Json, told: Told
) -> None:
    before, posts = stage.dump(), stage.posts
    stage.cluster.stop()
    told.until(stage.cluster.url)
    pod, prefix = last_pod(stage)
    stage.remove(pod)
    stage.pod(web, "10.244.1.9")
    eventually("no kind is watched", lambda: len(story.engine.cluster.troubles()) == len(Source))
    story.turned()
    assert (stage.dump(), stage.posts) == (before, posts)
    stage.cluster.start()
    holds(stage, (hosts("10.244.1", 3) | {"10.244.1.9/32"}) - {prefix})
    over(story, told)
    assert len(told.errors()) == 1
    assert len(told.lines("right again")) == 1


@pytest.mark.usefixtures("story", "web")
def test_a_compacted_history_is_listed_again_and_the_missed_deletion_is_done(stage: Stage) -> None:
    pod, prefix = last_pod(stage)
    with stage.cluster.faults.suppress_event("pods", "DELETED", times=None):
        stage.remove(pod)
        stage.cluster.compact()
        stage.cluster.faults.expire_watches("pods")
        holds(stage, hosts("10.244.1", 3) - {prefix})


@pytest.mark.parametrize("kind", ["pods", "deployments", "services", "replicasets"])
def test_no_kind_that_lists_empty_deletes_anything(
    stage: Stage, story: Running, web: Json, told: Told, kind: str
) -> None:
    stage.service("web", "10.0.40.7")
    holds(stage, hosts("10.244.1", 3) | {"10.0.40.7/32"})
    before = stage.dump()

    with stage.cluster.faults.empty_list(kind) as empty:
        story.listed_anew()
        told.until("MassDelete", "listed empty")
        story.listed_anew()
        story.turned()
        assert stage.dump() == before
    assert empty.hits >= 2
    assert len(told.lines("MassDelete", "listed empty")) == 1
    story.listed_anew()
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4) | {"10.0.40.7/32"})


@pytest.mark.parametrize("answer", [Canned.BUSY, Canned.HTML])
def test_an_apic_that_answers_nonsense_for_a_while_is_told_once(
    stage: Stage, story: Running, web: Json, told: Told, answer: Canned
) -> None:
    stage.apic.faults.answer_next(answer, count=1000)
    stage.apic.faults.close_sockets()
    stage.pod(web, "10.244.1.4")
    eventually("it is said", lambda: told.errors(stage.apic.url, "answers"), PATIENTLY)
    stage.apic.faults.clear()
    holds(stage, hosts("10.244.1", 4))
    over(story, told)
    assert len(told.errors()) == 1
    assert len(told.lines("right again")) == 1


def test_a_lost_answer_after_the_commit_costs_a_read_and_no_second_write(
    stage: Stage, story: Running, web: Json, told: Told
) -> None:
    posts = stage.posts
    stage.apic.faults.lose_answers(1, Loss.CLOSE)
    stage.pod(web, "10.244.1.4")
    holds(stage, hosts("10.244.1", 4))
    told.until("the outcome of 1 write is not known")
    over(story, told)
    stage.pod(web, "10.244.1.5")
    holds(stage, hosts("10.244.1", 5))
    assert stage.posts == posts + 2


@pytest.mark.usefixtures("web")
def test_a_refused_subnet_waits_alone_is_said_once_and_is_tried_again(
    stage: Stage, story: Running, told: Told
) -> None:
    stage.apic.faults.reject(r"extsubnet-\[10\.244\.2\.5/32\]", "182", "no such luck")
    more = stage.workload("more", epg="EPG_MORE")
    stage.pods(more, 9, "10.244.2")
    holds(stage, hosts("10.244.2", 9) - {"10.244.2.5/32"}, "EPG_MORE")
    told.until("10.244.2.5/32", "Rejected", "no such luck")
    refusals = len(stage.apic.refusals)
    story.end_quarantine()
    eventually("it was tried again", lambda: len(stage.apic.refusals) > refusals)
    eventually("it waits again", lambda: story.engine.memory.quarantine)
    assert len(told.lines("10.244.2.5/32")) == 1
    stage.apic.faults.clear()
    story.end_quarantine()
    holds(stage, hosts("10.244.2", 9), "EPG_MORE")


def test_a_login_that_is_refused_is_said_once_and_a_new_password_in_its_file_mends_it(
    stage: Stage, tmp_path: Path, told: Told
) -> None:
    secret = tmp_path / "password"
    secret.write_text("wrong")
    stage.pods(stage.workload("web"), 2)
    with Running(stage, apic_password="", apic_password_file=secret) as running:
        told.until("check the APIC user and its password")
        running.turned()
        assert stage.apic.counts["logins_refused"] == 1
        secret.write_text("secret\n")
        running.engine.wake.set()
        holds(stage, hosts("10.244.1", 2))
        over(running, told)
    assert len(told.errors()) == 1
    assert "secret" not in told.caplog.text
