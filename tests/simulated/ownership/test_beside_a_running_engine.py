"""A running `watch` next to the commands neither undoes what a person does nor goes ahead of them.

The simulator pushes no event of a tag, as a real APIC need not: the engine has to learn of it from the marks.
"""

from pathlib import Path

import pytest

from akb_sync.model import Binding
from akb_sync.ownership import Origin, Terms
from akb_sync.plan import make_plan
from akb_sync.reasons import Reason
from tests.simulated.engine.stage import EPG, L3OUT, TENANT, Stage, epg_dn, eventually, hosts, subnet_dn
from tests.simulated.watch.running import Running

from .estate import PRIOR, adopt, annotations, identity, leave, owning, release, tags


def held(running: Running) -> dict[str, str]:
    """What the running engine would hold if it looked now: reason by prefix or EPG."""
    engine = running.engine
    desired, observed = engine.cluster.desired(), engine.fabric.observed()
    plan = make_plan(engine.identity, desired, observed, now=engine.clock.monotonic())
    return {one.prefix or one.binding.epg: str(one.hold.reason) for one in plan.held if one.hold}


def known_tags(running: Running) -> list[str]:
    """The values of the tags on the EPG as the running engine sees it."""
    epg = running.engine.fabric.observed().epg(Binding(TENANT, L3OUT, EPG))
    return list(epg.tags.values()) if epg else []


@pytest.mark.parametrize("latency", [0.0, 0.15])
def test_a_release_is_not_undone_and_the_epg_is_left_alone_at_once(stage: Stage, latency: float) -> None:
    web = stage.workload("web")
    stage.pods(web, 3)
    with Running(stage) as running:
        running.until_followed()
        eventually("the Pods are there", lambda: stage.prefixes() == hosts("10.244.1", 3))
        stage.apic.faults.event_latency = latency
        release(stage)
        posts = stage.posts
        eventually("the release is seen", lambda: known_tags(running) == ["released"])
        stage.pod(web, "10.244.1.9")
        eventually("it is seen and held", lambda: held(running) == {"10.244.1.9/32": Reason.RELEASED})
        running.turned()
        assert (annotations(stage), stage.posts) == ({}, posts)
        adopt(stage)
        eventually("it goes on", lambda: stage.prefixes() == {*hosts("10.244.1", 3), "10.244.1.9/32"})
    assert stage.sync().written == []


@pytest.mark.parametrize("latency", [0.0, 0.15])
def test_what_is_adopted_and_stale_stays_until_a_person_approves_it(stage: Stage, latency: float) -> None:
    web = stage.workload("web")
    stage.pods(web, 2)
    leave(stage, EPG, "10.244.1.1", "10.244.9.1", "10.244.9.2")
    me = identity(stage)
    with Running(stage) as running:
        running.until_followed()
        eventually("the one that is missing is made", lambda: "10.244.1.2/32" in stage.prefixes())
        stage.apic.faults.event_latency = latency
        adopt(stage, terms=Terms(Origin()))
        assert PRIOR not in annotations(stage).values()
        stale = dict.fromkeys(("10.244.9.1/32", "10.244.9.2/32"), Reason.UNCONFIRMED)
        eventually("it is seen and held", lambda: held(running) == stale)
        running.turned()
        assert {"10.244.9.1/32", "10.244.9.2/32"} < stage.prefixes()
        stage.remove(stage.pod(web, "10.244.1.7"))
        stage.sync(approve=True)
        eventually("the tag is gone", lambda: tags(stage) == {})
        assert stage.prefixes() == hosts("10.244.1", 2)
        assert stage.subnet("10.244.1.1/32")["annotation"] == me.mark(subnet_dn("10.244.1.1/32"))
    assert stage.sync().written == []


def test_a_pod_that_ends_in_an_adopted_epg_is_not_held_up(stage: Stage) -> None:
    web = stage.workload("web")
    ending = stage.pods(web, 2)[0]
    leave(stage, EPG, "10.244.1.1", "10.244.1.2", "10.244.9.1")
    with Running(stage) as running:
        running.until_followed()
        adopt(stage, terms=Terms(Origin()))
        eventually("the adoption is seen", lambda: held(running) == {"10.244.9.1/32": Reason.UNCONFIRMED})
        stage.remove(ending)
        eventually("its address is gone", lambda: stage.prefixes() == {"10.244.1.2/32", "10.244.9.1/32"})


def test_subnets_that_are_adopted_into_an_epg_of_ours_are_not_deleted_either(stage: Stage) -> None:
    """The EPG's own mark does not change then: the subnets' have to tell."""
    stage.pods(stage.workload("web"), 1)
    with Running(stage) as running:
        running.until_followed()
        eventually("the Pod is there", lambda: stage.prefixes() == {"10.244.1.1/32"})
        stage.apic.post(epg_dn(), {"l3extSubnet": {"attributes": {"ip": "192.0.2.0/24"}}})
        running.turned()
        adopt(stage, terms=Terms(all_subnets=True))
        eventually("it is seen and held", lambda: held(running) == {"192.0.2.0/24": Reason.UNCONFIRMED})
        running.turned()
        assert "192.0.2.0/24" in stage.prefixes()


def test_what_a_person_brings_back_stays(stage: Stage, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    web = stage.workload("web")
    ending = stage.pods(web, 3)[0]
    with Running(stage, journal=journal) as running:
        running.until_followed()
        eventually("the Pods are there", lambda: stage.prefixes() == hosts("10.244.1", 3))
        stage.remove(ending)
        eventually("one is gone", lambda: len(stage.prefixes()) == 2)
        with owning(stage) as (_, ownership):
            ownership.bring_back(ownership.restoration(journal))
        assert stage.prefixes() == hosts("10.244.1", 3)
        running.turned()
        running.listed_anew()
        running.turned()
        assert stage.prefixes() == hosts("10.244.1", 3)
