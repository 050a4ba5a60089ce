"""A cluster of a size, as objects of its API server, and the fabric that it belongs to.

Objects go into the simulator's store as they are, fifty thousand in a few seconds. What Pods of one
Deployment have in common is one object in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .documents import BORN, Json, managed_fields, owner, pod_spec, running

NAMESPACES = 20
PODS_PER_DEPLOYMENT = 50
OLD_REPLICASETS = 2
POST_OBJECTS = 500
TENANT, VRF, L3OUT = "TEN_BENCH", "VRF_BENCH", "L3O_BENCH"
KEY = "aci.haystacknetworks.com/l3o"
FOREIGN = "L3O_FOREIGN"


@dataclass(frozen=True, slots=True)
class Estate:
    """How large everything is.

    Attributes:
        pods: how many Pods, each with one address, evenly over the EPGs.
        epgs: how many external EPGs; each has Deployments of at most 50 Pods, and one Service
            with one address.
        l3outs: how many L3Outs the EPGs are spread over, all in one VRF.
        foreign: how many subnets of other people stand in another L3Out of that VRF.
        balanced: whether there are Services.
        cluster: the number of the cluster among those that share the fabric; each has a tenant of its own.
    """

    pods: int
    epgs: int = 100
    l3outs: int = 1
    foreign: int = 0
    cluster: int = 0
    balanced: bool = True

    @property
    def tenant(self) -> str:
        """The name of the cluster's tenant."""
        return f"{TENANT}_{self.cluster}"

    @property
    def addresses(self) -> int:
        """How many subnets are wanted: one for each Pod and each Service."""
        return self.pods + self.epgs * self.balanced

    @property
    def objects(self) -> int:
        """How many objects are wanted on the fabric: subnets and EPGs."""
        return self.addresses + self.epgs

    @property
    def fewest_posts(self) -> int:
        """How few POSTs of at most 500 objects can bring them."""
        shares = (share(self.objects, self.l3outs, number) for number in range(self.l3outs))
        return sum(-(-objects // POST_OBJECTS) for objects in shares)

    def binding(self, epg: int) -> tuple[str, str, str]:
        """Tenant, L3Out and name of an EPG by its number."""
        return self.tenant, f"{L3OUT}_{epg % self.l3outs}", f"EPG_{epg:04d}"

    def fabric(self) -> Iterator[Json]:
        """The documents to post to `uni`: the tenant, its VRF and L3Outs, and other people's subnets."""
        outs = [_l3out(f"{L3OUT}_{number}") for number in range(self.l3outs)]
        vrf = {"fvCtx": {"attributes": {"name": VRF}}}
        yield {"fvTenant": {"attributes": {"name": self.tenant}, "children": [vrf, *outs]}}
        for start in range(0, self.foreign, 10_000):
            subnets = [_foreign_subnet(number) for number in range(start, min(start + 10_000, self.foreign))]
            epg = {"l3extInstP": {"attributes": {"name": f"THEIRS_{start}"}, "children": subnets}}
            out = _l3out(FOREIGN, epg)
            yield {"fvTenant": {"attributes": {"name": self.tenant}, "children": [out]}}

    def namespaces(self) -> Iterator[Json]:
        """The Namespaces, that of the engine's own objects too."""
        for name in ("akb-sync", *(f"team-{number:02d}" for number in range(NAMESPACES))):
            meta = {"name": name, "uid": _uid(9, hash(name) & 0xFFFF), "creationTimestamp": BORN}
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": meta, "status": {"phase": "Active"}}

    def workloads(self) -> Iterator["Workload"]:
        """The Deployments, some for each EPG."""
        number = first = 0
        for epg in range(self.epgs):
            left = share(self.pods, self.epgs, epg)
            for size in [PODS_PER_DEPLOYMENT] * (left // PODS_PER_DEPLOYMENT) + [left % PODS_PER_DEPLOYMENT]:
                if size or not left:
                    yield Workload(self, number, epg, first, size)
                    number, first = number + 1, first + size

    def services(self) -> Iterator[Json]:
        """One LoadBalancer Service for the first Deployment of each EPG."""
        seen: set[int] = set()
        for workload in self.workloads():
            if workload.epg not in seen:
                seen.add(workload.epg)
                yield workload.service()


class Workload:
    """A Deployment with its ReplicaSets and Pods."""

    def __init__(self, estate: Estate, number: int, epg: int, first_pod: int, replicas: int) -> None:
        self.epg = epg
        self.replicas = replicas
        self.name = f"app-{number:05d}"
        self.namespace = f"team-{epg % NAMESPACES:02d}"
        self._estate = estate
        self._number = number
        self._first = first_pod
        self._labels = {"app.kubernetes.io/name": self.name, "app.kubernetes.io/part-of": f"shop-{epg}"}
        self._template = {"metadata": {"labels": self._labels}, "spec": pod_spec(self.name)}
        self._spec = {**pod_spec(self.name), "nodeName": "node-1", "serviceAccountName": self.name}
        self._conditions = running()
        self._managed = managed_fields()

    def deployment(self) -> Json:
        """The Deployment, annotated."""
        tenant, l3out, epg = self._estate.binding(self.epg)
        annotation = f'{{"tenant": "{tenant}", "l3out": "{l3out}", "epg": "{epg}"}}'
        meta = self._meta(self.name, 1, self._number, {KEY: annotation})
        spec = {
            "replicas": self.replicas,
            "selector": {"matchLabels": self._labels},
            "template": self._template,
        }
        status = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas"), self.replicas)
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta,
            "spec": spec,
            "status": status,
        }

    def replicasets(self) -> Iterator[Json]:
        """The one in use, and the old ones that a Deployment keeps."""
        for age in range(1 + OLD_REPLICASETS):
            count = 0 if age else self.replicas
            meta = self._meta(f"{self.name}-{age:010x}", 2, self._number * 10 + age)
            meta["ownerReferences"] = [owner("apps/v1", "Deployment", self.name, _uid(1, self._number))]
            spec = {"replicas": count, "selector": {"matchLabels": self._labels}, "template": self._template}
            status = {"replicas": count}
            yield {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": meta,
                "spec": spec,
                "status": status,
            }

    def pods(self) -> Iterator[Json]:
        """The Pods that it begins with."""
        return (self.pod(self._first + index) for index in range(self.replicas))

    def pod(self, number: int) -> Json:
        """A running Pod; its number is its address and all else that is its own."""
        replicaset = f"{self.name}-{0:010x}"
        name = f"{replicaset}-{number:06x}"
        meta = self._meta(name, 3, number)
        meta["ownerReferences"] = [owner("apps/v1", "ReplicaSet", replicaset, _uid(2, self._number * 10))]
        address = pod_address(number)
        status = {
            **self._conditions,
            "podIP": address,
            "podIPs": [{"ip": address}],
        }
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": self._spec, "status": status}

    def service(self) -> Json:
        """A LoadBalancer Service before it, with its address."""
        meta = self._meta(self.name, 4, self._number)
        ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]
        spec = {"type": "LoadBalancer", "selector": self._labels, "ports": ports, "clusterIP": "None"}
        status = {"loadBalancer": {"ingress": [{"ip": f"172.16.{self.epg >> 8}.{self.epg & 255}"}]}}
        return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": spec, "status": status}

    def _meta(self, name: str, kind: int, number: int, annotations: Json | None = None) -> Json:
        return {
            "name": name,
            "namespace": self.namespace,
            "uid": _uid(kind, number),
            "creationTimestamp": BORN,
            "labels": self._labels,
            "annotations": annotations or {},
            "managedFields": self._managed,
        }


def share(total: int, parts: int, number: int) -> int:
    """How much of a whole falls to one of its parts, as evenly as can be."""
    return total // parts + (number < total % parts)


def pod_address(number: int) -> str:
    """The address of a Pod by its number, in 10.0.0.0/8."""
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def _uid(kind: int, number: int) -> str:
    return f"{number:08x}-{kind:04x}-4000-8000-{number:012x}"


def _l3out(name: str, *children: Json) -> Json:
    relation = {"l3extRsEctx": {"attributes": {"tnFvCtxName": VRF}}}
    return {"l3extOut": {"attributes": {"name": name}, "children": [relation, *children]}}


def _foreign_subnet(number: int) -> Json:
    ip = f"100.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}/32"
    return {"l3extSubnet": {"attributes": {"ip": ip, "scope": "import-security"}}}
