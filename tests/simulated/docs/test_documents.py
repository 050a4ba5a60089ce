"""What the commands print with `-o json` is what `docs/schemas` says, whatever there is to say."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from akb_sync.mark import Identity
from tests.simulated.docs.desk import (
    L3OUT,
    NAMESPACE,
    Desk,
    Json,
    binding,
    opened,
    validator,
    word,
    words,
)


def test_what_is_created_goes_from_plan_through_outcome_to_status(desk: Desk) -> None:
    first, second = desk.workload("web", "EPG_WEB", 2)
    planned = desk.document("plan", code=2)
    assert set(words(planned).values()) == {("Missing", "Wanted")}
    assert planned["items"][1]["writes"]["scope"] == "import-security"
    outcome = desk.document("sync", code=0)
    assert (outcome["written"], outcome["items"]) == ({"create": 3}, [])
    seen = desk.document("status", code=0)
    assert words(seen) == dict.fromkeys(("EPG_WEB", first, second), ("InSync", "InSync"))
    assert desk.document("plan", code=0)["items"] == []


def test_what_is_held_says_why_and_until_when(desk: Desk) -> None:
    (gone,) = desk.workload("web", "EPG_WEB")
    desk.workload("other", "EPG_OTHER")
    desk.document("sync", code=0)
    desk.cluster.delete("StatefulSet", NAMESPACE, "web")
    desk.remove_pods("web")
    (lost,) = desk.workload("lost", "", annotation=binding("EPG_LOST", tenant="TEN_NONE"))
    planned = desk.document("plan", code=2)
    assert words(planned) == {
        "EPG_WEB": ("Held", "HoldDown"),
        gone: ("Leaving", "NotWanted"),
        "EPG_LOST": ("Held", "ParentMissing"),
        lost: ("Held", "ParentMissing"),
    }
    outcome = desk.document("sync", "--no-wait", code=3)
    assert outcome["written"] == {"delete": 1}
    held = {item["epg"]: item["hold"]["seconds"] for item in outcome["items"]}
    assert held["EPG_LOST"] is None
    assert 0 < held["EPG_WEB"] <= 30
    desk.document("status", code=3)


def test_a_conflict_with_somebody_elses_subnet_and_a_shift_of_policy_are_told(desk: Desk) -> None:
    first, second = desk.workload("web", "EPG_WEB", 2)
    desk.subnet("catch_all", "10.244.0.0/16")
    desk.subnet("by_hand", first)
    planned = desk.document("plan", code=2)
    assert words(planned)[first] == ("Conflict", "Conflict")
    assert words(planned)[second] == ("Missing", "Wanted")
    assert any("leave" in shift and "catch_all" in shift for shift in planned["shifts"])
    outcome = desk.document("sync", code=3)
    assert words(outcome) == {first: ("Conflict", "Conflict")}
    assert words(desk.document("status", code=3))[first] == ("Conflict", "Conflict")


def test_a_duplicate_that_a_person_made_later_is_a_conflict_without_a_hold(desk: Desk) -> None:
    (prefix,) = desk.workload("web", "EPG_WEB")
    desk.document("sync", code=0)
    desk.subnet("by_hand", prefix)
    assert words(desk.document("status", code=3))[prefix] == ("Conflict", "Duplicate")


def test_a_move_names_the_subnet_that_goes(desk: Desk) -> None:
    (prefix,) = desk.workload("web", "EPG_WEB")
    desk.document("sync", code=0)
    desk.annotate("web", l3o=binding("EPG_NEW"))
    planned = desk.document("plan", code=2)
    (move,) = [item for item in planned["items"] if item["action"] == "move"]
    assert (move["state"], move["prefix"]) == ("Moving", prefix)
    assert move["movesFrom"] == f"{L3OUT}/instP-EPG_WEB/extsubnet-[{prefix}]"
    assert desk.document("sync", "--no-wait", code=3)["written"] == {"create": 1, "move": 1}


def test_notices_about_annotations_are_told_and_what_is_there_is_protected(desk: Desk) -> None:
    (first,) = desk.workload("web", "EPG_WEB")
    (second,) = desk.workload("paused", "EPG_PAUSED")
    desk.document("sync", code=0)
    desk.annotate("web", l3o='{"tenant": "TEN_K8_C1",}')
    desk.annotate("paused", paused="true", l3o=binding("EPG_ELSEWHERE"))
    desk.workload("typo", "", annotation='{"tenant":"T","l3out":"L","epg":"E","EPG":1}')
    seen = desk.document("status", code=3)
    assert {notice["reason"] for notice in seen["notices"]} == {"InvalidAnnotation", "UnknownKey"}
    assert words(seen)[first] == ("Protected", "InvalidAnnotation")
    paused = {item["epg"]: word(item) for item in seen["items"] if item["prefix"] == second}
    assert paused == {"EPG_PAUSED": ("Protected", "Paused"), "EPG_ELSEWHERE": ("Held", "Paused")}
    desk.document("plan", code=2)
    desk.document("sync", "--no-wait", code=3)


def test_drift_and_marks_that_were_emptied_are_put_right(desk: Desk) -> None:
    prefixes = desk.workload("web", "EPG_WEB", 12)
    desk.document("sync", code=0)
    for prefix in prefixes[1:]:
        desk.subnet("EPG_WEB", prefix, annotation="")
    desk.subnet("EPG_WEB", prefixes[0], scope="shared-rtctrl")
    planned = desk.document("plan", code=2)
    assert words(planned)[prefixes[0]] == ("Drifted", "Drift")
    assert words(planned)[prefixes[1]] == ("Drifted", "MarkRestored")
    (notice,) = planned["notices"]
    assert notice["reason"] == "MarksLost"
    assert notice["subject"] == {"kind": "L3Out", "namespace": "TEN_K8_C1", "name": "L3O_K8_C1", "uid": ""}
    assert desk.document("sync", code=0)["written"] == {"update": 12}


def test_what_is_other_peoples_is_unmanaged_or_released(desk: Desk) -> None:
    theirs, released = desk.workload("web", "EPG_WEB")[0], desk.workload("out", "EPG_OUT")[0]
    desk.subnet("EPG_WEB", theirs)
    tag = Identity.of("k8s", desk.cluster.uid).release_tag
    child = {"tagAnnotation": {"attributes": {"key": tag, "value": "released"}}}
    desk.apic.post(L3OUT, {"l3extInstP": {"attributes": {"name": "EPG_OUT"}, "children": [child]}})
    assert words(desk.document("status", code=3)) == {
        "EPG_WEB": ("Unmanaged", "Unmanaged"),
        theirs: ("Unmanaged", "Unmanaged"),
        "EPG_OUT": ("Released", "Released"),
        released: ("Held", "Released"),
    }


def test_a_mass_delete_waits_under_an_id_that_a_person_approves(desk: Desk) -> None:
    desk.workload("web", "EPG_WEB", 14)
    desk.document("sync", code=0)
    desk.remove_pods("web", keep=1)
    planned = desk.document("plan", code=2)
    assert {reason for _, reason in words(planned).values()} == {"MassDelete"}
    assert planned["summary"]["held"] == 13
    outcome = desk.document("sync", "--approve", planned["approvalId"], code=0)
    assert (outcome["written"], outcome["approvalId"]) == ({"delete": 13}, "")


def test_what_cannot_be_read_is_a_trouble_and_holds_what_rests_on_it(desk: Desk) -> None:
    desk.workload("web", "EPG_WEB")
    desk.cluster.deny("list", "pods")
    planned = desk.document("plan", code=1)
    assert list(planned["troubles"]) == ["pods"]
    desk.document("status", code=1)


def test_a_refused_object_is_left_with_the_words_of_the_apic(desk: Desk) -> None:
    bad, good = desk.workload("web", "EPG_WEB", 2)
    desk.apic.faults.reject(rf"extsubnet-\[{bad}\]", text="Validation failed: no")
    outcome = desk.document("sync", "--no-wait", code=3)
    assert words(outcome) == {bad: ("Held", "Rejected")}
    assert "Validation failed: no" in outcome["items"][0]["hold"]["message"]
    assert words(desk.document("status", code=3))[good] == ("InSync", "InSync")


def test_yaml_is_the_same_document(desk: Desk) -> None:
    desk.workload("web", "EPG_WEB")
    assert yaml.safe_load(desk.run("plan", "-o", "yaml").stdout) == desk.document("plan", code=2)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """A document that conforms; made once."""
    with opened(tmp_path_factory.mktemp("planned")) as desk:
        desk.workload("web", "EPG_WEB")
        return desk.document("plan", code=2)


def _at(document: Json, *path: str | int) -> Any:
    for step in path:
        document = document[step]  # type: ignore[index]
    return document


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.update(more=1),
        lambda document: document.pop("notices"),
        lambda document: document.update(approvalId="not an id"),
        lambda document: _at(document, "summary").update(create=-1),
        lambda document: _at(document, "items", 0).update(since="yesterday"),
        lambda document: _at(document, "items", 0).update(reason="Because"),
        lambda document: _at(document, "items", 0).update(action="none"),
        lambda document: _at(document, "items", 0).update(prefix="10.0.0.1/32"),
        lambda document: _at(document, "items", 0).update(state="Held"),
        lambda document: _at(document, "items", 0).update(
            movesFrom=f"{L3OUT}/instP-E/extsubnet-[10.0.0.1/32]"
        ),
        lambda document: _at(document, "items", 0, "writes").update(descr="x"),
        lambda document: _at(document, "items", 0, "sources", 0).update(kind="Node"),
    ],
)
def test_a_document_that_is_otherwise_would_be_found(planned: Json, spoil: Callable[[Json], object]) -> None:
    spoiled = copy.deepcopy(planned)
    spoil(spoiled)
    assert list(validator("plan").iter_errors(planned)) == []
    assert list(validator("plan").iter_errors(spoiled)) != []
