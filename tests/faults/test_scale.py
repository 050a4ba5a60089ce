"""Row 46: what many Pods cost in requests, calls and memory, counted, so that a busy machine changes nothing.

What takes a clock to measure (`make bench`: wall time, latency, churn) is measured there, against its bounds.
"""

import gc
import math
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from akb_sync.settings import Settings
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator, Options
from tests.simulated.engine.stage import HandClock, Stage, binding

from .faults import FABRIC
from .histories.lines import APIC_URL, Lines, no_wires
from .ledger import Ledger, What
from .process import RESYNC, Process, Surroundings
from .profile import NIGHTLY

PODS = 10_000 if NIGHTLY else 2_000
PODS_OF_AN_EPG = 100
OBJECTS_OF_A_POST = 500
MOST_GROWTH = 6.0
"""Of five times as many Pods."""
MOST_BYTES_OF_A_POD = 400 * 2**20 / 50_000
"""Of 400 MB at 50,000 Pods."""
MOST_TURNS = 40


@dataclass
class Crowd:
    """So many Pods of a Deployment for each hundred of them, each with an EPG of its own."""

    pods: int
    exits: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        cluster = KubernetesSimulator(controllers=False, options=Options(seed=1))
        self.apic = ApicSimulator(users={"admin": "secret"}, tls=False)
        self.apic.small_fabric()
        self.stage = Stage(cluster, self.apic, Path("nowhere"), HandClock())
        self.lines = Lines(cluster, self.apic)
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        for number in range(self.pods // PODS_OF_AN_EPG):
            self._deploy(number)

    @property
    def objects(self) -> int:
        return self.pods + self.pods // PODS_OF_AN_EPG

    def process(self) -> tuple[Process, Ledger]:
        """A process that has done everything that it has to do."""
        settings = Settings(apic=APIC_URL, apic_username="admin", apic_password="secret", resync=RESYNC)
        ledger = Ledger()
        process = Process(Surroundings(self.stage, ledger, settings, self.lines))
        self.exits.callback(process.vanish)
        for _ in range(MOST_TURNS):
            posts = self.stage.posts
            process.step()
            if ledger.points and self.stage.posts == posts and process.engine.look().settled:
                return process, ledger
        raise AssertionError("it does not come to rest")

    def _deploy(self, number: int) -> None:
        cluster, name = self.stage.cluster, f"app-{number}"
        workload = self.stage.workload(name, annotation=binding(f"EPG_{number}"))
        owner = self.stage._replicaset(workload)["metadata"]
        reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name, "uid": owner["uid"]}
        for index in range(1, PODS_OF_AN_EPG + 1):
            pod, ip = f"{name}-{index}", f"10.{number >> 8}.{number & 255}.{index}"
            meta = {"name": pod, "namespace": "shop", "ownerReferences": [{**reference, "controller": True}]}
            spec = {"containers": [{"name": "web", "image": "registry.example/web:1"}]}
            cluster.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
            status = {"status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}]}}
            cluster.patch("Pod", "shop", pod, status, subresource="status")


@contextmanager
def crowd(pods: int) -> Iterator[Crowd]:
    with no_wires():
        made = Crowd(pods)
        with made.exits:
            yield made


@contextmanager
def calls_counted() -> Iterator[Counter[str]]:
    """Count the calls of functions of the engine's own."""
    counted: Counter[str] = Counter()
    ours: dict[str, bool] = {}

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            file = frame.f_code.co_filename
            if file not in ours:
                ours[file] = "/akb_sync/" in file and "/simulators/" not in file
            counted["calls"] += ours[file]

    sys.setprofile(note)
    try:
        yield counted
    finally:
        sys.setprofile(None)


@pytest.mark.timeout(900 if NIGHTLY else 60)
def test_row_46_a_cold_start_asks_as_little_as_it_can_and_the_next_one_writes_nothing() -> None:
    with crowd(PODS) as made:
        process, ledger = made.process()
        asked = [one for one in ledger.points if one.side == FABRIC and one.what is What.REQUEST]
        posts = math.ceil(made.objects / OBJECTS_OF_A_POST)
        assert sum("subscription=yes" in point.name for point in asked) == 1, "there is one L3Out"
        assert len(asked) <= posts + 3 + 10
        written = Counter(one for write in made.apic.journal for one in write.touched)
        assert set(written.values()) == {1}, "each object is written once"
        assert len(written) >= made.objects
        before = made.stage.posts
        process.step()
        made.process()
        assert made.stage.posts == before


@pytest.mark.timeout(900 if NIGHTLY else 60)
def test_row_46_five_times_as_many_pods_take_no_more_than_six_times_the_work() -> None:
    calls = []
    for pods in (PODS // 5, PODS):
        with crowd(pods) as made, calls_counted() as counted:
            made.process()
        calls.append(counted["calls"])
    assert calls[1] / calls[0] <= MOST_GROWTH


@pytest.mark.timeout(900 if NIGHTLY else 60)
def test_row_46_what_a_process_keeps_of_each_pod_is_bounded() -> None:
    with crowd(PODS) as made:
        made.process()
        gc.collect()
        tracemalloc.start()
        try:
            process, _ = made.process()
            gc.collect()
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert process.engine.look().settled
        assert kept / PODS <= MOST_BYTES_OF_A_POD
