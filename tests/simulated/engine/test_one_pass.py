"""What one full pass makes of a cluster and a fabric."""

import pytest

from .stage import EPG, Stage, binding, epg_dn, hosts, subnet_dn


def test_an_annotated_deployment_gets_its_epg_with_a_subnet_for_each_address(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pods(web, 3)
    stage.service("web", "10.0.40.7")
    outcome = stage.sync()
    assert stage.prefixes() == hosts("10.244.1", 3) | {"10.0.40.7/32"}
    assert outcome.plan.settled
    assert stage.posts == 1


def test_epg_and_subnets_bear_name_scope_and_mark_from_the_very_post_that_makes_them(stage: Stage) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1", name="web-1")
    stage.sync()
    subnet = stage.subnet("10.244.1.1/32")
    assert (subnet["name"], subnet["scope"]) == ("shop::web-1", "import-security")
    epg = stage.apic.get(epg_dn())
    assert epg is not None
    uid8 = stage.cluster.uid[:8]
    assert subnet["annotation"].startswith(f"orchestrator:akb-sync:k8s.{uid8}:")
    assert epg["annotation"].startswith(f"orchestrator:akb-sync:k8s.{uid8}:")
    assert epg["annotation"] != subnet["annotation"]


def test_a_second_pass_writes_nothing(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 5)
    stage.sync()
    before, posts = stage.dump(), stage.posts
    outcome = stage.sync()
    assert (outcome.written, stage.posts, stage.dump()) == ([], posts, before)


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_the_pods_of_other_workloads_count_as_well(stage: Stage, kind: str) -> None:
    stage.pods(stage.workload("web", kind=kind), 2)
    stage.sync()
    assert stage.prefixes() == hosts("10.244.1", 2)


def test_both_address_families_are_exposed_in_canonical_form(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pod(web, "10.244.1.1", "FD00:10:244:0::A")
    stage.service("web", "10.0.40.7", "fd00:10:40::0:7")
    stage.sync()
    assert stage.prefixes() == {
        "10.244.1.1/32",
        "fd00:10:244::a/128",
        "10.0.40.7/32",
        "fd00:10:40::7/128",
    }


def test_several_workloads_share_one_epg_and_one_of_them_goes_with_its_own_addresses_only(
    stage: Stage,
) -> None:
    web, api = stage.workload("web"), stage.workload("api")
    stage.pods(web, 3, "10.244.1")
    api_pods = stage.pods(api, 2, "10.244.2")
    stage.sync()
    assert stage.prefixes() == hosts("10.244.1", 3) | hosts("10.244.2", 2)
    stage.remove(api)
    for pod in api_pods:
        stage.remove(pod)
    stage.sync()
    assert stage.prefixes() == hosts("10.244.1", 3)


def test_several_tenants_and_l3outs_are_served_by_a_post_each(stage: Stage) -> None:
    stage.apic.small_fabric("TEN_TWO", "TEN_THREE")
    stage.pods(stage.workload("a"), 2, "10.244.1")
    stage.pods(stage.workload("b", annotation=binding("B", "L3O_TWO", "TEN_TWO")), 2, "10.244.2")
    stage.pods(stage.workload("c", annotation=binding("C", "L3O_THREE", "TEN_THREE")), 2, "10.244.3")
    stage.sync()
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert stage.prefixes("B", "L3O_TWO", "TEN_TWO") == hosts("10.244.2", 2)
    assert stage.prefixes("C", "L3O_THREE", "TEN_THREE") == hosts("10.244.3", 2)
    assert stage.posts == 3


def test_more_pods_than_a_page_and_than_a_batch_are_all_found_and_written(stage: Stage) -> None:
    web = stage.workload("web")
    expected = set()
    for third in range(3):
        stage.pods(web, 250, f"10.244.{third}")
        expected |= hosts(f"10.244.{third}", 250)
    stage.sync()
    assert stage.prefixes() == expected
    assert stage.posts == 2
    assert stage.cluster.counts["list", "pods"] >= 2


def test_an_edited_annotation_moves_every_address_in_one_post_and_leaves_an_empty_epg_to_go(
    stage: Stage,
) -> None:
    web = stage.workload("web")
    stage.pods(web, 3)
    stage.sync()
    stage.annotate(web, binding("EPG_NEW"))
    posts = stage.posts
    stage.sync(wait=False)
    assert stage.prefixes("EPG_NEW") == hosts("10.244.1", 3)
    assert stage.posts == posts + 1
    assert stage.apic.get(epg_dn()) is not None
    stage.sync()
    assert stage.apic.get(epg_dn()) is None


def test_a_removed_annotation_takes_its_subnets_away_but_leaves_others_work(stage: Stage) -> None:
    web, api = stage.workload("web"), stage.workload("api", epg="EPG_API")
    stage.pods(web, 3, "10.244.1")
    stage.pods(api, 3, "10.244.2")
    stage.sync()
    stage.apic.post(epg_dn(), {"fvRsProv": {"attributes": {"tnVzBrCPName": "web-in"}}})
    stage.annotate(web, None)
    outcome = stage.sync()
    assert stage.prefixes() == set()
    assert outcome.held == {EPG: "InUse"}
    assert stage.prefixes("EPG_API") == hosts("10.244.2", 3)


def test_a_workload_scaled_to_nothing_still_holds_its_epg(stage: Stage) -> None:
    web, other = stage.workload("web"), stage.workload("other", epg="EPG_OTHER")
    pods = stage.pods(web, 2)
    stage.pod(other, "10.244.9.1")
    stage.sync()
    for pod in pods:
        stage.remove(pod)
    outcome = stage.sync()
    assert stage.prefixes() == set()
    assert stage.apic.get(epg_dn()) is not None
    assert outcome.plan.settled


def test_a_malformed_annotation_protects_what_is_there_and_everything_else_goes_on(stage: Stage) -> None:
    web, api = stage.workload("web"), stage.workload("api", epg="EPG_API")
    stage.pods(web, 2, "10.244.1")
    stage.sync()
    stage.annotate(web, '{"tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1" "epg": "EPG_WEB"}')
    stage.pod(web, "10.244.1.9")
    stage.pod(api, "10.244.2.1")
    outcome = stage.sync(wait=False)
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert stage.prefixes("EPG_API") == {"10.244.2.1/32"}
    assert outcome.held == {EPG: "InvalidAnnotation"}
    (notice,) = outcome.plan.notices
    assert str(notice.reason) == "InvalidAnnotation"
    assert "column" in notice.message
    stage.annotate(web, binding())
    assert stage.sync().plan.settled
    assert stage.prefixes() == hosts("10.244.1", 2) | {"10.244.1.9/32"}


def test_a_paused_workload_is_left_as_it_is_until_it_is_resumed(stage: Stage) -> None:
    web = stage.workload("web")
    pods = stage.pods(web, 2)
    stage.sync()
    stage.annotate(web, "true", key="aci.haystacknetworks.com/paused")
    stage.pod(web, "10.244.1.3")
    stage.edit(subnet_dn("10.244.1.1/32"), "l3extSubnet", ip="10.244.1.1/32", scope="shared-rtctrl")
    outcome = stage.sync(wait=False)
    assert stage.prefixes() == hosts("10.244.1", 2)
    assert set(outcome.held.values()) == {"Paused"}
    stage.annotate(web, None, key="aci.haystacknetworks.com/paused")
    assert stage.sync().plan.settled
    assert stage.prefixes() == hosts("10.244.1", 3)
    assert len(pods) == 2


def test_an_absent_tenant_or_l3out_is_named_and_converges_when_it_appears(stage: Stage) -> None:
    stage.pod(stage.workload("web", annotation=binding("E", "L3O_LATE", "TEN_LATE")), "10.244.1.1")
    outcome = stage.sync(wait=False)
    assert set(outcome.held.values()) == {"ParentMissing"}
    assert any("uni/tn-TEN_LATE" in item.hold.message for item in outcome.plan.held if item.hold)
    assert stage.posts == 0
    stage.apic.small_fabric("TEN_LATE")
    assert stage.sync(wait=False).held == {"E": "ParentMissing", "10.244.1.1/32": "ParentMissing"} or (
        stage.prefixes("E", "L3O_LATE", "TEN_LATE") == {"10.244.1.1/32"}
    )


def test_a_host_network_pod_is_skipped_and_said(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pod(web, "10.244.1.1")
    stage.pod(web, "192.0.2.11", hostNetwork=True)
    outcome = stage.sync()
    assert stage.prefixes() == {"10.244.1.1/32"}
    assert [str(notice.reason) for notice in outcome.plan.notices] == ["HostNetwork"]


def test_load_balancer_addresses_only_where_the_annotation_says_so(stage: Stage) -> None:
    web = stage.workload("web", annotation=binding(expose=["services"]))
    stage.pods(web, 2)
    stage.service("web", "10.0.40.7")
    stage.sync()
    assert stage.prefixes() == {"10.0.40.7/32"}


def test_nobody_gets_an_epg_that_allow_does_not_give_to_the_namespace(stage: Stage) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1")
    outcome = stage.sync(allow=("other=*/*/*",))
    assert [str(notice.reason) for notice in outcome.plan.notices] == ["NotAllowed"]
    assert stage.posts == 0
    assert stage.sync(allow=("sh*=TEN_K8_C1/*/EPG_*",)).plan.settled
    assert stage.prefixes() == {"10.244.1.1/32"}


def test_the_fabrics_own_tenants_are_never_allowed(stage: Stage) -> None:
    stage.pod(stage.workload("web", annotation=binding("E", "L3O", "infra")), "10.244.1.1")
    outcome = stage.sync(allow=("*=*/*/*",))
    assert [str(notice.reason) for notice in outcome.plan.notices] == ["NotAllowed"]


def test_addresses_outside_the_ranges_and_addresses_that_can_never_be_are_refused(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pod(web, "10.244.1.1")
    stage.pod(web, "203.0.113.5")
    stage.pod(web, "127.0.0.1")
    outcome = stage.sync(pod_cidrs=("10.244.0.0/16",))
    assert stage.prefixes() == {"10.244.1.1/32"}
    assert {str(notice.reason) for notice in outcome.plan.notices} == {"OutOfRange"}


def test_max_prefixes_stops_a_runaway(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 5)
    outcome = stage.sync(max_prefixes=3, wait=False)
    assert len(stage.prefixes()) == 3
    assert list(outcome.held.values()) == ["Capacity"] * 2
