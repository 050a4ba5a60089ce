"""What happens on either side while the engine runs is right on the fabric a moment later."""

import pytest

from tests.simulated.engine.stage import EPG, L3OUT, Stage, binding, epg_dn, eventually, hosts, subnet_dn

from .neighbours import others
from .running import Running
from .told import Told

SOON = 5.0
"""Seconds; an event is there in milliseconds, but a busy machine is slow."""


def holds(stage: Stage, prefixes: set[str], epg: str = EPG) -> None:
    eventually(f"{epg} holds {prefixes}", lambda: stage.prefixes(epg) == prefixes, SOON)


def gone(stage: Stage, dn: str) -> None:
    eventually(f"{dn} is gone", lambda: stage.apic.get(dn) is None, SOON)


def test_a_pod_comes_and_goes(stage: Stage, story: Running) -> None:
    web = stage.workload("web")
    pod = stage.pod(web, "10.244.1.1")
    stage.pod(web, "10.244.1.2")
    holds(stage, hosts("10.244.1", 2))
    stage.remove(pod)
    holds(stage, {"10.244.1.2/32"})
    assert story.alive


def test_a_pod_that_ends_gives_its_address_up_while_it_is_still_listed(stage: Stage, story: Running) -> None:
    web = stage.workload("web")
    pod = stage.pod(web, "10.244.1.1")
    stage.pod(web, "10.244.1.2")
    holds(stage, hosts("10.244.1", 2))
    stage.cluster.patch(
        "Pod", "shop", pod["metadata"]["name"], {"status": {"phase": "Succeeded"}}, subresource="status"
    )
    holds(stage, {"10.244.1.2/32"})
    assert story.alive


def test_a_service_address_comes_and_its_deleted_service_takes_it_away(stage: Stage, story: Running) -> None:
    web = stage.workload("web")
    stage.pod(web, "10.244.1.1")
    service = stage.service("web", "10.0.40.7")
    holds(stage, {"10.244.1.1/32", "10.0.40.7/32"})
    stage.remove(service)
    holds(stage, {"10.244.1.1/32"})
    assert story.alive


def test_an_edited_annotation_moves_the_addresses_and_the_empty_epg_goes(
    stage: Stage, story: Running
) -> None:
    web = stage.workload("web")
    stage.pods(web, 3)
    holds(stage, hosts("10.244.1", 3))
    stage.annotate(web, binding("EPG_NEW"))
    holds(stage, hosts("10.244.1", 3), "EPG_NEW")
    gone(stage, epg_dn())
    assert story.alive


def test_a_deleted_deployment_takes_its_subnets_and_then_its_epg_away(stage: Stage, story: Running) -> None:
    web, stays = stage.workload("web"), stage.workload("stays", epg="EPG_STAYS")
    stage.pod(stays, "10.244.9.1")
    pods = stage.pods(web, 2)
    holds(stage, hosts("10.244.1", 2))
    stage.remove(web)
    for pod in pods:
        stage.remove(pod)
    gone(stage, epg_dn())
    holds(stage, {"10.244.9.1/32"}, "EPG_STAYS")
    assert story.alive


def test_a_deleted_subnet_comes_back_as_it_was(stage: Stage, story: Running) -> None:
    stage.pods(stage.workload("web"), 3)
    holds(stage, hosts("10.244.1", 3))
    story.until_followed()
    before = stage.dump()
    stage.apic.delete(subnet_dn("10.244.1.2/32"))
    eventually("all is as before", lambda: stage.dump() == before, SOON)


def test_import_security_comes_back_and_what_people_added_stays(stage: Stage, story: Running) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    holds(stage, {"10.244.1.1/32"})
    story.until_followed()
    dn = subnet_dn("10.244.1.1/32")
    stage.edit(dn, "l3extSubnet", ip="10.244.1.1/32", scope="shared-rtctrl", descr="seen by hand")
    wanted = ("import-security,shared-rtctrl", "seen by hand")

    def now() -> bool:
        subnet = stage.subnet("10.244.1.1/32")
        return (subnet["scope"], subnet["descr"]) == wanted

    eventually("the scope is right", now, SOON)


def test_an_edited_name_is_put_back(stage: Stage, story: Running) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1", name="web-1")
    holds(stage, {"10.244.1.1/32"})
    story.until_followed()
    stage.edit(subnet_dn("10.244.1.1/32"), "l3extSubnet", ip="10.244.1.1/32", name="mine")
    eventually("the name is right", lambda: stage.subnet("10.244.1.1/32")["name"] == "shop::web-1", SOON)


def test_a_deleted_managed_epg_comes_back_with_its_subnets(stage: Stage, story: Running) -> None:
    stage.pods(stage.workload("web"), 3)
    holds(stage, hosts("10.244.1", 3))
    story.until_followed()
    before = stage.dump()
    stage.apic.delete(epg_dn())
    eventually("all is as before", lambda: stage.dump() == before, SOON)


@pytest.mark.usefixtures("untouched")
def test_a_deleted_unmanaged_epg_stays_away_until_somebody_makes_it_again(stage: Stage, told: Told) -> None:
    stage.epg(EPG, "198.51.100.99/32", descr="made by hand")
    with Running(stage) as running:
        web = stage.workload("web")
        stage.pods(web, 2)
        holds(stage, hosts("10.244.1", 2) | {"198.51.100.99/32"})
        running.until_followed()
        stage.apic.delete(epg_dn())
        told.until("EPGDeleted", EPG)
        stage.pod(web, "10.244.1.3")
        stage.pod(stage.workload("other", epg="EPG_OTHER"), "10.244.2.1")
        holds(stage, {"10.244.2.1/32"}, "EPG_OTHER")
        assert stage.apic.get(epg_dn()) is None
        stage.epg(EPG, descr="made again")
        holds(stage, hosts("10.244.1", 3))
        made = stage.apic.get(epg_dn())
        assert made is not None
        assert (made["descr"], made["annotation"]) == ("made again", "")
    assert stage.sync(wait=False).written == []


@pytest.mark.usefixtures("untouched")
def test_an_l3out_that_appears_late_is_filled(stage: Stage, told: Told) -> None:
    stage.pods(stage.workload("web", annotation=binding("E", "L3O_LATE", "TEN_LATE")), 2)
    with Running(stage) as running:
        told.until("ParentMissing", "uni/tn-TEN_LATE")
        running.until_live()
        stage.apic.small_fabric("TEN_LATE")
        eventually(
            "the late L3Out is filled",
            lambda: stage.prefixes("E", "L3O_LATE", "TEN_LATE") == hosts("10.244.1", 2),
            SOON,
        )
    assert stage.sync(wait=False).written == []


@pytest.mark.usefixtures("untouched")
def test_an_l3out_that_is_deleted_is_not_made_and_is_filled_when_it_is_back(stage: Stage, told: Told) -> None:
    stage.apic.small_fabric("TEN_TWO")
    stage.pods(stage.workload("web", annotation=binding("E", "L3O_TWO", "TEN_TWO")), 2)
    with Running(stage) as running:
        eventually("it is filled", lambda: stage.prefixes("E", "L3O_TWO", "TEN_TWO") == hosts("10.244.1", 2))
        running.until_followed("L3O_TWO", "TEN_TWO")
        stage.apic.delete("uni/tn-TEN_TWO/out-L3O_TWO")
        told.until("ParentMissing", "out-L3O_TWO")
        assert stage.apic.get("uni/tn-TEN_TWO/out-L3O_TWO") is None
        stage.apic.small_fabric("TEN_TWO")
        eventually(
            "it is filled again",
            lambda: stage.prefixes("E", "L3O_TWO", "TEN_TWO") == hosts("10.244.1", 2),
            SOON,
        )
    assert stage.sync(wait=False).written == []


def test_what_people_add_to_a_managed_epg_is_left_alone(stage: Stage, story: Running) -> None:
    web = stage.workload("web")
    stage.pod(web, "10.244.1.1")
    holds(stage, {"10.244.1.1/32"})
    story.until_followed()
    stage.apic.post(epg_dn(), {"fvRsProv": {"attributes": {"tnVzBrCPName": "web-in"}}})
    by_hand = {"l3extSubnet": {"attributes": {"ip": "198.51.100.50/32", "scope": "import-rtctrl"}}}
    stage.apic.post(epg_dn(), by_hand)
    before = others(stage)
    assert {f"{epg_dn()}/rsprov-web-in", subnet_dn("198.51.100.50/32")} <= before.keys()
    stage.pod(web, "10.244.1.2")
    holds(stage, hosts("10.244.1", 2) | {"198.51.100.50/32"})
    assert others(stage) == before


def test_a_malformed_annotation_is_said_once_and_mended_it_converges(
    stage: Stage, story: Running, told: Told
) -> None:
    web = stage.workload("web", annotation='{"tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1"')
    stage.pod(web, "10.244.1.1")
    told.until("Deployment shop/web", "InvalidAnnotation", "line 1")
    for index in range(2, 5):
        stage.pod(web, f"10.244.1.{index}")
    stage.pod(stage.workload("other", epg="EPG_OTHER"), "10.244.2.1")
    holds(stage, {"10.244.2.1/32"}, "EPG_OTHER")
    assert len(told.lines("InvalidAnnotation", "Deployment shop/web")) == 1
    stage.annotate(web, binding())
    holds(stage, hosts("10.244.1", 4))
    assert story.alive


def test_an_address_that_two_workloads_give_out_is_said_and_held_by_the_first(
    stage: Stage, story: Running, told: Told
) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    holds(stage, {"10.244.1.1/32"})
    stage.pod(stage.workload("late", epg="EPG_LATE", annotation=binding("EPG_LATE")), "10.244.1.2")
    holds(stage, {"10.244.1.2/32"}, "EPG_LATE")
    stage.service("web", "10.244.1.2", app="web")
    told.until("10.244.1.2/32", "Conflict")
    assert stage.prefixes() == {"10.244.1.1/32"}
    assert story.alive
    assert L3OUT in told.lines("Conflict")[0]
