"""The demo's story: each step makes a promise, does something to one side, and is checked on the other.

The checks read the APIC over REST and the cluster over its own storage; they share no code with the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .stage import HOLD_DOWN, Stage

NAMESPACE, APP = "multicast", "mcast"
L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
EPG, SECOND_EPG, HAND_MADE_EPG = "EPG_K8_APP_MCAST", "EPG_K8_APP_MCAST_V2", "EPG_MADE_BY_HAND"
HAND_MADE_SUBNET = "198.51.100.0/24"
ANNOTATION = "aci.haystacknetworks.com/l3o"
PROMPT = 5.0
"""Seconds within which a promise has to be kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """One promise: what is said, what is done, and what has to be true then."""

    promise: str
    act: Callable[[], object]
    kept: Callable[[], bool]
    within: float = PROMPT


def steps(stage: Stage) -> Iterator[Step]:
    """Tell the story, step by step; a step may look at what the one before left."""
    cluster, fabric = stage.cluster, stage.fabric

    by_hand = frozenset({HAND_MADE_SUBNET})

    def exact(epg: str = EPG, besides: frozenset[str] = frozenset()) -> bool:
        return set(fabric.subnets(_dn(epg))) - besides == stage.addresses(NAMESPACE)

    def pods(count: int) -> bool:
        found = cluster.list("Pod", NAMESPACE)
        return len(found) == count and all(pod.get("status", {}).get("podIP") for pod in found)

    def scale(count: int) -> None:
        cluster.patch("Deployment", NAMESPACE, APP, {"spec": {"replicas": count}})

    def appear() -> None:
        stage.start_engine()
        for manifest in manifests():
            cluster.create(manifest)

    yield Step(
        "An annotated Deployment gets its external EPG: a subnet for each of its 3 Pods and its LoadBalancer",
        appear,
        lambda: pods(3) and len(stage.addresses(NAMESPACE)) == 4 and exact(),
    )
    yield Step("Scaled to 5 Pods, the EPG holds 5 Pods", lambda: scale(5), lambda: pods(5) and exact())

    victim = min(fabric.subnets(_dn(EPG)).values(), key=lambda one: one.ip)
    yield Step(
        f"A subnet that somebody deletes on the APIC ({victim.ip}) comes back",
        lambda: fabric.delete(victim.dn),
        lambda: exact() and fabric.subnets(_dn(EPG))[victim.ip].annotation == victim.annotation,
    )
    yield Step(
        "import-security taken off comes back, and the flag that was added stays",
        lambda: fabric.post(victim.dn, "l3extSubnet", ip=victim.ip, scope="shared-rtctrl"),
        lambda: fabric.subnets(_dn(EPG))[victim.ip].scope == "import-security,shared-rtctrl",
    )
    yield _left_alone(stage, lambda: scale(4), lambda: pods(4) and exact(besides=by_hand))

    def leave() -> None:
        cluster.delete("Service", NAMESPACE, APP)
        cluster.delete("Deployment", NAMESPACE, APP)

    def while_away() -> None:
        stage.stop_engine()
        scale(2)
        stage.wait_for(lambda: pods(2))
        stage.start_engine()

    yield Step(
        "What happened while the engine was stopped (4 Pods became 2) is found when it starts",
        while_away,
        lambda: exact(besides=by_hand),
        within=2 * PROMPT,
    )
    yield Step(
        f"The annotation moves to {SECOND_EPG}, and so does every address; the hand-made subnet stays behind",
        lambda: cluster.patch("Deployment", NAMESPACE, APP, _annotated(SECOND_EPG)),
        lambda: exact(SECOND_EPG) and set(fabric.subnets(_dn(EPG))) == {HAND_MADE_SUBNET},
    )
    yield Step(
        "The Deployment goes: its EPG goes after the hold-down; the one with a hand-made subnet stays",
        leave,
        lambda: fabric.attributes(_dn(SECOND_EPG)) is None and _untouched(stage),
        within=HOLD_DOWN + 2 * PROMPT,
    )


def _left_alone(stage: Stage, change: Callable[[], None], settled: Callable[[], bool]) -> Step:
    """Hand-made objects next to ours, a change that makes the engine write, and a look at the former."""

    def act() -> None:
        stage.fabric.post(_dn(EPG), "l3extSubnet", ip=HAND_MADE_SUBNET, name="by-hand")
        stage.fabric.post(L3OUT, "l3extInstP", name=HAND_MADE_EPG, descr="made by hand")
        stage.hand_made = _hand_made(stage)
        change()

    return Step(
        "A hand-made subnet and a hand-made EPG are left alone while ours change",
        act,
        lambda: settled() and _untouched(stage),
    )


def _hand_made(stage: Stage) -> list[dict[str, str] | None]:
    subnet = f"{_dn(EPG)}/extsubnet-[{HAND_MADE_SUBNET}]"
    found = [stage.fabric.attributes(dn) for dn in (subnet, _dn(HAND_MADE_EPG))]
    # What the APIC itself keeps up to date on an EPG is not somebody's change.
    own = {"modTs", "configSt", "pcTag", "scope", "txId", "status", "childAction"}
    return [one and {name: text for name, text in one.items() if name not in own} for one in found]


def _untouched(stage: Stage) -> bool:
    return _hand_made(stage) == stage.hand_made


def _dn(epg: str) -> str:
    return f"{L3OUT}/instP-{epg}"


def _annotated(epg: str) -> dict[str, Any]:
    text = f'{{ "tenant": "TEN_K8_C1", "l3out": "L3O_K8_C1", "epg": "{epg}" }}'
    return {"metadata": {"annotations": {ANNOTATION: text}}}


def manifests() -> list[dict[str, Any]]:
    """A Deployment with three Pods and a LoadBalancer Service in front of it, in a namespace of their own."""
    labels = {"app": f"{APP}-app"}
    pod = {"containers": [{"name": APP, "image": "registry.example/mcast:1"}]}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": APP, "namespace": NAMESPACE},
            "spec": {"type": "LoadBalancer", "selector": labels, "ports": [{"port": 5000}]},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": APP,
                "namespace": NAMESPACE,
                "labels": labels,
                **_annotated(EPG)["metadata"],
            },
            "spec": {
                "replicas": 3,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
    ]
