"""The Kubernetes side of a measurement: a simulator in a process of its own, loaded in one go.

Its controllers rest. What happens to Pods is ordered from outside, and each event is noted with the moment
at which it left, on the machine's monotonic clock, which all processes share.
"""

import gc
import os
import time
from collections import Counter, deque
from itertools import count
from pathlib import Path

from akb_sync.simulators.kubernetes import KubernetesSimulator, Options
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.watching import Event

from .documents import Json
from .estate import Estate, Workload, pod_address

KINDS = ("pods", "services", "deployments", "statefulsets", "daemonsets", "replicasets")
TICK = 0.01
"""Seconds between two bursts of changes: a thousand a second are ten at once."""

Departure = tuple[str, str, float]
"""What happened (ADDED, MODIFIED, DELETED), the Pod's address, and when its event left (seconds)."""


class KubernetesSide:
    """One simulated cluster. Made and called in its own process."""

    def __init__(self, folder: Path, estate: Estate) -> None:
        self._estate = estate
        self._simulator = KubernetesSimulator(
            controllers=False, options=Options(seed=1 + estate.cluster, history=400_000)
        )
        self._departures: list[Departure] = []
        self._simulator.hear(self._note)
        self._numbers = count(estate.pods)
        self._workloads = [workload for workload in estate.workloads() if workload.replicas]
        self._living: deque[str] = deque()
        self._load()
        self._simulator.start()
        self._kubeconfig = self._simulator.write_kubeconfig(folder / f"kubeconfig-{estate.cluster}")
        gc.freeze()  # what is loaded stays; the collector has no business in it while we measure

    def close(self) -> None:
        """Serve no more."""
        self._simulator.stop()

    def access(self) -> dict[str, str]:
        """How to reach it: url, token, ca (PEM) and the path of a kubeconfig."""
        simulator = self._simulator
        return {
            "url": simulator.url,
            "token": simulator.token,
            "ca": simulator.ca_pem.decode(),
            "kubeconfig": str(self._kubeconfig),
        }

    def requests(self) -> Counter[str]:
        """How many requests came, by `verb resource`."""
        counts = self._simulator.counts.snapshot()
        return Counter({f"{verb} {resource}": number for (verb, resource), number in counts.items()})

    def watched(self) -> bool:
        """Whether each kind is watched."""
        return all(self._simulator.watches(kind) for kind in KINDS)

    def reset(self) -> None:
        """Forget counts and departures."""
        self._simulator.counts.reset()
        self._departures = []

    def departures(self) -> list[Departure]:
        """Each event of a Pod that left since the last reset."""
        return list(self._departures)

    def cpu(self) -> float:
        """Seconds of processor time of this process so far."""
        return time.process_time()

    def pid(self) -> int:
        """The process."""
        return os.getpid()

    def add_pod(self) -> str:
        """One Pod comes up; give its address."""
        number = next(self._numbers)
        workload = self._workloads[number % len(self._workloads)]
        self._put("pods", workload.pod(number))
        return pod_address(number)

    def churn(self, rate: float, seconds: float) -> int:
        """Replace Pods: each change takes the oldest Pod away or brings a new one; give how many changes."""
        done, began = 0, time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(int(rate * passed) - done):
                self._change(done)
                done += 1
            time.sleep(TICK)
        return done

    def burst(self, changes: int) -> None:
        """The same number of changes as fast as can be."""
        for number in range(changes):
            self._change(number)

    def _change(self, number: int) -> None:
        if number % 2:
            self._simulator.api.store.remove("pods", self._living.popleft())
        else:
            self.add_pod()

    def _load(self) -> None:
        for namespace in self._estate.namespaces():
            self._put("namespaces", namespace)
        for service in self._estate.services():
            self._put("services", service)
        for workload in self._estate.workloads():
            self._load_workload(workload)
        # Each version is turned to text once, whoever asks for it: done here, it is in nobody's time.
        for kind in KINDS:
            storage = self._simulator.api.table.find(kind).storage
            for record in self._simulator.api.store.records(storage):
                _ = record.metadata_text if kind == "replicasets" else record.text

    def _load_workload(self, workload: Workload) -> None:
        self._put("deployments", workload.deployment())
        for replicaset in workload.replicasets():
            self._put("replicasets", replicaset)
        for pod in workload.pods():
            self._put("pods", pod)

    def _put(self, kind: str, data: Json) -> None:
        meta = data["metadata"]
        key = f"{meta['namespace']}/{meta['name']}" if "namespace" in meta else meta["name"]
        self._simulator.api.store.put(self._simulator.api.table.find(kind).storage, key, data)
        if kind == "pods":
            self._living.append(key)

    def _note(self, resource: Resource, event: Event) -> None:
        if resource.plural == "pods":
            address = event.record.data["status"]["podIP"]
            self._departures.append((event.type, address, time.monotonic()))
