"""Ten short stories of workloads, each a few steps; after every step the engine comes to rest.

They are small, because the laboratory tells each of them once for every point that it has.
"""

from collections.abc import Callable

from .scene import Scene, binding, epg_dn, subnet_dn

Step = Callable[[Scene], object]
Story = tuple[Step, ...]
SUBNET, EPG_CLASS = "l3extSubnet", "l3extInstP"


def _begin(scene: Scene) -> None:
    scene.deploy("web")
    scene.pods("web", 2)


def _undeploy(scene: Scene) -> None:
    scene.undeploy("web", "web-1", "web-2")


def _two_epgs(scene: Scene) -> None:
    scene.deploy("web", "EPG_WEB")
    scene.deploy("db", "EPG_DB")
    scene.pod("web", "web-1", "10.244.1.1")
    scene.pod("db", "db-1", "10.244.2.1")


def _reuse_an_address(scene: Scene) -> None:
    scene.pod_gone("web-1")
    scene.pod("db", "db-2", "10.244.1.1")


def _replace_pods(scene: Scene) -> None:
    scene.pods("web", 2, first=3)
    scene.pod_gone("web-1", "web-2")


def _share_an_epg(scene: Scene) -> None:
    scene.deploy("web")
    scene.deploy("api")
    scene.pod("web", "web-1", "10.244.1.1")
    scene.pod("api", "api-1", "10.244.3.1")


def _serve(scene: Scene) -> None:
    scene.deploy("web")
    scene.stage.service("web", "192.0.2.10", "192.0.2.11")


def _break_annotation(scene: Scene) -> None:
    scene.annotate("web", "no json")


def _delete_by_hand(scene: Scene) -> None:
    scene.apic.delete(epg_dn())


def _edit_by_hand(scene: Scene) -> None:
    dn = subnet_dn("10.244.1.1/32")
    scene.apic.post(
        dn, {SUBNET: {"attributes": {"name": "somebody", "scope": "shared-rtctrl", "descr": "mine"}}}
    )


def _dual_stack(scene: Scene) -> None:
    scene.deploy("store", "EPG_STORE", kind="StatefulSet")
    scene.deploy("agent", "EPG_AGENT", kind="DaemonSet")
    scene.pod("store", "store-0", "10.244.5.1")
    scene.pod("agent", "agent-x", "10.244.6.1", "fd00::6:1")


def _more_addresses(scene: Scene) -> None:
    scene.pod_status("store-0", podIPs=[{"ip": "10.244.5.1"}, {"ip": "fd00::5:1"}])
    scene.pod_status("agent-x", phase="Succeeded")


def _taken(scene: Scene) -> None:
    """One of the wanted prefixes stands in an EPG that somebody made by hand."""
    scene.stage.epg("EPG_THEIRS", "10.244.1.2/32")
    _begin(scene)


def _give_way(scene: Scene) -> None:
    scene.apic.delete(subnet_dn("10.244.1.2/32", "EPG_THEIRS"))


STORIES: dict[str, Story] = {
    "a workload comes, grows, shrinks and goes": (
        _begin,
        lambda scene: scene.pods("web", 2, first=3),
        lambda scene: scene.pod_gone("web-3", "web-4"),
        _undeploy,
    ),
    "an annotation names another EPG, then none": (
        _begin,
        lambda scene: scene.annotate("web", binding("EPG_OTHER")),
        lambda scene: scene.annotate("web", None),
    ),
    "two workloads share an EPG and one goes": (
        _share_an_epg,
        lambda scene: scene.undeploy("api", "api-1"),
    ),
    "a Service loses an address, gets another and goes": (
        _serve,
        lambda scene: scene.stage.ingress("web", "192.0.2.11", "192.0.2.12"),
        lambda scene: scene.cluster.delete("Service", "shop", "web", grace=0),
    ),
    "an address is used again in another EPG": (_two_epgs, _reuse_an_address),
    "all Pods are replaced": (_begin, _replace_pods),
    "an annotation is malformed and mended": (
        _begin,
        _break_annotation,
        lambda scene: scene.annotate("web", binding("EPG_MENDED")),
    ),
    "people delete and edit what is ours": (_begin, _delete_by_hand, _edit_by_hand),
    "an L3Out goes and comes back": (
        _begin,
        lambda scene: scene.l3out_gone(),
        lambda scene: scene.l3out_back(),
    ),
    "two stacks, three kinds, an ended Pod, a prefix that somebody has": (
        _dual_stack,
        _more_addresses,
        _taken,
        _give_way,
    ),
}

NOT_IN_THE_CLUSTER: frozenset[Step] = frozenset({_break_annotation, _edit_by_hand})
"""After these the fabric has something that the cluster's present does not say: addresses that a malformed
annotation protects, and what a person added to a subnet of ours. Who is told that the cluster never wanted
the object takes it away, and the present brings the object back without it, or not until it is mended."""

TAKEN = "/extsubnet-[10.244.1.2/32]"
"""What somebody else has in the last story. Whoever has not seen it (a hidden event, an old answer) writes
it too: then both stand and it is reported, since nothing of a person's is touched, whoever was first."""
