"""The objects that make a bare apiserver a cluster.

Why: Pods need nodes to run on, and MetalLB its kinds and address pools, before a test can count on either.
"""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.controlplane.apiclient import ApiClient
from tests.e2e.controlplane.programs import METALLB_NAMESPACE, Layout
from tests.e2e.controlplane.ranges import AddressRanges

_MANIFESTS = Path(__file__).parent / "manifests"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_POOLS = f"/apis/metallb.io/v1beta1/namespaces/{METALLB_NAMESPACE}/ipaddresspools"
_SETTLING = dt.timedelta(seconds=2)

# The MetalLB controller does not start unless these exist, although only its speaker uses most of them.
_KINDS_LOOKED_UP = {
    "BFDProfile": ("bfdprofiles", ("v1beta1",)),
    "BGPAdvertisement": ("bgpadvertisements", ("v1beta1",)),
    "BGPPeer": ("bgppeers", ("v1beta2", "v1beta1")),
    "Community": ("communities", ("v1beta1",)),
    "L2Advertisement": ("l2advertisements", ("v1beta1",)),
    "ServiceBGPStatus": ("servicebgpstatuses", ("v1beta1",)),
}


def write_kubelet_stages(layout: Layout) -> None:
    """What kwok is to play, for one address family or for two."""
    text = (_MANIFESTS / "kubelet-stages.yaml").read_text()
    layout.stages_file.write_text(text.replace("@DUAL_STACK@", str(layout.dual_stack).lower()))


def define_metallb_kinds(api: ApiClient) -> bool:
    """Creates those of MetalLB's kinds that are not there yet; True when all are."""
    crds = [yaml.safe_load((_MANIFESTS / "ipaddresspool-crd.yaml").read_text())]
    crds += [_open_crd(kind, plural, versions) for kind, (plural, versions) in _KINDS_LOOKED_UP.items()]
    defined = {crd["metadata"]["name"] for crd in api.get(_CRDS)["items"]}
    for crd in crds:
        if crd["metadata"]["name"] not in defined:
            api.create(_CRDS, crd)
    return True


def kinds_are_settled(api: ApiClient) -> bool:
    """Whether requests for all custom kinds are answered at once.

    The apiserver lets each request for a kind wait for 2 s that was established less than 2 s ago
    (k8s.io/apiextensions-apiserver, customresource_handler.go), so it is quicker not to ask before.
    """
    now = dt.datetime.now(dt.UTC)
    established = [_established_since(crd) for crd in api.get(_CRDS)["items"]]
    return all(since is not None and now - since >= _SETTLING for since in established)


def _established_since(crd: dict[str, Any]) -> dt.datetime | None:
    for condition in crd.get("status", {}).get("conditions", []):
        if condition["type"] == "Established" and condition["status"] == "True":
            return dt.datetime.fromisoformat(condition["lastTransitionTime"])
    return None


def create_address_pools(api: ApiClient, ranges: AddressRanges) -> None:
    """The namespace of MetalLB with its two pools."""
    api.create("/api/v1/namespaces", {"metadata": {"name": METALLB_NAMESPACE}})
    api.create(_POOLS, _pool("first", ranges.first_pool, auto_assign=True))
    api.create(_POOLS, _pool("second", ranges.second_pool, auto_assign=False))


def _open_crd(kind: str, plural: str, versions: Iterable[str]) -> dict[str, Any]:
    """A namespaced kind of MetalLB that takes any fields; the first of its versions is stored."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.metallb.io"},
        "spec": {
            "group": "metallb.io",
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [
                {"name": version, "served": True, "storage": number == 0, "schema": schema}
                for number, version in enumerate(versions)
            ],
        },
    }


def _pool(name: str, addresses: Iterable[str], *, auto_assign: bool) -> dict[str, Any]:
    return {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": name},
        "spec": {"addresses": list(addresses), "autoAssign": auto_assign},
    }


def leases_are_renewed(api: ApiClient, since: dt.datetime) -> bool:
    """Whether every node's lease was renewed after `since`, which says that its kubelet is at work."""
    leases = api.get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")["items"]
    return all(dt.datetime.fromisoformat(lease["spec"]["renewTime"]) >= since for lease in leases)


def metallb_counts_addresses(api: ApiClient) -> bool:
    """Whether MetalLB has taken up its pools: it then writes to their status how many addresses are left."""
    pools = api.get(_POOLS)["items"]
    return bool(pools) and all("availableIPv4" in pool.get("status", {}) for pool in pools)


def node(ranges: AddressRanges, index: int, *, dual_stack: bool) -> dict[str, Any]:
    """The Node of index 1, 2, …; kwok takes its addresses from the annotation that kubelets set too."""
    families = slice(2 if dual_stack else 1)
    pod_ranges = ranges.node_pods(index)[families]
    name = f"node-{index}"
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"alpha.kubernetes.io/provided-node-ip": ",".join(ranges.node(index)[families])},
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
            },
        },
        "spec": {"podCIDR": pod_ranges[0], "podCIDRs": list(pod_ranges)},
    }


def is_ready(node: dict[str, Any]) -> bool:
    """Whether Pods can be scheduled to a Node: its kubelet says Ready, and nothing keeps Pods away."""
    conditions = node.get("status", {}).get("conditions", [])
    says_ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return says_ready and not node["spec"].get("taints")
