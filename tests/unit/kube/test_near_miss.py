"""A typing error in an annotation's key is found, and other people's annotations are left in peace."""

from typing import Any

import pytest

from akb_sync.kube.claims import claims
from akb_sync.kube.facts import AnnotationKeys, workload_facts
from akb_sync.kube.home import Home
from akb_sync.kube.limits import Limits
from akb_sync.kube.near_miss import near_miss
from akb_sync.reasons import Reason

BINDING = "aci.haystacknetworks.com/l3o"
PAUSED = "aci.haystacknetworks.com/paused"


def found(**annotations: object) -> str:
    return near_miss(annotations, BINDING, PAUSED)


@pytest.mark.parametrize(
    "key",
    [
        "aci.haystacknetworks.com/L3O",
        "ACI.haystacknetworks.com/l3o",
        "aci.haystacknetworks.com/l3out",
        "aci.haystacknetworks.com/l3",
        "aci.haystacknetworks.com/l30",
        "haystacknetworks.com/l3o",
        "aci.example.com/l3o",
        "l3o",
        "aci.haystacknetwork.com/l3o",
        "aci.haystacknetworks.com.l3o",
        "aci-haystacknetworks.com/l3out",
    ],
)
def test_a_key_that_is_nearly_right_is_named_with_the_right_one(key: str) -> None:
    told = near_miss({key: "{}"}, BINDING, PAUSED)
    assert f"`{key}` is not read" in told
    assert f"did you mean `{BINDING}`?" in told


@pytest.mark.parametrize(
    "key",
    [
        "deployment.kubernetes.io/revision",
        "kubectl.kubernetes.io/last-applied-configuration",
        "aci.haystacknetworks.com/contact",
        "example.com/paused",
        "prometheus.io/scrape",
        "l2o",
        "",
        "/",
        "x" * 10_000,
        "aci.haystacknetworks.com/" + "l3o" * 2000,
    ],
)
def test_other_peoples_keys_are_nothing_to_us(key: str) -> None:
    assert near_miss({key: "{}"}, BINDING, PAUSED) == ""


def test_a_workload_with_the_right_key_is_told_nothing_of_a_second_one() -> None:
    assert found(**{BINDING: "{}", "aci.example.com/l3o": "{}"}) == ""


@pytest.mark.parametrize("key", ["aci.haystacknetworks.com/Paused", "aci.haystacknetworks.com/pause"])
def test_a_misspelt_pause_is_found_too(key: str) -> None:
    told = near_miss({BINDING: "{}", key: "true"}, BINDING, PAUSED)
    assert f"did you mean `{PAUSED}`?" in told


@pytest.mark.parametrize("value", ["True", "yes", "", "1", None, 3])
def test_a_pause_of_another_value_pauses_nothing_and_is_told(value: object) -> None:
    expected = "" if value is None else 'only "true" pauses'
    assert expected in near_miss({PAUSED: value}, BINDING, PAUSED)


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_pause_that_is_right_is_nothing_to_tell(value: str) -> None:
    assert found(**{PAUSED: value}) == ""


def test_a_key_with_control_characters_is_shown_without_them() -> None:
    assert "\x1b" not in near_miss({"\x1b[31m/l3o": "{}"}, BINDING, PAUSED)


def test_the_projection_keeps_nothing_of_a_workload_without_one() -> None:
    facts = workload_facts(workload(a="b"), "Deployment", AnnotationKeys(BINDING))
    assert facts is not None
    assert facts.near_miss == ""


def test_a_near_miss_becomes_a_notice_of_the_workload() -> None:
    facts = workload_facts(workload(**{"aci.example.com/l3o": "{}"}), "Deployment", AnnotationKeys(BINDING))
    assert facts is not None
    (notice,) = claims([facts], Limits(), Home()).notices
    assert (notice.reason, notice.subject) == (Reason.NEAR_MISS, facts.ref)
    assert BINDING in notice.message


def workload(**annotations: str) -> dict[str, Any]:
    meta = {"name": "web", "namespace": "shop", "uid": "u-1", "annotations": annotations}
    return {"metadata": meta, "spec": {}, "status": {}}
