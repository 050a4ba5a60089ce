"""One story at one moment: names, namespaces and tenants of its own, and the verbs that it is told in.

Why: cells that share nothing can be played one after the other on one control plane and one fabric.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import requests

from tests.e2e.controlplane.kubectl import KubectlError
from tests.e2e.controlplane.polling import eventually
from tests.e2e.matrix import manifests
from tests.e2e.matrix.fabric import Fabric, mark, mo, subnet
from tests.e2e.matrix.oracle import ANNOTATION, Wishes, epg_dn, wanted
from tests.e2e.matrix.stage import Site

STRANGER = "0badcafe"
# A controller waits for 5 minutes for a Pod of whose creation it cannot be sure, as after an outage of etcd
# in the middle of it (k8s.io/kubernetes, pkg/controller, ExpectationsTimeout).
ARRIVAL_SECONDS = 330.0
RETRIED = (requests.RequestException, KubectlError)


class Cell:
    """Used as a context manager: what it made is gone afterwards, but for namespaces on their way out.

    Besides what the story makes there are, in the same L3Out: a bystander (an EPG of another workload), an
    EPG that people made, and one with the mark of a cluster that is not here.

    Attributes:
        sites: the clusters that the story plays on.
        namespace: its namespace, the same name on each of them.
        tenants: two tenants; the first has two L3Outs in one VRF, the second one of its own.
    """

    def __init__(self, title: str, fabric: Fabric, sites: Iterable[Site]) -> None:
        self.key = f"{title[:20].upper().replace(' ', '_')}_{secrets.token_hex(2).upper()}"
        self.fabric = fabric
        self.sites = tuple(sites)
        self.namespace = f"cell-{self.key.lower().replace('_', '-')}"
        self.bystanders = f"{self.namespace}-by"
        self.tenants = (f"TEN_{self.key}", f"TEN_{self.key}_2")
        self.cleanup = ExitStack()

    @property
    def roots(self) -> tuple[str, ...]:
        """The DNs of the tenants."""
        return tuple(f"uni/tn-{tenant}" for tenant in self.tenants)

    def __enter__(self) -> Self:
        self.cleanup.callback(self._remove_tenants)
        self._make_tenants()
        for number, site in enumerate(self.sites):
            for namespace in (self.bystanders, self.namespace):
                site.cluster.create_namespace(namespace)
                path = f"/api/v1/namespaces/{namespace}"
                self.cleanup.callback(site.cluster.api.request, "DELETE", path)
            bystander = manifests.deployment("bystander", 1, self.binding(f"BYSTANDER_{number}"))
            self.create(bystander, site, namespace=self.bystanders)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cleanup.__exit__(kind, error, trace)  # so that it is told beside what fails here

    def _make_tenants(self) -> None:
        first, second = self.tenants
        in_vrf = mo("l3extRsEctx", tnFvCtxName="VRF")
        by_hand = mo(
            "l3extInstP",
            subnet("172.20.0.0/16", name="net"),
            mo("fvRsProv", tnVzBrCPName="WEB"),
            name="EPG_BY_HAND",
            descr="made by hand",
        )
        stranger = epg_dn(first, "L3O", "EPG_STRANGER")
        foreign = mo(
            "l3extInstP",
            subnet(
                "172.21.0.1/32", annotation=mark(STRANGER, f"{stranger}/extsubnet-[172.21.0.1/32]", "far")
            ),
            name="EPG_STRANGER",
            annotation=mark(STRANGER, stranger, "far"),
        )
        l3out = mo("l3extOut", in_vrf, by_hand, foreign, name="L3O")
        other = mo("l3extOut", in_vrf, name="L3O_OTHER")
        contract = mo("vzBrCP", name="WEB")
        self.fabric.simulator.load(
            mo("fvTenant", mo("fvCtx", name="VRF"), contract, l3out, other, name=first)
        )
        elsewhere = mo("l3extOut", in_vrf, name="L3O")
        self.fabric.simulator.load(mo("fvTenant", mo("fvCtx", name="VRF"), elsewhere, name=second))

    def _remove_tenants(self) -> None:
        for root in self.roots:
            self.fabric.simulator.delete(root)

    # What the story is about.

    def is_bystander(self, epg: str) -> bool:
        return "_BYSTANDER_" in epg

    def epg(self, name: str, *, l3out: str = "L3O", tenant: int = 0) -> str:
        """The DN of an EPG of this cell."""
        return epg_dn(self.tenants[tenant], l3out, f"EPG_{self.key}_{name}")

    def binding(self, name: str, *, l3out: str = "L3O", tenant: int = 0) -> str:
        """The annotation's text for an EPG of this cell."""
        names = {"tenant": self.tenants[tenant], "l3out": l3out, "epg": f"EPG_{self.key}_{name}"}
        return json.dumps(names)

    def wanted(self, site: Site) -> Wishes:
        """What one cluster wants of the fabric, now."""
        return wanted(site.objects(self.namespace, self.bystanders))

    def managed(self, site: Site) -> Wishes:
        """What one cluster has on the fabric, now."""
        return self.fabric.managed(self.tenants, site.uid8)

    # What people do.

    def create(
        self, document: Mapping[str, Any], site: Site | None = None, namespace: str = ""
    ) -> dict[str, Any]:
        """Make one object."""
        cluster = (site or self.sites[0]).cluster
        path = manifests.collection(document, namespace or self.namespace)
        made: dict[str, Any] = cluster.api.create(path, dict(document))
        return made

    def kubectl(self, *words: str, site: Site | None = None) -> str:
        """Type a command until it works; an apiserver that was away needs a moment."""
        cluster = (site or self.sites[0]).cluster

        def typed() -> tuple[str]:
            return (cluster.kubectl("--namespace", self.namespace, *words),)

        (said,) = eventually(
            f"kubectl {' '.join(words)[:80]}", typed, timeout=60, pause=0.5, ignoring=(KubectlError,)
        )
        return said

    def scale(self, workload: str, replicas: int) -> None:
        self.kubectl("scale", workload, f"--replicas={replicas}")

    def annotate(self, workload: str, text: str | None) -> None:
        """Give a workload the annotation, or take it away."""
        words = [f"{ANNOTATION}={text}"] if text is not None else [f"{ANNOTATION}-"]
        self.kubectl("annotate", "--overwrite", workload, *words)

    def until(self, what: str, look: Callable[[], object], timeout: float = ARRIVAL_SECONDS) -> None:
        eventually(what, look, timeout=timeout, ignoring=RETRIED, nudge=self.nudge)

    def nudge(self) -> None:
        """Remind the controllers of each cluster of what they wait for."""
        for site in self.sites:
            site.cluster.nudge(self.namespace, self.bystanders)

    def until_pods(self, count: int) -> None:
        """Wait for exactly so many Pods of workloads, all with addresses, none on its way out."""

        def settled() -> bool:
            pods = [pod for pod in self.sites[0].pods(self.namespace) if not _of_job(pod)]
            return len(pods) == count and all(map(is_settled, pods))

        self.until(f"{count} Pods", settled)

    def until_addresses(self, service: str, count: int) -> None:
        """Wait for a Service to have so many addresses."""
        self.until(f"{count} addresses of {service}", lambda: len(self.addresses(service)) == count)

    def addresses(self, service: str) -> list[str]:
        path = f"/api/v1/namespaces/{self.namespace}/services/{service}"
        status = self.sites[0].cluster.api.get(path)["status"]
        return [point["ip"] for point in status.get("loadBalancer", {}).get("ingress", [])]


def is_settled(pod: Mapping[str, Any]) -> bool:
    """Whether a Pod has its address and is not on its way out."""
    return bool(pod["status"].get("podIPs")) and "deletionTimestamp" not in pod["metadata"]


def _of_job(pod: Mapping[str, Any]) -> bool:
    return any(owner["kind"] == "Job" for owner in pod["metadata"].get("ownerReferences", []))
