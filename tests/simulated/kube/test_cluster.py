"""The cluster view against the Kubernetes simulator: a real server, real watches, and faults."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from akb_sync.clock import SystemClock
from akb_sync.errors import KubernetesForbidden, KubernetesUnreachable
from akb_sync.kube import ClusterOptions, ClusterView, KubeConnection, Limits
from akb_sync.model import Freshness, Source
from akb_sync.reasons import Reason
from akb_sync.simulators.kubernetes import KubernetesSimulator, Options

KEY = "aci.haystacknetworks.com/l3o"
Json = dict[str, Any]


class Scene:
    """A simulated cluster with a namespace, and a view of it."""

    def __init__(self, cluster: KubernetesSimulator, directory: Path) -> None:
        self.cluster = cluster
        self.changed = threading.Condition()
        self.connection = KubeConnection.connect(cluster.write_kubeconfig(directory / "kubeconfig"))
        self.view = self.another()
        self._before: tuple[int, dict[Source, int]] = (0, {})

    def another(self, **options: Any) -> ClusterView:
        return ClusterView(self.connection, ClusterOptions(**options), SystemClock(), self._on_change)

    def _on_change(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def begin(self) -> None:
        self.view.read()
        self.view.start()

    def until(self, true: Callable[[], object], seconds: float = 20) -> None:
        """Wait for something; the view's calls wake it, and what the view does not see is looked at often."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not true():
                assert time.monotonic() < deadline, self.view.troubles()
                self.changed.wait(0.05)

    def addresses(self, epg: str = "EPG") -> set[str]:
        desired = self.view.desired()
        return {exposure.prefix for exposure in desired.exposures if exposure.binding.epg == epg}

    def pods(self) -> set[str]:
        """What the API server itself says: the addresses of Pods that are not terminal or on the host."""
        return {
            f"{entry['ip']}/{128 if ':' in entry['ip'] else 32}"
            for pod in self.cluster.list("pods")
            if pod["status"].get("phase") not in {"Succeeded", "Failed"}
            and not pod["spec"].get("hostNetwork")
            for entry in pod["status"].get("podIPs", [])
        }

    def settled(self, count: int) -> bool:
        return len(self.pods()) == count and self.addresses() == self.pods()

    def lists(self, source: Source) -> int:
        return self.view.desired().sources[source].lists

    def freshness(self, source: Source) -> Freshness:
        return self.view.desired().freshness(source)


def annotation(epg: str = "EPG") -> str:
    return json.dumps({"tenant": "TEN", "l3out": "OUT", "epg": epg})


def workload(kind: str = "Deployment", replicas: int = 2, name: str = "web", **pod_spec: Any) -> Json:
    spec: Json = {
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "c", "image": "example/c"}], **pod_spec},
        },
    }
    if kind != "DaemonSet":
        spec["replicas"] = replicas
    meta = {"name": name, "namespace": "shop", "annotations": {KEY: annotation()}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta, "spec": spec}


def front(name: str = "web") -> Json:
    spec = {"type": "LoadBalancer", "selector": {"app": name}, "ports": [{"port": 80}]}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    }


def rewrite(scene: Scene, text: str | None) -> None:
    scene.cluster.patch("deployments", "shop", "web", {"metadata": {"annotations": {KEY: text}}})


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with KubernetesSimulator(options=Options(bookmark_interval=0.2, start_delay=0.0)) as cluster:
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        found = Scene(cluster, tmp_path)
        yield found
        found.view.stop()


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_the_pods_of_each_kind_of_workload_are_found(scene: Scene, kind: str) -> None:
    scene.begin()
    scene.cluster.create(workload(kind))
    scene.until(lambda: scene.settled(2))


def test_scaling_up_and_down_and_rolling_are_followed_pod_by_pod(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": 5}})
    scene.until(lambda: scene.settled(5))
    before = scene.addresses()
    template = {"metadata": {"annotations": {"rolled": "1"}}}
    scene.cluster.patch("deployments", "shop", "web", {"spec": {"template": template}})
    scene.until(lambda: scene.settled(5) and not scene.addresses() & before)
    scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": 0}})
    scene.until(lambda: scene.settled(0))
    assert len(scene.view.desired().workloads) == 1
    assert {scene.lists(source) for source in Source} == {1}


def test_both_families_are_found(tmp_path: Path) -> None:
    with KubernetesSimulator(options=Options(dual_stack=True)) as cluster:
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        scene = Scene(cluster, tmp_path)
        scene.begin()
        cluster.create(workload())
        scene.until(lambda: scene.settled(4))
        assert sum(prefix.endswith("/128") for prefix in scene.addresses()) == 2
        scene.view.stop()


def test_a_load_balancer_address_comes_and_goes_with_its_service(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload(replicas=0))
    scene.cluster.create(front())
    scene.until(scene.addresses)
    ingress = scene.cluster.get("services", "shop", "web")["status"]["loadBalancer"]["ingress"]
    assert scene.addresses() == {f"{ingress[0]['ip']}/32"}
    scene.cluster.delete("services", "shop", "web")
    scene.until(lambda: not scene.addresses())


def test_the_annotation_edited_broken_mended_and_removed(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    rewrite(scene, annotation("OTHER"))
    scene.until(lambda: scene.addresses("OTHER") == scene.pods())
    rewrite(scene, "{")
    scene.until(lambda: scene.view.desired().undecided)
    assert set(scene.view.desired().protected) == scene.pods()
    assert scene.view.desired().undecided[0].reason is Reason.INVALID_ANNOTATION
    rewrite(scene, annotation())
    scene.until(lambda: scene.settled(2) and not scene.view.desired().undecided)
    rewrite(scene, None)
    scene.until(lambda: not scene.view.desired().workloads)
    assert not scene.addresses()


def test_a_deleted_workload_takes_its_pods_along(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    scene.cluster.delete("deployments", "shop", "web")
    scene.until(lambda: not scene.addresses() and not scene.view.desired().workloads)


def test_host_network_pods_are_skipped_with_a_notice(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload(hostNetwork=True))
    scene.until(lambda: [one for one in scene.view.desired().notices if one.reason is Reason.HOST_NETWORK])
    assert scene.addresses() == set()


def test_lists_in_pages_of_one_find_everything(scene: Scene) -> None:
    scene.cluster.create(workload(replicas=5))
    scene.begin()
    scene.until(lambda: scene.settled(5))
    other = scene.another(page_size=1)
    other.read()
    assert {exposure.prefix for exposure in other.desired().exposures} == scene.pods()


def test_a_closed_or_broken_watch_goes_on_without_a_list(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    for abrupt in (False, True):
        assert scene.cluster.faults.close_watches("pods", abrupt=abrupt) == 1
        replicas = 4 if abrupt else 3
        scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": replicas}})
        scene.until(lambda: scene.settled(replicas))  # noqa: B023 (used within the round)
    assert scene.lists(Source.PODS) == 1


def test_a_410_in_mid_watch_lists_again_and_finds_what_went_meanwhile(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    with scene.cluster.faults.suppress_event("pods", "DELETED", times=None):
        scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": 1}})
        scene.until(lambda: len(scene.pods()) == 1)
        assert len(scene.addresses()) == 2
        assert scene.cluster.faults.expire_watches("pods") == 1
        scene.until(lambda: scene.settled(1))
    assert scene.lists(Source.PODS) == 2


@pytest.mark.parametrize("http", [False, True])
def test_a_410_at_the_start_of_a_watch_lists_again(scene: Scene, http: bool) -> None:
    fault = scene.cluster.faults.expire_watch("pods", times=2, http=http)
    scene.begin()
    scene.until(lambda: scene.lists(Source.PODS) >= 3)
    assert fault.hits == 2
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))


def test_a_deletion_that_was_never_told_is_found_by_a_reread(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    with scene.cluster.faults.suppress_event("pods", "DELETED", times=None) as fault:
        scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": 0}})
        scene.until(lambda: fault.hits == 2)
        assert len(scene.addresses()) == 2
    scene.view.reread()
    scene.until(lambda: scene.settled(0))
    assert scene.view.desired().sources[Source.PODS].doubtful


def test_duplicated_and_reordered_events_end_in_the_same_place(scene: Scene) -> None:
    scene.begin()
    with scene.cluster.faults.duplicate_events(), scene.cluster.faults.reorder_events():
        scene.cluster.create(workload())
        scene.cluster.create(front())
        scene.until(lambda: len(scene.addresses()) == 3)
        for replicas in (6, 1, 4):
            scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": replicas}})
        scene.until(lambda: len(scene.pods()) == 4 and scene.pods() < scene.addresses())
        scene.until(lambda: len(scene.addresses()) == 5)


def test_a_half_open_watch_is_noticed_and_opened_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akb_sync.kube.watcher.READ_TIMEOUT", 1.0)
    scene.begin()
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    with scene.cluster.faults.half_open_watch("pods"):
        scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": 3}})
        scene.until(lambda: len(scene.pods()) == 3)
        assert len(scene.addresses()) == 2
    scene.until(lambda: scene.settled(3))
    assert scene.lists(Source.PODS) == 1


def test_a_list_cut_in_the_middle_leaves_the_kind_unknown_and_is_asked_again(scene: Scene) -> None:
    scene.cluster.create(workload())
    scene.cluster.faults.cut_list("pods", times=1)
    scene.view.read()
    assert scene.freshness(Source.PODS) is Freshness.NEVER
    assert "cut the connection" in scene.view.troubles()["pods"]
    scene.view.start()
    scene.until(lambda: scene.settled(2))
    assert scene.view.troubles() == {}


def test_one_failing_kind_is_stale_and_the_others_go_on(scene: Scene) -> None:
    scene.begin()
    scene.cluster.create(workload())
    scene.cluster.create(front())
    scene.until(lambda: len(scene.addresses()) == 3)
    before = scene.addresses()
    with scene.cluster.faults.error(500, "services"):
        scene.cluster.faults.close_watches("services")
        scene.until(lambda: scene.freshness(Source.SERVICES) is Freshness.STALE)
        assert "HTTP 500" in scene.view.troubles()["services"]
        scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": 3}})
        scene.until(lambda: len(scene.addresses()) == 4)
        assert before < scene.addresses()
        assert scene.freshness(Source.PODS) is Freshness.FRESH
    scene.until(lambda: scene.view.desired().fresh)
    assert scene.view.troubles() == {}


def test_html_from_a_proxy_is_a_trouble_and_not_an_empty_cluster(scene: Scene) -> None:
    scene.cluster.create(workload())
    scene.begin()
    scene.until(lambda: scene.settled(2))
    with scene.cluster.faults.error(503, html=True):
        scene.view.reread()
        scene.until(lambda: len(scene.view.troubles()) == 6)
        assert "HTML" in scene.view.troubles()["pods"]
        assert scene.settled(2)
    scene.until(lambda: not scene.view.troubles())


def test_an_empty_answer_is_doubtful(scene: Scene) -> None:
    scene.cluster.create(workload())
    scene.begin()
    scene.until(lambda: scene.settled(2))
    with scene.cluster.faults.empty_list("pods"):
        scene.view.reread()
        scene.until(lambda: scene.lists(Source.PODS) == 2)
        assert scene.view.desired().sources[Source.PODS].doubtful
        other = scene.another()
        other.read()
        assert "reports replicas" in other.desired().sources[Source.PODS].doubtful


def test_an_older_view_of_the_cluster_is_not_believed(scene: Scene) -> None:
    scene.begin()
    old = scene.cluster.revision
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    with scene.cluster.faults.old_view(old, "pods"):
        scene.view.reread()
        scene.until(lambda: scene.freshness(Source.PODS) is Freshness.STALE)
        scene.until(lambda: "is older" in scene.view.troubles().get("pods", ""))
        assert scene.settled(2)
    scene.until(lambda: scene.freshness(Source.PODS) is Freshness.FRESH)
    assert scene.settled(2)


def test_a_kind_that_may_not_be_watched_is_polled(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akb_sync.kube.watcher.POLL_PAUSE", 0.2)
    scene.cluster.deny("watch", "pods")
    scene.begin()
    scene.until(scene.view.troubles)
    assert "add the verb watch on pods to the ClusterRole" in scene.view.troubles()["pods"]
    scene.cluster.create(workload())
    scene.until(lambda: scene.settled(2))
    assert scene.freshness(Source.PODS) is Freshness.FRESH
    scene.cluster.allow("watch", "pods")
    scene.until(lambda: not scene.view.troubles())


def test_a_kind_that_may_not_be_listed_says_so_and_recovers(scene: Scene) -> None:
    scene.cluster.deny("list", "services")
    scene.begin()
    assert "does not let us list services" in scene.view.troubles()["services"]
    assert scene.freshness(Source.SERVICES) is Freshness.NEVER
    scene.cluster.allow()
    scene.until(lambda: scene.freshness(Source.SERVICES) is Freshness.FRESH)


def test_no_rights_at_all_are_an_error_of_the_first_read(scene: Scene) -> None:
    scene.cluster.deny("*", "*")
    with pytest.raises(KubernetesForbidden, match="to the ClusterRole"):
        scene.view.read()


def test_a_server_that_goes_away_and_comes_back(scene: Scene) -> None:
    scene.cluster.create(workload())
    scene.begin()
    scene.until(lambda: scene.settled(2))
    before = scene.addresses()
    scene.until(lambda: scene.cluster.watches() == 6)
    scene.cluster.stop()
    scene.until(lambda: len(scene.view.troubles()) == 6)
    assert scene.addresses() == before
    with pytest.raises(KubernetesUnreachable):
        scene.another().read()
    scene.cluster.start()
    scene.until(lambda: scene.view.desired().fresh)
    scene.cluster.patch("deployments", "shop", "web", {"spec": {"replicas": 3}})
    scene.until(lambda: scene.settled(3))


def test_the_limits_of_the_options_are_used(scene: Scene) -> None:
    scene.cluster.create(workload())
    scene.begin()
    scene.until(lambda: scene.settled(2))
    other = scene.another(limits=Limits(allow={"elsewhere": ["*/*/*"]}))
    other.read()
    assert not other.desired().workloads
    assert other.desired().notices[0].reason is Reason.NOT_ALLOWED


def test_the_view_is_named_by_the_clusters_own_uid(scene: Scene) -> None:
    assert scene.view.kube_system_uid() == scene.cluster.uid
