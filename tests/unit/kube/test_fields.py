"""Of an object only some fields are read, and nothing that is made of it shows that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akb_sync.kube import fields
from akb_sync.kube.facts import resource_version
from akb_sync.kube.nodes import _addresses

from .builders import RESOURCES, Json, ask, pod, replicaset, service, workload

TEXTS = st.text(max_size=5) | st.sampled_from(("Pod", "10.0.0.1", "true", "LoadBalancer"))
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=6,
)
WEB = workload("web", ask(), replicas=3)
TOLD: tuple[Json, ...] = (
    WEB,
    workload("near", None) | {"metadata": {"name": "n", "uid": "u", "annotations": {"l3o": "x"}}},
    replicaset(WEB),
    pod("p", replicaset(WEB), "10.0.0.1", "fd00::1", phase="Failed", host_network=True, deleting=True),
    service("s", "198.51.100.1", hostnames=("front.example",)),
)


def spoiled(told: Json, path: list[int], value: Any) -> Json:
    """The same with one part of another shape; the path says which key is followed at each depth."""
    copy: Json = json.loads(json.dumps(told))
    inner: Any = copy
    for step in path[:-1]:
        keys = list(inner)
        following = inner[keys[step % len(keys)]] if isinstance(inner, dict) and keys else None
        if not isinstance(following, dict) or not following:
            break
        inner = following
    keys = list(inner)
    inner[keys[path[-1] % len(keys)]] = value
    return copy


objects = st.one_of(
    st.sampled_from(TOLD),
    st.builds(spoiled, st.sampled_from(TOLD), st.lists(st.integers(0, 9), min_size=1, max_size=4), ANY),
    ANY,
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(objects, max_size=3), ANY)
def test_what_is_made_of_a_page_is_what_is_made_of_the_whole_of_it(items: list[Any], more: Any) -> None:
    meta = {"resourceVersion": "7", "continue": "next", "remainingItemCount": more}
    body = json.dumps({"kind": "List", "metadata": meta, "items": items, "more": more}).encode()
    read, whole = fields.page(body), json.loads(body)
    assert isinstance(read, dict)
    assert (read["kind"], read["metadata"]["continue"]) == ("List", "next")
    for some, every in zip(read["items"], whole["items"], strict=True):
        assert made_of(some) == made_of(every)


def made_of(item: Any) -> list[object]:
    """Everything that any part of the program makes of an object."""
    facts = [resource.project(item) for resource in RESOURCES.values()]
    try:
        addresses = list(_addresses(item))
    except (TypeError, AttributeError):  # a node whose addresses have another shape: no matter which way
        addresses = []
    return [*facts, resource_version(item), addresses]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(("ADDED", "MODIFIED", "DELETED", "BOOKMARK")), objects)
def test_what_is_made_of_an_event_is_what_is_made_of_the_whole_of_it(kind: str, item: Any) -> None:
    read = fields.event(json.dumps({"type": kind, "object": item}).encode())
    assert isinstance(read, dict)
    assert read["type"] == kind
    assert made_of(read.get("object")) == made_of(item)


def test_an_error_event_is_read_whole() -> None:
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    assert fields.event(json.dumps({"type": "ERROR", "object": status}).encode()) == {
        "type": "ERROR",
        "object": status,
    }


def test_what_nobody_looks_at_is_passed_over() -> None:
    told = pod("p", None, "10.0.0.1")
    told["metadata"]["managedFields"] = [{"manager": "kubelet"}]
    read = fields.event(json.dumps({"type": "ADDED", "object": told}).encode())
    assert isinstance(read, dict)
    assert "managedFields" not in read["object"]["metadata"]
    assert "kind" not in read["object"]


@pytest.mark.parametrize("data", [b"", b"no json", b'{"type": "ADDED"', b"[" * 100_000, b"\xff\xfe{}"])
def test_what_is_no_json_is_said_to_be_none(data: bytes) -> None:
    for read in (fields.page, fields.event):
        with pytest.raises((ValueError, RecursionError)):
            read(data)
