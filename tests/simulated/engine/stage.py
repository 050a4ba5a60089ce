"""Both simulators and the real engine between them, with a clock that tests turn by hand.

What is believed about the fabric is read from the simulator's own tree, by code that the engine does not
share.
"""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from akb_sync.engine import Engine, Pass, Report
from akb_sync.item import Item
from akb_sync.plan import Plan
from akb_sync.settings import Settings
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from akb_sync.simulators.kubernetes.options import Options

Json = dict[str, Any]
ANNOTATION = "aci.haystacknetworks.com/l3o"
PAUSED = "aci.haystacknetworks.com/paused"
TENANT, L3OUT, EPG = "TEN_K8_C1", "L3O_K8_C1", "EPG_WEB"
_BOOKKEEPING = frozenset(
    ("modTs", "configSt", "pcTag", "txId", "triggerSt", "configIssues", "childAction", "status")
)
"""Attributes that the APIC itself keeps up to date."""
_addresses = itertools.count(1)


class HandClock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self._seconds = 1000.0

    def monotonic(self) -> float:
        return self._seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._seconds)

    def advance(self, seconds: float) -> None:
        self._seconds += seconds


@dataclass
class Outcome:
    """What one sync did."""

    plan: Plan
    """What is left."""
    reports: list[Report]

    @property
    def written(self) -> list[Item]:
        return [item for report in self.reports for item in report.done]

    @property
    def held(self) -> dict[str, str]:
        """Reason of the hold by prefix, or by EPG name."""
        return {
            item.prefix or item.binding.epg: str(item.hold.reason) for item in self.plan.held if item.hold
        }


@dataclass
class Stage:
    """The simulators run without controllers: tests write Pods and Services by themselves."""

    cluster: KubernetesSimulator
    apic: ApicSimulator
    folder: Path
    clock: HandClock = field(default_factory=HandClock)

    def settings(self, **changes: Any) -> Settings:
        kubeconfig = self.folder / "kubeconfig"
        self.cluster.write_kubeconfig(kubeconfig)
        base = {
            "apic": self.apic.url,
            "apic_username": "admin",
            "apic_password": "secret",
            "apic_ca_file": self.apic.ca_file,
            "kubeconfig": kubeconfig,
            "apic_rate": 0,  # the hand's clock would never let a turn come
        }
        return Settings(**{**base, **changes})

    @contextmanager
    def engine(self, **settings: Any) -> Iterator[Engine]:
        with Engine.connect(self.settings(**settings), clock=self.clock) as engine:
            yield engine

    def sync(self, *, wait: bool = True, approve: bool = False, **settings: Any) -> Outcome:
        """What `akb-sync sync` does: a fresh process, one full pass."""
        with self.engine(**settings) as engine:
            engine.read()
            plan = engine.look()
            if approve:
                engine.approve(plan)
                plan = engine.look()
            one_pass = Pass(engine, wait=wait, sleep=self.clock.advance)
            return Outcome(one_pass.run(plan), one_pass.reports)

    # The cluster's side.

    def workload(
        self,
        name: str,
        *,
        kind: str = "Deployment",
        namespace: str = "shop",
        annotation: str | None = None,
        replicas: int = 0,
        epg: str = EPG,
        **more: str,
    ) -> Json:
        """An annotated workload; `annotation` replaces the one that names `epg`."""
        labels = {"app": name}
        text = binding(epg) if annotation is None else annotation
        body: Json = {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace, "annotations": {ANNOTATION: text, **more}},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "web", "image": "registry.example/web:1"}]},
                },
            },
        }
        if kind != "DaemonSet":
            body["spec"]["replicas"] = replicas
        if kind == "StatefulSet":
            body["spec"]["serviceName"] = name
        return self.cluster.create(body)

    def pod(self, owner: Json, *addresses: str, name: str = "", **spec: Any) -> Json:
        """A Pod of a workload, with addresses as a kubelet reports them."""
        owner = self._replicaset(owner) if owner["kind"] == "Deployment" else owner
        meta = owner["metadata"]
        name = name or f"{meta['name']}-{next(_addresses)}"
        pod = self.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": name,
                    "namespace": meta["namespace"],
                    "labels": {"app": meta["name"]},
                    "ownerReferences": [_owner_of(owner)],
                },
                "spec": {"containers": [{"name": "web", "image": "registry.example/web:1"}], **spec},
            }
        )
        status = {"phase": "Running", "podIPs": [{"ip": one} for one in addresses], "podIP": addresses[0]}
        self.cluster.patch("Pod", meta["namespace"], name, {"status": status}, subresource="status")
        return pod

    def pods(self, owner: Json, count: int, network: str = "10.244.1") -> list[Json]:
        return [self.pod(owner, f"{network}.{index}") for index in range(1, count + 1)]

    def service(self, name: str, *addresses: str, app: str = "", namespace: str = "shop") -> Json:
        """A LoadBalancer Service in front of the Pods of `app`."""
        service = self.cluster.create(
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {"type": "LoadBalancer", "selector": {"app": app or name}, "ports": [{"port": 80}]},
            }
        )
        self.ingress(name, *addresses, namespace=namespace)
        return service

    def ingress(self, name: str, *addresses: str, namespace: str = "shop") -> None:
        status = {"status": {"loadBalancer": {"ingress": [{"ip": one} for one in addresses]}}}
        self.cluster.patch("Service", namespace, name, status, subresource="status")

    def annotate(self, workload: Json, text: str | None, key: str = ANNOTATION) -> None:
        meta = workload["metadata"]
        patch = {"metadata": {"annotations": {key: text}}}
        self.cluster.patch(workload["kind"], meta["namespace"], meta["name"], patch)

    def remove(self, thing: Json, **options: Any) -> None:
        meta = thing["metadata"]
        self.cluster.delete(thing["kind"], meta["namespace"], meta["name"], grace=0, **options)

    def _replicaset(self, deployment: Json) -> Json:
        meta = deployment["metadata"]
        for known in self.cluster.list("ReplicaSet", meta["namespace"]):
            if known["metadata"]["name"] == meta["name"]:
                return {**known, "kind": "ReplicaSet", "apiVersion": "apps/v1"}
        return self.cluster.create(
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": meta["name"],
                    "namespace": meta["namespace"],
                    "ownerReferences": [_owner_of(deployment)],
                },
                "spec": {**deployment["spec"], "replicas": 0},
            }
        )

    # The fabric's side.

    def prefixes(self, epg: str = EPG, l3out: str = L3OUT, tenant: str = TENANT) -> set[str]:
        """The prefixes that stand in an external EPG."""
        tree = self.apic.subtree(epg_dn(epg, l3out, tenant))
        return {attributes["ip"] for cls, attributes in tree.values() if cls == "l3extSubnet"}

    def subnet(self, prefix: str, epg: str = EPG) -> dict[str, str]:
        """The attributes of a subnet that is there."""
        found = self.apic.get(subnet_dn(prefix, epg))
        assert found is not None, f"{prefix} is not in {epg}"
        return found

    def epg(self, name: str, *subnets: str, l3out: str = L3OUT, tenant: str = TENANT, **more: str) -> None:
        """An external EPG as an admin makes it, by hand."""
        children = [{"l3extSubnet": {"attributes": {"ip": one}}} for one in subnets]
        document = {"l3extInstP": {"attributes": {"name": name, **more}, "children": children}}
        self.apic.post(f"uni/tn-{tenant}/out-{l3out}", document)

    def edit(self, dn: str, cls: str, **attributes: str) -> None:
        self.apic.post(dn, {cls: {"attributes": attributes}})

    def dump(self) -> dict[str, tuple[str, dict[str, str]]]:
        """Everything in the policy tree, without what the APIC itself keeps up to date."""
        return {
            dn: (cls, {name: text for name, text in attributes.items() if name not in _BOOKKEEPING})
            for dn, (cls, attributes) in self.apic.subtree("uni").items()
        }

    @property
    def posts(self) -> int:
        """How many writes the APIC has accepted over HTTP."""
        return len(self.apic.journal)


def binding(epg: str = EPG, l3out: str = L3OUT, tenant: str = TENANT, **more: Any) -> str:
    return json.dumps({"tenant": tenant, "l3out": l3out, "epg": epg, **more})


def epg_dn(epg: str = EPG, l3out: str = L3OUT, tenant: str = TENANT) -> str:
    return f"uni/tn-{tenant}/out-{l3out}/instP-{epg}"


def subnet_dn(prefix: str, epg: str = EPG, l3out: str = L3OUT, tenant: str = TENANT) -> str:
    return f"{epg_dn(epg, l3out, tenant)}/extsubnet-[{prefix}]"


def hosts(network: str, count: int) -> set[str]:
    """The prefixes of the first `count` addresses of `network` (`10.244.1`)."""
    return {f"{network}.{index}/32" for index in range(1, count + 1)}


def eventually(what: str, look: Callable[[], object], timeout: float = 10.0) -> None:
    """Ask until it is so; fail with what was last seen."""
    deadline = time.monotonic() + timeout
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what}: last seen {seen!r}"
        time.sleep(0.02)


def _owner_of(owner: Json) -> Json:
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }


@contextmanager
def opened(folder: Path, *namespaces: str, options: Options | None = None) -> Iterator[Stage]:
    """A stage on fresh simulators: one small fabric, and the namespace `shop` or those that are named."""
    with (
        ApicSimulator(users={"admin": "secret"}, output_dir=folder) as apic,
        KubernetesSimulator(controllers=False, options=options) as cluster,
    ):
        apic.small_fabric()
        for name in namespaces or ("shop",):
            cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        yield Stage(cluster, apic, folder)
