"""Scenarios of reasons why something is right, is done, or is done for a person."""

from akb_sync.mark import Identity
from akb_sync.ownership import Terms
from akb_sync.reasons import Reason
from tests.simulated.cli.program import Program
from tests.simulated.engine.stage import EPG, L3OUT, TENANT, Json, binding, subnet_dn
from tests.simulated.ownership import estate

from .said import Place
from .scenario import (
    A_PERSONS_DEED,
    AS_A_RULE,
    CHANGES_NOTHING,
    COUNTED,
    ONLY_THERE,
    WORD_OF_EVENTS,
    Scenario,
)
from .theatre import Theatre

ONE, TWO = "10.244.1.1", "10.244.1.2"
OF_A_PERSON = dict.fromkeys((Place.STATUS, Place.EVENT, Place.LOG), A_PERSONS_DEED)


def two_pods(theatre: Theatre) -> Json:
    """A workload with two Pods, which stand on the fabric."""
    web = theatre.stage.workload("web")
    theatre.stage.pod(web, ONE)
    theatre.stage.pod(web, TWO)
    theatre.turn()
    return web


def all_is_right(theatre: Theatre) -> None:
    two_pods(theatre)


def a_first_pod(theatre: Theatre) -> None:
    theatre.stage.pod(theatre.stage.workload("web"), ONE)


def a_name_is_changed_by_hand(theatre: Theatre) -> None:
    two_pods(theatre)
    theatre.stage.edit(subnet_dn(f"{ONE}/32"), "l3extSubnet", ip=f"{ONE}/32", name="mine")


def a_mark_is_emptied(theatre: Theatre) -> None:
    two_pods(theatre)
    theatre.stage.edit(subnet_dn(f"{ONE}/32"), "l3extSubnet", ip=f"{ONE}/32", annotation="")


def a_pod_ends(theatre: Theatre) -> None:
    web = theatre.stage.workload("web")
    theatre.stage.pod(web, ONE)
    gone = theatre.stage.pod(web, TWO)
    theatre.turn()
    theatre.stage.remove(gone)


def the_annotation_names_another_epg(theatre: Theatre) -> None:
    theatre.stage.annotate(two_pods(theatre), binding("EPG_NEW"))


def another_cluster_wrote_the_same_prefix(theatre: Theatre) -> None:
    two_pods(theatre)
    estate.leave(theatre.stage, "EPG_THEIRS", ONE, mark=Identity("a", "0ddba11e"))


def what_was_stale_in_an_adopted_epg_is_approved(theatre: Theatre) -> None:
    theatre.stage.epg(EPG, "10.244.9.1/32")
    two_pods(theatre)
    estate.adopt(theatre.stage, EPG, Terms(all_subnets=True))
    theatre.engine.approve(theatre.turn())
    theatre.turn()


def a_person_adopts(theatre: Theatre) -> Json:
    theatre.stage.epg(EPG)
    two_pods(theatre)
    return _by_command(theatre, "adopt", EPG)


def a_person_purges(theatre: Theatre) -> Json:
    two_pods(theatre)
    estate.leave(theatre.stage, "EPG_OLD", "10.244.7.1", mark=estate.DEAD)
    estate.age(theatre.stage)
    return _by_command(theatre, "purge", "--cluster", f"{estate.DEAD.name}.{estate.DEAD.uid8}")


def a_person_restores(theatre: Theatre) -> Json:
    two_pods(theatre)
    estate.leave(theatre.stage, "EPG_OLD", "10.244.7.1", mark=estate.DEAD)
    estate.age(theatre.stage)
    journal = theatre.stage.folder / "journal.jsonl"
    estate.purge(theatre.stage, journal=journal)
    return _by_command(theatre, "restore", str(journal))


def _by_command(theatre: Theatre, *words: str) -> Json:
    """Let a person look what a command would do, and do it, beside the engine."""
    akb = Program.on(theatre.stage)
    shown = akb.run(*words, "--dry-run", "-o", "json")
    done = akb.run(*words, "--yes")
    assert done.code == 0, done.said
    theatre.turn()
    return shown.document


SCENARIOS = (
    Scenario(
        Reason.IN_SYNC,
        all_is_right,
        silent={Place.PLAN: CHANGES_NOTHING, Place.EVENT: AS_A_RULE, Place.LOG: AS_A_RULE},
    ),
    Scenario(
        Reason.SYNCED,
        a_first_pod,
        silent=dict.fromkeys((Place.PLAN, Place.STATUS, Place.LOG), WORD_OF_EVENTS),
        event=f"EPG {TENANT}/{L3OUT}/{EPG}: made, 1 address added ({ONE}/32)",
    ),
    Scenario(Reason.WANTED, a_first_pod, silent={Place.EVENT: COUNTED}),
    Scenario(Reason.DRIFT, a_name_is_changed_by_hand, silent={Place.EVENT: COUNTED}),
    Scenario(Reason.MARK_RESTORED, a_mark_is_emptied, silent={Place.EVENT: COUNTED}),
    Scenario(Reason.NOT_WANTED, a_pod_ends, silent={Place.EVENT: COUNTED}),
    Scenario(Reason.MOVED, the_annotation_names_another_epg, silent={Place.EVENT: COUNTED}),
    Scenario(Reason.WITHDRAWN, another_cluster_wrote_the_same_prefix, silent={Place.EVENT: COUNTED}),
    Scenario(
        Reason.ADOPTED,
        what_was_stale_in_an_adopted_epg_is_approved,
        silent={Place.STATUS: ONLY_THERE, Place.EVENT: COUNTED},
    ),
    Scenario(Reason.ADOPTED, a_person_adopts, silent=OF_A_PERSON),
    Scenario(Reason.PURGED, a_person_purges, silent=OF_A_PERSON),
    Scenario(Reason.RESTORED, a_person_restores, silent=OF_A_PERSON),
)
