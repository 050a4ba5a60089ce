"""What people meet in a cluster: Events in `kubectl describe`, and two replicas that share one Lease.

The engines run as the ServiceAccount of `docs/rbac.yaml`, so the API server's own RBAC says whether its
rights are enough.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.controlplane.cluster import ControlPlane
from tests.e2e.controlplane.polling import eventually
from tests.e2e.controlplane.processes import Guard, Process
from tests.e2e.lab import ANNOTATION, HOLD_DOWN, PROGRAM, Lab
from tests.e2e.test_the_main_story import binding, multicast

LEASE = 4
PODS, FLIPS = 60, 17
"""More than a thousand moves of an address."""
RBAC = Path(__file__).parents[2] / "docs" / "rbac.yaml"


class Replicas(Lab):
    """A lab with two engines, as in a Deployment of two replicas."""

    def __init__(self, cluster: ControlPlane, folder: Path) -> None:
        super().__init__(cluster, folder)
        self._own_guard = Guard()
        self.replicas = [self._replica(f"replica-{number}", folder) for number in (1, 2)]

    def start(self) -> None:
        """Start both as the account of the manifest."""
        self.cluster.kubectl("apply", "--filename", str(RBAC))
        kubeconfig = self.cluster.kubeconfig_for("akb-sync", "akb-sync")
        for replica in self.replicas:
            replica.environment = {**self.environment, "AKB_SYNC_KUBECONFIG": str(kubeconfig)}
            replica.start()

    def stop(self) -> None:
        for replica in self.replicas:
            replica.terminate()
        self._own_guard.dismiss()

    @property
    def leader(self) -> Process:
        """The one that holds the Lease; fails while neither does."""
        lease = self.cluster.api.get("/apis/coordination.k8s.io/v1/namespaces/akb-sync/leases/akb-sync")
        holder = lease["spec"]["holderIdentity"]
        leads = [one for one in self.replicas if f"this process leads: {holder}" in one.log()]
        assert len(leads) == 1, holder
        return leads[0]

    def eventually_led(self) -> Process:
        return eventually("one leads", lambda: self.leader, ignoring=(AssertionError, OSError))

    def _replica(self, name: str, folder: Path) -> Process:
        flags = ["--leader-elect", "always", "--lease-duration", str(LEASE), "--hold-down", str(HOLD_DOWN)]
        return Process(
            name,
            [str(PROGRAM), "watch", *flags],
            log=folder / f"{name}.log",
            guard=self._own_guard,
            is_ready=lambda: True,
        )


@pytest.fixture
def lab(control_plane: ControlPlane, tmp_path: Path) -> Iterator[Replicas]:
    with Replicas(control_plane, tmp_path) as running:
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture
def epg(namespace: str) -> str:
    return f"EPG_{namespace[-6:].upper()}"


def ours(lab: Lab, namespace: str) -> list[dict[str, str]]:
    """The Events of a namespace that akb-sync wrote, as `kubectl get events` has them."""
    text = lab.cluster.kubectl(
        "--namespace",
        namespace,
        "get",
        "events",
        "--field-selector",
        "reportingComponent=akb-sync",
        "-o",
        "json",
    )
    found: list[dict[str, str]] = json.loads(text)["items"]
    return found


def test_kubectl_describe_tells_the_story_of_a_deployment(lab: Replicas, namespace: str, epg: str) -> None:
    def described() -> str:
        return lab.cluster.kubectl("--namespace", namespace, "describe", "deployment", "mcast")

    lab.eventually_led()
    lab.cluster.apply(multicast(epg), namespace)
    eventually("an address from MetalLB", lambda: len(lab.addresses(namespace)) == 4)
    lab.eventually_exact(epg, namespace, pods=3)
    eventually("what was done", lambda: re.search(r"Normal +Synced .*akb-sync +EPG .*added", described()))

    absent = binding(epg).replace("TEN_K8_C1", "TEN_ABSENT")
    lab.cluster.kubectl(
        "--namespace", namespace, "annotate", "--overwrite", "deployment/mcast", f"{ANNOTATION}={absent}"
    )
    expected = r"Warning +ParentMissing .*akb-sync +.*uni/tn-TEN_ABSENT does not exist; create it on the APIC"
    eventually("what could not be done, and the next step", lambda: re.search(expected, described()))

    misspelt = ANNOTATION.replace("l3o", "l3out")
    lab.cluster.kubectl(
        "--namespace",
        namespace,
        "annotate",
        "deployment/mcast",
        f"{ANNOTATION}-",
        f"{misspelt}={binding(epg)}",
    )
    expected = rf"Warning +NearMiss .*akb-sync +.*did you mean `{re.escape(ANNOTATION)}`"
    eventually("the misspelt annotation", lambda: re.search(expected, described()))


def test_a_storm_of_a_thousand_changes_is_a_few_events(lab: Replicas, namespace: str, epg: str) -> None:
    def kubectl(*words: str) -> None:
        lab.cluster.kubectl("--namespace", namespace, *words)

    lab.eventually_led()
    lab.cluster.apply(multicast(epg), namespace)
    kubectl("scale", "deployment/mcast", f"--replicas={PODS}")
    lab.eventually_exact(epg, namespace, pods=PODS)
    for flip in range(FLIPS):
        target = f"{epg}_B" if flip % 2 == 0 else epg
        kubectl("annotate", "--overwrite", "deployment/mcast", f"{ANNOTATION}={binding(target)}")
        lab.eventually_exact(target, namespace, pods=PODS)

    def told() -> int:
        return sum(int(one["count"]) for one in ours(lab, namespace))

    eventually("all of it is told", lambda: told() >= PODS * FLIPS > 1000, timeout=60)
    assert len(ours(lab, namespace)) < 10


def test_two_replicas_on_one_lease_survive_each_other(lab: Replicas, namespace: str, epg: str) -> None:
    first = lab.eventually_led()
    second = next(one for one in lab.replicas if one is not first)
    lab.cluster.apply(multicast(epg), namespace)
    lab.eventually_exact(epg, namespace, pods=3)
    assert "created" not in second.log()

    first.pause()
    eventually("the other leads", lambda: lab.leader is second, ignoring=(AssertionError,), timeout=30)
    lab.cluster.kubectl("--namespace", namespace, "scale", "deployment/mcast", "--replicas=6")
    lab.eventually_exact(epg, namespace, pods=6)
    before, writes = first.log().count("created"), lab.apic.writes()
    first.resume()
    eventually("the old one follows", lambda: "another process leads" in first.log(), timeout=30)
    assert first.log().count("created") == before
    assert lab.apic.writes() == writes

    second.terminate()
    eventually(
        "the first one leads again", lambda: lab.leader is first, ignoring=(AssertionError,), timeout=30
    )
    lab.cluster.kubectl("--namespace", namespace, "scale", "deployment/mcast", "--replicas=2")
    lab.eventually_exact(epg, namespace, pods=2)
    for replica in lab.replicas:
        assert "Role" not in replica.log()
        assert "Traceback" not in replica.log()
