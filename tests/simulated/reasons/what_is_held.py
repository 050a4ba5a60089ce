"""Scenarios of reasons why something is not done now, or is left as it is."""

from akb_sync.engine.herald import PATIENCE
from akb_sync.ownership import Terms
from akb_sync.reasons import Reason
from akb_sync.state import Pause
from tests.simulated.engine.stage import EPG, L3OUT, PAUSED, TENANT, binding, epg_dn, subnet_dn
from tests.simulated.ownership import estate

from .said import Place
from .scenario import AS_A_RULE, CHANGES_NOTHING, NOBODYS, Scenario
from .theatre import Theatre
from .what_is_done import ONE, TWO, two_pods

OF_NOBODY = {Place.EVENT: NOBODYS}


def _for_a_while(theatre: Theatre) -> None:
    """Let what mostly ends by itself last so long that it is told."""
    theatre.turn()
    theatre.stage.clock.advance(PATIENCE)


def services_cannot_be_listed(theatre: Theatre) -> None:
    web = two_pods(theatre)
    theatre.stage.cluster.deny("list", "services")
    theatre.stage.annotate(web, binding("EPG_NEW"))
    _for_a_while(theatre)


def the_last_workload_of_an_epg_goes(theatre: Theatre) -> None:
    web = two_pods(theatre)
    theatre.stage.pod(theatre.stage.workload("api", epg="EPG_API"), "10.244.2.1")
    theatre.turn()
    theatre.stage.annotate(web, None)


def an_epg_that_nobody_names_has_a_contract(theatre: Theatre) -> None:
    the_last_workload_of_an_epg_goes(theatre)
    theatre.stage.apic.post(epg_dn(), {"fvRsProv": {"attributes": {"tnVzBrCPName": "web-in"}}})


def all_that_was_wanted_is_gone(theatre: Theatre) -> None:
    theatre.stage.annotate(two_pods(theatre), None)


def an_epg_is_adopted_with_a_stale_subnet(theatre: Theatre) -> None:
    theatre.stage.epg(EPG, "10.244.9.1/32")
    two_pods(theatre)
    estate.adopt(theatre.stage, EPG, Terms(all_subnets=True))


def a_repair_under_create_only(theatre: Theatre) -> None:
    two_pods(theatre)
    theatre.stage.edit(subnet_dn(f"{ONE}/32"), "l3extSubnet", ip=f"{ONE}/32", name="mine")


def a_person_pauses_the_engine(theatre: Theatre) -> None:
    web = two_pods(theatre)
    theatre.store.set_pause(Pause("ann@laptop", theatre.stage.clock.now(), "CHG-4711"))
    theatre.stage.pod(web, "10.244.1.3")


def a_paused_workload_gets_another_pod(theatre: Theatre) -> None:
    web = two_pods(theatre)
    theatre.stage.annotate(web, "true", key=PAUSED)
    theatre.stage.pod(web, "10.244.1.3")


def a_tenant_that_is_not_there(theatre: Theatre) -> None:
    web = theatre.stage.workload("web", annotation=binding("E", "L3O_LATE", "TEN_LATE"))
    theatre.stage.pod(web, ONE)


def an_l3out_without_a_vrf(theatre: Theatre) -> None:
    theatre.stage.apic.post(f"uni/tn-{TENANT}", {"l3extOut": {"attributes": {"name": "L3O_BARE"}}})
    web = theatre.stage.workload("web", annotation=binding("E", "L3O_BARE"))
    theatre.stage.pod(web, ONE)
    _for_a_while(theatre)


def the_prefix_stands_in_somebody_elses_epg(theatre: Theatre) -> None:
    theatre.stage.epg("OTHER", f"{ONE}/32")
    two_pods(theatre)


def two_workloads_want_one_address(theatre: Theatre) -> None:
    two_pods(theatre)
    theatre.stage.service("web", "10.0.40.7")
    theatre.turn()
    theatre.stage.workload("api", epg="EPG_API")
    theatre.stage.service("api", "10.0.40.7")


def the_l3out_is_full(theatre: Theatre) -> None:
    two_pods(theatre)


def an_epg_without_a_contract(theatre: Theatre) -> None:
    two_pods(theatre)


def somebody_deletes_an_epg_that_is_not_ours(theatre: Theatre) -> None:
    theatre.stage.epg(EPG)
    two_pods(theatre)
    theatre.stage.apic.delete(epg_dn())


def a_subnet_of_others_does_not_classify(theatre: Theatre) -> None:
    theatre.stage.epg(EPG)
    document = {"l3extSubnet": {"attributes": {"ip": f"{ONE}/32", "scope": "export-rtctrl"}}}
    theatre.stage.apic.post(epg_dn(), document)
    two_pods(theatre)


def an_epg_that_was_there_before(theatre: Theatre) -> None:
    theatre.stage.epg(EPG)
    two_pods(theatre)


def an_epg_is_released(theatre: Theatre) -> None:
    two_pods(theatre)
    estate.release(theatre.stage)


def a_released_epg_is_asked_for_more(theatre: Theatre) -> None:
    web = two_pods(theatre)
    estate.release(theatre.stage)
    theatre.stage.pod(web, "10.244.1.3")


def the_apic_refuses_a_subnet(theatre: Theatre) -> None:
    theatre.stage.apic.faults.reject(rf"extsubnet-\[{ONE}/32\]", "182", "no such luck")
    two_pods(theatre)


def somebody_undoes_it_again_and_again(theatre: Theatre) -> None:
    two_pods(theatre)
    for _ in range(5):
        theatre.stage.edit(subnet_dn(f"{ONE}/32"), "l3extSubnet", ip=f"{ONE}/32", name="mine")
        theatre.turn()


def the_address_has_to_leave_another_tenant_first(theatre: Theatre) -> None:
    stage = theatre.stage
    stage.apic.small_fabric("TEN_TWO")
    stage.apic.post("uni/tn-common", {"fvCtx": {"attributes": {"name": "VRF_SHARED"}}})
    for dn in (f"uni/tn-{TENANT}/out-{L3OUT}", "uni/tn-TEN_TWO/out-L3O_TWO"):
        stage.apic.post(dn, {"l3extRsEctx": {"attributes": {"tnFvCtxName": "VRF_SHARED"}}})
    stage.annotate(two_pods(theatre), binding("EPG_NEW", "L3O_TWO", "TEN_TWO"))
    _for_a_while(theatre)


def a_person_writes_our_prefix_into_another_epg(theatre: Theatre) -> None:
    two_pods(theatre)
    theatre.stage.epg("OTHER", f"{TWO}/32")


SCENARIOS = (
    Scenario(Reason.NOT_FRESH, services_cannot_be_listed),
    Scenario(Reason.HOLD_DOWN, the_last_workload_of_an_epg_goes, silent=OF_NOBODY),
    Scenario(Reason.IN_USE, an_epg_that_nobody_names_has_a_contract, silent=OF_NOBODY),
    Scenario(Reason.MASS_DELETE, all_that_was_wanted_is_gone, silent=OF_NOBODY),
    Scenario(Reason.UNCONFIRMED, an_epg_is_adopted_with_a_stale_subnet, silent=OF_NOBODY),
    Scenario(Reason.POLICY, a_repair_under_create_only, settings={"policy": "create-only"}),
    Scenario(Reason.ENGINE_PAUSED, a_person_pauses_the_engine),
    Scenario(Reason.PAUSED, a_paused_workload_gets_another_pod),
    Scenario(Reason.PARENT_MISSING, a_tenant_that_is_not_there),
    Scenario(Reason.VRF_UNKNOWN, an_l3out_without_a_vrf),
    Scenario(Reason.CONFLICT, the_prefix_stands_in_somebody_elses_epg),
    Scenario(Reason.CONFLICT, two_workloads_want_one_address),
    Scenario(Reason.CAPACITY, the_l3out_is_full, settings={"max_prefixes": 1}),
    Scenario(Reason.NO_CONTRACT, an_epg_without_a_contract, settings={"require_contract": True}),
    Scenario(Reason.EPG_DELETED, somebody_deletes_an_epg_that_is_not_ours),
    Scenario(Reason.UNMANAGED, a_subnet_of_others_does_not_classify),
    Scenario(
        Reason.UNMANAGED,
        an_epg_that_was_there_before,
        silent={Place.PLAN: CHANGES_NOTHING, Place.EVENT: AS_A_RULE, Place.LOG: AS_A_RULE},
    ),
    Scenario(Reason.RELEASED, a_released_epg_is_asked_for_more),
    Scenario(Reason.RELEASED, an_epg_is_released, silent={Place.PLAN: CHANGES_NOTHING}),
    Scenario(Reason.REJECTED, the_apic_refuses_a_subnet),
    Scenario(Reason.CONTESTED, somebody_undoes_it_again_and_again),
    Scenario(
        Reason.AWAITING_REMOVAL,
        the_address_has_to_leave_another_tenant_first,
        settings={"policy": "upsert-only"},
    ),
    Scenario(
        Reason.DUPLICATE,
        a_person_writes_our_prefix_into_another_epg,
        silent={Place.PLAN: CHANGES_NOTHING},
    ),
)
