from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.kube.facts import (
    AnnotationKeys,
    ReplicaSetFacts,
    pod_facts,
    replicaset_facts,
    resource_version,
    service_facts,
    workload_facts,
)
from tests.unit.kube.builders import KEY, KEYS, RESOURCES, ask, pod, replicaset, service, workload

GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["10.0.0.1", "Failed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def spoiled(item: Any, data: st.DataObject) -> Any:
    """The same object with garbage in the place of some of its parts."""
    if data.draw(st.integers(0, 5)) == 0:
        return data.draw(GARBAGE)
    if isinstance(item, dict):
        return {key: spoiled(value, data) for key, value in item.items()}
    if isinstance(item, list):
        return [spoiled(value, data) for value in item]
    return item


@given(st.data())
def test_no_object_of_whatever_shape_raises(data: st.DataObject) -> None:
    parent = workload(annotation=ask())
    whole = data.draw(
        st.sampled_from(
            [
                parent,
                replicaset(parent),
                pod("a", parent, "10.0.0.1", host_network=True, deleting=True),
                service("s", "10.0.0.1", hostnames=("lb.example",)),
            ]
        )
    )
    item = spoiled(whole, data)
    for resource in RESOURCES.values():
        facts = resource.project(item)
        if facts is not None:
            hash(facts)
            assert facts.ref.name
            assert facts.ref.uid
    assert resource_version(item) >= 0


def test_an_object_without_a_name_or_uid_is_no_object() -> None:
    assert pod_facts({"metadata": {"name": "a"}}) is None
    assert pod_facts({"metadata": {"uid": "a"}}) is None
    assert pod_facts("a") is None


def test_what_is_no_address_is_absent_and_repeats_count_once() -> None:
    facts = pod_facts(pod("a", None, "10.0.0.1", "10.0.0.1", "nonsense", "fe80::1%eth0", "", "2001:DB8::1"))
    assert facts is not None
    assert facts.prefixes == ("10.0.0.1/32", "2001:db8::1/128")


def test_the_single_address_counts_where_the_list_is_missing() -> None:
    item = pod("a", None)
    item["status"] = {"podIP": "10.0.0.1"}
    facts = pod_facts(item)
    assert facts is not None
    assert facts.prefixes == ("10.0.0.1/32",)


def test_half_a_selector_would_match_more_so_it_is_none() -> None:
    item = service("s", "10.0.0.1")
    item["spec"]["selector"] = {"app": "web", "tier": 7}
    facts = service_facts(item)
    assert facts is not None
    assert facts.selector == frozenset()


def test_the_paused_key_stands_in_the_domain_of_the_binding_key() -> None:
    assert KEYS.paused == "aci.haystacknetworks.com/paused"
    assert AnnotationKeys("example.org/zone").paused == "example.org/paused"
    assert AnnotationKeys("zone").paused == "paused"


@pytest.mark.parametrize(("text", "paused"), [("true", True), ("false", False), ("True", False), ("", False)])
def test_only_the_word_true_pauses(text: str, paused: bool) -> None:
    item = workload(annotation=ask())
    item["metadata"]["annotations"]["aci.haystacknetworks.com/paused"] = text
    facts = workload_facts(item, "Deployment", KEYS)
    assert facts is not None
    assert facts.paused is paused


def test_an_empty_annotation_is_there() -> None:
    facts = workload_facts(workload(annotation=""), "Deployment", KEYS)
    assert facts is not None
    assert facts.annotation == ""
    assert KEY not in str(facts)


def test_daemonsets_report_their_pods_under_another_name() -> None:
    item = workload(kind="DaemonSet")
    item["status"] = {"currentNumberScheduled": 3}
    facts = workload_facts(item, "DaemonSet", KEYS)
    assert facts is not None
    assert facts.reports_replicas


def test_metadata_alone_is_enough_of_a_replicaset() -> None:
    item = replicaset(workload()) | {"kind": "PartialObjectMetadata"}
    facts = replicaset_facts(item)
    assert isinstance(facts, ReplicaSetFacts)
    assert facts.ref.kind == "ReplicaSet"
    assert facts.owner is not None
    assert facts.owner.kind == "Deployment"


@pytest.mark.parametrize(("version", "number"), [("12", 12), ("", 0), ("x", 0), ("-1", 0), ("²", 0), (7, 0)])
def test_a_resource_version_compares_only_as_a_number(version: object, number: int) -> None:
    assert resource_version({"metadata": {"resourceVersion": version}}) == number
