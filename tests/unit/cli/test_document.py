"""The documents of `-o json` and `-o yaml`."""

import json

import pytest

from akb_sync.item import Action, Item
from akb_sync.model import Notice, ObservedSubnet
from akb_sync.reasons import Reason
from cli.document import API_VERSION, outcome_document, plan_document, state, status_document, summary

from .shown import DEPLOYMENT, NOW, WEB, details, epg, held, leaving, plan, right, shown, subnet


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (subnet(), "Missing"),
        (subnet(action=Action.UPDATE, reason=Reason.DRIFT), "Drifted"),
        (subnet(action=Action.MOVE, reason=Reason.MOVED), "Moving"),
        (leaving("10.0.0.9/32"), "Leaving"),
        (held(subnet(), Reason.CONFLICT), "Conflict"),
        (held(subnet(), Reason.NOT_FRESH), "Held"),
        (right("10.0.0.1/32"), "InSync"),
        (subnet(action=Action.NONE, reason=Reason.UNMANAGED), "Unmanaged"),
        (subnet(action=Action.NONE, reason=Reason.RELEASED), "Released"),
        (subnet(action=Action.NONE, reason=Reason.DUPLICATE), "Conflict"),
        (subnet(action=Action.NONE, reason=Reason.PAUSED), "Protected"),
    ],
)
def test_a_state_is_one_word(item: Item, expected: str) -> None:
    assert state(item) == expected


def test_a_plan_shows_changes_only_and_a_status_everything() -> None:
    found = shown(plan(subnet("10.0.0.1/32"), right("10.0.0.2/32")))
    assert [item["prefix"] for item in plan_document(found)["items"]] == ["10.0.0.1/32"]
    assert [item["prefix"] for item in status_document(found, details())["items"]] == [
        "10.0.0.1/32",
        "10.0.0.2/32",
    ]


def test_the_head_says_what_it_is_and_whose() -> None:
    document = outcome_document(shown(plan()), {"create": 3})
    assert document["apiVersion"] == API_VERSION
    assert document["kind"] == "Outcome"
    assert document["cluster"].startswith("prod.")
    assert document["written"] == {"create": 3}
    assert document["approvalId"] == ""


def test_an_item_says_what_would_be_written_and_for_whom() -> None:
    item = subnet(
        name="shop::web-1",
        scope=frozenset({"shared-rtctrl", "import-security"}),
        mark="orchestrator:x",
        workloads=(DEPLOYMENT,),
    )
    (shown_item,) = plan_document(shown(plan(item)))["items"]
    assert shown_item["writes"] == {
        "name": "shop::web-1",
        "scope": "import-security,shared-rtctrl",
        "annotation": "orchestrator:x",
    }
    assert shown_item["kind"] == "Subnet"
    assert shown_item["sources"] == [{"kind": "Pod", "namespace": "shop", "name": "web-1", "uid": "uid-1"}]
    assert shown_item["workloads"][0]["name"] == "web"
    assert shown_item["hold"] is None


def test_nothing_is_to_be_written_of_what_is_right() -> None:
    (item,) = status_document(shown(plan(right("10.0.0.1/32", name="n"))), details())["items"]
    assert item["writes"] == {}


def test_an_epg_has_no_prefix() -> None:
    (item,) = plan_document(shown(plan(epg())))["items"]
    assert (item["kind"], item["prefix"], item["dn"]) == ("EPG", "", WEB.dn)


@pytest.mark.parametrize(("until", "seconds"), [(None, None), (NOW + 12.34, 12.3), (NOW - 5, 0.0)])
def test_a_hold_says_its_reason_the_next_step_and_how_long(
    until: float | None, seconds: float | None
) -> None:
    (item,) = plan_document(shown(plan(held(subnet(), Reason.CAPACITY, "full", until))))["items"]
    assert item["hold"] == {
        "reason": "Capacity",
        "message": "full",
        "nextStep": Reason.CAPACITY.next_step,
        "seconds": seconds,
    }


def test_a_hold_without_words_of_its_own_says_what_its_reason_means() -> None:
    (item,) = plan_document(shown(plan(held(subnet(), Reason.NO_CONTRACT))))["items"]
    assert item["hold"]["message"] == Reason.NO_CONTRACT.meaning


def test_an_object_that_is_left_as_it_is_says_what_somebody_could_do() -> None:
    left = subnet(action=Action.NONE, reason=Reason.DUPLICATE, message="also in T/L/OTHER")
    (item,) = status_document(shown(plan(left)), details())["items"]
    assert (item["message"], item["nextStep"]) == ("also in T/L/OTHER", Reason.DUPLICATE.next_step)


def test_a_move_says_what_it_leaves() -> None:
    old = ObservedSubnet("uni/old", "10.0.0.1/32", "10.0.0.1/32")
    (item,) = plan_document(shown(plan(subnet(action=Action.MOVE, leaves=old))))["items"]
    assert item["movesFrom"] == "uni/old"


def test_the_summary_counts_what_would_be_done_by_action_and_what_is_held() -> None:
    found = plan(
        epg(),
        subnet(),
        held(subnet("10.0.0.2/32"), Reason.CONFLICT),
        right("10.0.0.3/32"),
        leaving("10.0.0.4/32"),
    )
    assert summary(found) == {
        "create": 2,
        "update": 0,
        "move": 0,
        "delete": 1,
        "held": 1,
        "inSync": 1,
        "notices": 0,
    }


def test_notices_and_troubles_are_in_it_and_it_is_json() -> None:
    notice = Notice(Reason.OUT_OF_RANGE, DEPLOYMENT, "no \x1b way")
    document = plan_document(shown(plan(notices=(notice,)), pods="forbidden"))
    assert document["notices"][0]["reason"] == "OutOfRange"
    assert document["notices"][0]["nextStep"] == Reason.OUT_OF_RANGE.next_step
    assert document["troubles"] == {"pods": "forbidden"}
    assert "\x1b" not in json.dumps(document)
