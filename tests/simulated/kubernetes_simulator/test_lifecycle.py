"""Starting, stopping, counting, and the way in for programs."""

import base64
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config

from akb_sync.simulators.kubernetes import ApiError, KubernetesSimulator, SimulatorError
from tests.simulated.kubernetes_simulator.client import Api, eventually

MAPS = "/api/v1/namespaces/default/configmaps"
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}}


def test_what_was_there_is_there_after_a_stop_on_the_same_port(
    still_cluster: KubernetesSimulator, still_client: Api
) -> None:
    url = still_cluster.url
    still_cluster.create(MAP)
    still_cluster.stop()
    with pytest.raises(requests.ConnectionError):
        still_client.get(MAPS)
    still_cluster.patch("cm", "default", "a", {"data": {"k": "w"}})
    still_cluster.start()
    assert still_cluster.url == url
    assert still_client.get(f"{MAPS}/a").json()["data"] == {"k": "w"}


def test_a_stop_ends_open_watches_and_a_start_lets_them_go_on(
    still_cluster: KubernetesSimulator, still_client: Api
) -> None:
    start = str(still_cluster.revision)
    with still_client.watch(MAPS, resourceVersion=start) as watch:
        assert eventually(lambda: still_cluster.watches() == 1)
        still_cluster.stop()
        # In the middle of a chunk or between two: both happen.
        with contextlib.suppress(requests.RequestException):
            assert watch.rest() == []
    still_cluster.create(MAP)
    still_cluster.start()
    with still_client.watch(MAPS, resourceVersion=start) as watch:
        assert watch.next()["object"]["metadata"]["name"] == "a"


def test_controllers_go_on_where_they_were(cluster: KubernetesSimulator) -> None:
    cluster.stop()
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "later"}})
    with pytest.raises(ApiError):
        cluster.get("serviceaccounts", "later", "default")
    cluster.start()
    assert cluster.wait_for(lambda c: len(c.list("serviceaccounts", "later")) == 1)


def test_a_port_in_use_is_one_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SimulatorError, match=f"127.0.0.1:{port}.*in use"):
            KubernetesSimulator(port=port).start()


def test_requests_are_counted_by_verb_and_kind(still_cluster: KubernetesSimulator, still_client: Api) -> None:
    still_client.post(MAPS, {"metadata": {"name": "a"}})
    still_client.get(MAPS)
    still_client.get(MAPS, limit=1)
    still_client.patch(f"{MAPS}/a", {"data": {"k": "v"}})
    counts = still_cluster.counts
    assert (counts["create", "configmaps"], counts["list", "configmaps"]) == (1, 2)
    assert counts.writes() == 2
    counts.reset()
    assert counts["list", "configmaps"] == 0


def test_what_is_done_in_process_is_not_counted(still_cluster: KubernetesSimulator) -> None:
    still_cluster.create(MAP)
    assert still_cluster.counts.writes() == 0


def test_objects_are_read_and_written_in_process(still_cluster: KubernetesSimulator) -> None:
    made = still_cluster.apply(MAP)
    made["data"]["k"] = "changed outside"
    assert still_cluster.get("configmap", "default", "a")["data"] == {"k": "v"}
    merged = still_cluster.apply({**MAP, "data": {"l": "w"}})
    assert merged["data"] == {"k": "v", "l": "w"}
    assert [item["metadata"]["name"] for item in still_cluster.list("cm")] == ["a"]
    still_cluster.delete("cm", "default", "a")
    with pytest.raises(ApiError, match='configmaps "a" not found'):
        still_cluster.get("cm", "default", "a")


def test_many_threads_may_write_at_once(still_cluster: KubernetesSimulator) -> None:
    def write(number: int) -> None:
        for index in range(25):
            still_cluster.create({**MAP, "metadata": {"name": f"m-{number}-{index}"}})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    versions = [item["metadata"]["resourceVersion"] for item in still_cluster.list("cm")]
    assert len(set(versions)) == len(versions) == 100


def test_two_clusters_are_told_apart_by_their_uid() -> None:
    assert KubernetesSimulator().uid != KubernetesSimulator().uid


def test_the_kubeconfig_is_for_its_owner_only(still_cluster: KubernetesSimulator, tmp_path: Path) -> None:
    path = still_cluster.write_kubeconfig(tmp_path / "deep" / "kubeconfig")
    assert path.stat().st_mode & 0o777 == 0o600
    config = yaml.safe_load(path.read_text())
    assert config["current-context"] == "akb-sync-simulator"
    authority = config["clusters"][0]["cluster"]["certificate-authority-data"]
    assert base64.b64decode(authority) == still_cluster.ca_file.read_bytes()


def test_a_kubeconfig_that_cannot_be_written_is_one_clear_sentence(
    still_cluster: KubernetesSimulator, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SimulatorError, match=r"The kubeconfig .* cannot be written"):
        still_cluster.write_kubeconfig(tmp_path / "file" / "kubeconfig")


def test_the_official_client_reads_and_writes(cluster: KubernetesSimulator, tmp_path: Path) -> None:
    path = cluster.write_kubeconfig(tmp_path / "kubeconfig")
    new_client: Any = kubernetes_config.new_client_from_config
    with new_client(str(path), context="akb-sync-simulator") as connection:
        core: Any = kubernetes_client.CoreV1Api(connection)
        core.create_namespaced_config_map("default", {"metadata": {"name": "a"}, "data": {"k": "v"}})
        assert core.read_namespaced_config_map("a", "default").data == {"k": "v"}
        assert [node.metadata.name for node in core.list_node().items] == ["node-1", "node-2"]
        with pytest.raises(kubernetes_client.ApiException) as caught:
            core.read_namespaced_pod("none", "default")
        assert caught.value.status == 404


PROGRAM = """
import sys
from pathlib import Path
from typing import Any
from akb_sync.simulators.kubernetes import KubernetesSimulator, serve_forever
serve_forever(KubernetesSimulator(), Path(sys.argv[1]), lambda cluster: print(cluster.url, flush=True))
print("stopped", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_in_order(tmp_path: Path, number: signal.Signals) -> None:
    root = Path(__file__).resolve().parents[3]
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path / "kubeconfig")]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("https://127.0.0.1:")
        assert (tmp_path / "kubeconfig").exists()
        process.send_signal(number)
        assert process.stdout.readline() == "stopped\n"
        assert process.wait(timeout=10) == 0
