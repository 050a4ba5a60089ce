"""What people and other programs do to the fabric, and what a pass makes of it."""

import json
from pathlib import Path

import pytest

from .stage import EPG, L3OUT, Stage, binding, epg_dn, hosts, subnet_dn

HAND_MADE = "198.51.100.0/24"


def unmanaged(stage: Stage) -> dict[str, tuple[str, dict[str, str]]]:
    """Every object that does not bear an akb-sync's mark."""
    return {
        dn: row
        for dn, row in stage.dump().items()
        if not row[1].get("annotation", "").startswith("orchestrator:akb-sync:")
    }


def test_a_deleted_subnet_comes_back(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 3)
    stage.sync()
    before = stage.dump()
    stage.apic.delete(subnet_dn("10.244.1.2/32"))
    stage.sync()
    assert stage.dump() == before


def test_import_security_comes_back_and_flags_that_people_add_stay(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 2)
    stage.sync()
    dn = subnet_dn("10.244.1.1/32")
    stage.edit(dn, "l3extSubnet", ip="10.244.1.1/32", scope="shared-rtctrl", descr="seen by hand")
    stage.sync()
    subnet = stage.subnet("10.244.1.1/32")
    assert (subnet["scope"], subnet["descr"]) == ("import-security,shared-rtctrl", "seen by hand")
    stage.edit(dn, "l3extSubnet", ip="10.244.1.1/32", scope="import-security,shared-security")
    posts = stage.posts
    stage.sync()
    assert (stage.subnet("10.244.1.1/32")["scope"], stage.posts) == ("import-security,shared-security", posts)


def test_a_name_that_somebody_changed_is_put_back(stage: Stage) -> None:
    stage.pod(stage.workload("web"), "10.244.1.1", name="web-1")
    stage.sync()
    stage.edit(subnet_dn("10.244.1.1/32"), "l3extSubnet", ip="10.244.1.1/32", name="mine")
    stage.sync()
    assert stage.subnet("10.244.1.1/32")["name"] == "shop::web-1"


def test_a_managed_epg_that_is_deleted_comes_back_with_its_subnets_in_one_post(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 4)
    stage.sync()
    before, posts = stage.dump(), stage.posts
    stage.apic.delete(epg_dn())
    stage.sync()
    assert stage.dump() == before
    assert stage.posts == posts + 1


def test_in_an_epg_that_was_there_before_our_subnets_are_kept_right_and_nothing_else(stage: Stage) -> None:
    stage.epg(EPG, HAND_MADE, descr="made by hand", prio="level1")
    by_hand = unmanaged(stage)
    web = stage.workload("web")
    pods = stage.pods(web, 2)
    stage.sync()
    assert stage.prefixes() == hosts("10.244.1", 2) | {HAND_MADE}
    assert unmanaged(stage) == by_hand
    stage.remove(web)
    for pod in pods:
        stage.remove(pod)
    stage.sync()
    outcome = stage.sync(approve=True)
    assert outcome.plan.settled
    assert stage.prefixes() == {HAND_MADE}
    assert unmanaged(stage) == by_hand


def test_an_unmanaged_epg_that_is_deleted_is_not_restored_by_the_process_that_saw_it(stage: Stage) -> None:
    stage.epg(EPG)
    stage.pods(stage.workload("web"), 2)
    with stage.engine() as engine:
        engine.read()
        engine.write(engine.look())
        stage.apic.delete(epg_dn())
        engine.read()
        plan = engine.look()
        assert {str(item.hold.reason) for item in plan.held if item.hold} == {"EPGDeleted"}
        assert not plan.actionable
        stage.epg(EPG)
        engine.read()
        engine.write(engine.look())
    assert stage.prefixes() == hosts("10.244.1", 2)


def test_a_prefix_that_stands_elsewhere_in_the_vrf_is_not_written_again(stage: Stage) -> None:
    stage.apic.small_fabric("TEN_TWO")
    vrf = {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_SHARED"}}}
    stage.apic.post("uni/tn-common", {"fvCtx": {"attributes": {"name": "VRF_SHARED"}}})
    stage.apic.post(f"uni/tn-TEN_K8_C1/out-{L3OUT}", vrf)
    stage.apic.post("uni/tn-TEN_TWO/out-L3O_TWO", vrf)
    stage.epg("OTHER", "10.244.1.1/32", l3out="L3O_TWO", tenant="TEN_TWO")
    stage.pods(stage.workload("web"), 3)
    outcome = stage.sync(wait=False)
    assert outcome.held == {"10.244.1.1/32": "Conflict"}
    assert stage.prefixes() == {"10.244.1.2/32", "10.244.1.3/32"}
    stage.apic.delete(epg_dn("OTHER", "L3O_TWO", "TEN_TWO"))
    assert stage.sync().plan.settled
    assert stage.prefixes() == hosts("10.244.1", 3)


def test_the_same_prefix_in_another_vrf_is_nobodys_conflict(stage: Stage) -> None:
    stage.apic.small_fabric("TEN_TWO")
    stage.epg("OTHER", "10.244.1.1/32", l3out="L3O_TWO", tenant="TEN_TWO")
    stage.pods(stage.workload("web"), 1)
    assert stage.sync().plan.settled
    assert stage.prefixes() == {"10.244.1.1/32"}


def test_a_subnet_that_does_not_classify_is_no_conflict(stage: Stage) -> None:
    document = {"l3extSubnet": {"attributes": {"ip": "10.244.1.1/32", "scope": "export-rtctrl"}}}
    stage.epg("OTHER")
    stage.apic.post(epg_dn("OTHER"), document)
    stage.pods(stage.workload("web"), 1)
    assert stage.sync().plan.settled


def test_of_two_workloads_with_one_address_the_holder_keeps_it_over_many_passes(stage: Stage) -> None:
    web, api = stage.workload("web"), stage.workload("api", epg="EPG_API")
    stage.service("web", "10.0.40.7")
    stage.pod(web, "10.244.1.1")
    stage.sync()
    stage.service("api", "10.0.40.7")
    stage.pod(api, "10.244.2.1")
    posts = stage.posts
    for _ in range(3):
        assert stage.sync(wait=False).held == {"10.0.40.7/32": "Conflict"}
    assert stage.prefixes() == {"10.0.40.7/32", "10.244.1.1/32"}
    assert stage.prefixes("EPG_API") == {"10.244.2.1/32"}
    assert stage.posts == posts + 1


def test_two_workloads_that_swap_their_epgs_swap_their_addresses(stage: Stage) -> None:
    web, api = stage.workload("web", epg="A"), stage.workload("api", epg="B")
    stage.pods(web, 3, "10.244.1")
    stage.pods(api, 3, "10.244.2")
    stage.sync()
    stage.annotate(web, binding("B"))
    stage.annotate(api, binding("A"))
    posts = stage.posts
    assert stage.sync().plan.settled
    assert stage.prefixes("A") == hosts("10.244.2", 3)
    assert stage.prefixes("B") == hosts("10.244.1", 3)
    assert stage.posts == posts + 1


def test_a_move_to_another_l3out_is_one_post_at_the_tenant(stage: Stage) -> None:
    vrf = {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_K8_C1"}}}
    second = {"l3extOut": {"attributes": {"name": "L3O_SECOND"}, "children": [vrf]}}
    stage.apic.post("uni/tn-TEN_K8_C1", second)
    web, stays = stage.workload("web"), stage.workload("stays", epg="EPG_STAYS")
    stage.pods(web, 3)
    stage.pod(stays, "10.244.9.1")
    stage.sync()
    stage.annotate(web, binding("EPG_NEW", "L3O_SECOND"))
    stage.sync(wait=False)
    assert stage.prefixes("EPG_NEW", "L3O_SECOND") == hosts("10.244.1", 3)
    assert stage.prefixes() == set()
    moves = [write for write in stage.apic.journal if write.dn == "uni/tn-TEN_K8_C1"]
    assert [write.changes for write in moves] == [6]


def test_a_move_to_another_tenant_deletes_first_and_then_creates(stage: Stage) -> None:
    stage.apic.small_fabric("TEN_TWO")
    stage.apic.post("uni/tn-common", {"fvCtx": {"attributes": {"name": "VRF_SHARED"}}})
    for dn in (f"uni/tn-TEN_K8_C1/out-{L3OUT}", "uni/tn-TEN_TWO/out-L3O_TWO"):
        stage.apic.post(dn, {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_SHARED"}}})
    web, stays = stage.workload("web"), stage.workload("stays", epg="EPG_STAYS")
    stage.pods(web, 2)
    stage.pod(stays, "10.244.9.1")
    stage.sync()
    stage.annotate(web, binding("EPG_NEW", "L3O_TWO", "TEN_TWO"))
    assert stage.sync().plan.settled
    assert stage.prefixes("EPG_NEW", "L3O_TWO", "TEN_TWO") == hosts("10.244.1", 2)
    assert stage.apic.get(epg_dn()) is None


def test_a_rejected_subnet_is_quarantined_with_the_apics_words_and_all_others_land(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 40)
    stage.apic.faults.reject(r"extsubnet-\[10\.244\.1\.17/32\]", "120", "Invalid Configuration: not here")
    outcome = stage.sync(wait=False)
    assert stage.prefixes() == hosts("10.244.1", 40) - {"10.244.1.17/32"}
    assert outcome.held == {"10.244.1.17/32": "Rejected"}
    (held,) = outcome.plan.held
    assert held.hold is not None
    assert "not here" in held.hold.message


def test_a_lost_mark_comes_back_in_a_managed_epg_and_any_other_loss_is_a_release_by_hand(
    stage: Stage,
) -> None:
    stage.pods(stage.workload("web"), 3)
    stage.sync()
    marked = stage.subnet("10.244.1.1/32")["annotation"]
    stage.edit(subnet_dn("10.244.1.1/32"), "l3extSubnet", ip="10.244.1.1/32", annotation="")
    stage.edit(
        subnet_dn("10.244.1.2/32"), "l3extSubnet", ip="10.244.1.2/32", annotation="orchestrator:terraform"
    )
    outcome = stage.sync()
    assert stage.subnet("10.244.1.1/32")["annotation"] == marked
    assert stage.subnet("10.244.1.2/32")["annotation"] == "orchestrator:terraform"
    reasons = {item.prefix: str(item.reason) for item in outcome.plan.items}
    assert reasons["10.244.1.2/32"] == "Unmanaged"


def test_a_tenant_that_was_copied_with_our_marks_is_not_ours(stage: Stage) -> None:
    web = stage.workload("web")
    stage.pods(web, 2)
    stage.sync()
    subnets = [stage.subnet(prefix) for prefix in sorted(hosts("10.244.1", 2))]
    stage.apic.small_fabric("TEN_COPY")
    epg = stage.apic.get(epg_dn())
    assert epg is not None
    stage.epg(EPG, l3out="L3O_COPY", tenant="TEN_COPY", annotation=epg["annotation"])
    for subnet in subnets:
        attributes = {"ip": subnet["ip"], "name": subnet["name"], "annotation": subnet["annotation"]}
        stage.apic.post(epg_dn(EPG, "L3O_COPY", "TEN_COPY"), {"l3extSubnet": {"attributes": attributes}})
    copy = {dn: row for dn, row in stage.dump().items() if "tn-TEN_COPY" in dn}
    stage.annotate(web, None)
    stage.sync(approve=True)
    assert {dn: row for dn, row in stage.dump().items() if "tn-TEN_COPY" in dn} == copy


def test_an_l3out_from_which_everything_vanished_unseen_waits_for_a_person(stage: Stage) -> None:
    web = stage.workload("web")
    pods = stage.pods(web, 3)
    stage.sync()
    stage.remove(web)
    for pod in pods:
        stage.remove(pod)
    outcome = stage.sync()
    assert {outcome.held[prefix] for prefix in hosts("10.244.1", 3)} == {"MassDelete"}
    assert stage.prefixes() == hosts("10.244.1", 3)
    assert stage.sync(approve=True).plan.settled
    assert stage.apic.get(epg_dn()) is None


def test_many_removals_are_done_after_a_second_look_that_agrees(stage: Stage) -> None:
    web, api = stage.workload("web"), stage.workload("api", epg="EPG_API")
    stage.pods(web, 30, "10.244.1")
    stage.pods(api, 30, "10.244.2")
    stage.sync()
    stage.annotate(web, None)
    assert set(stage.sync(wait=False).held.values()) >= {"MassDelete"}
    assert stage.prefixes() == hosts("10.244.1", 30)
    assert stage.sync().plan.settled
    assert stage.prefixes() == set()
    assert stage.prefixes("EPG_API") == hosts("10.244.2", 30)


def test_many_removals_wait_for_a_person_where_the_operator_says_block(stage: Stage) -> None:
    web, api = stage.workload("web"), stage.workload("api", epg="EPG_API")
    stage.pods(web, 30, "10.244.1")
    stage.pods(api, 30, "10.244.2")
    stage.sync()
    stage.annotate(web, None)
    outcome = stage.sync(mass_delete="block")
    assert len(outcome.plan.awaiting_approval) >= 30
    assert stage.prefixes() == hosts("10.244.1", 30)


@pytest.mark.parametrize("kind", ["deployments", "replicasets", "pods", "services"])
def test_a_list_that_comes_back_empty_deletes_nothing(stage: Stage, kind: str) -> None:
    web, stays = stage.workload("web", replicas=2), stage.workload("stays", kind="StatefulSet")
    stage.pods(web, 2)
    stage.pods(stays, 20, "10.244.2")
    stage.service("web", "10.0.40.7")
    stage.cluster.patch("Deployment", "shop", "web", {"status": {"replicas": 2}}, subresource="status")
    stage.sync()
    before = stage.dump()
    with stage.cluster.faults.empty_list(kind):
        outcome = stage.sync()
    assert set(outcome.held.values()) == {"MassDelete"}
    assert stage.dump() == before
    assert stage.sync().plan.settled


def test_create_only_creates_and_upsert_only_never_removes(stage: Stage) -> None:
    web = stage.workload("web")
    first = stage.pods(web, 2)[0]
    stage.sync(policy="create-only")
    stage.edit(subnet_dn("10.244.1.2/32"), "l3extSubnet", ip="10.244.1.2/32", name="mine")
    stage.remove(first)
    stage.pod(web, "10.244.1.3")
    outcome = stage.sync(policy="create-only", wait=False)
    assert outcome.held == {"10.244.1.1/32": "Policy", "10.244.1.2/32": "Policy"}
    assert stage.prefixes() == hosts("10.244.1", 3)
    outcome = stage.sync(policy="upsert-only", wait=False)
    assert outcome.held == {"10.244.1.1/32": "Policy"}
    assert stage.subnet("10.244.1.2/32")["name"] != "mine"
    assert stage.sync().plan.settled
    assert stage.prefixes() == {"10.244.1.2/32", "10.244.1.3/32"}


def test_each_deleted_object_is_in_the_journal_with_what_it_takes_to_post_it_back(
    stage: Stage, tmp_path: Path
) -> None:
    web = stage.workload("web")
    stage.pods(web, 2)
    gone = stage.pod(web, "10.244.1.9")
    stage.sync()
    before = stage.subnet("10.244.1.9/32")
    stage.remove(gone)
    stage.sync(journal=tmp_path / "deleted.jsonl")
    (line,) = (tmp_path / "deleted.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert entry["dn"] == subnet_dn("10.244.1.9/32")
    stage.apic.post(entry["dn"], {entry["class"]: {"attributes": entry["attributes"]}})
    after = stage.subnet("10.244.1.9/32")
    kept = ("ip", "name", "scope", "annotation", "descr", "aggregate")
    assert [after[name] for name in kept] == [before[name] for name in kept]


def test_a_dry_run_has_no_means_to_write(stage: Stage) -> None:
    stage.pods(stage.workload("web"), 2)
    with stage.engine() as engine:
        engine.read()
        plan = engine.look()
    assert len(plan.actionable) == 3
    assert stage.posts == 0


def test_two_clusters_with_one_name_are_foreign_to_each_other(stage: Stage, tmp_path: Path) -> None:
    from akb_sync.simulators.kubernetes import KubernetesSimulator  # noqa: PLC0415

    stage.pods(stage.workload("web"), 2)
    stage.sync()
    first = stage.dump()
    (tmp_path / "second").mkdir()
    with KubernetesSimulator(controllers=False) as other:
        other.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        second = Stage(other, stage.apic, tmp_path / "second")
        api = second.workload("api")
        second.pod(api, "10.244.1.1")
        second.pod(api, "10.245.1.1")
        outcome = second.sync(wait=False)
        assert stage.prefixes() == hosts("10.244.1", 2) | {"10.245.1.1/32"}
        after = stage.dump()
        assert {dn: after[dn] for dn in first} == first
        assert stage.sync().plan.settled
        assert outcome.plan.items
        assert stage.dump() == after
