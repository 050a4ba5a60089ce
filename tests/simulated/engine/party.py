"""One cluster with its engines: the steps that a random history makes, each watched from outside.

A step is a one-shot pass of a fresh process, or a turn of a process that lives on and remembers. Whatever
goes wrong on the way, what an engine may never do is read off the fabric afterwards.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from akb_sync.engine import Engine, Pass
from akb_sync.errors import ApicError, KubernetesError
from akb_sync.simulators.apic import Canned
from akb_sync.simulators.kubernetes import KubernetesSimulator

from .fabric_picture import Picture, doubles, wrongs
from .stage import Stage
from .wishes import NAMESPACE, WORKLOADS, Wishes, wishes, workloads

Json = dict[str, Any]
Fault = tuple[str, str]
"""What goes wrong during one step, and for what."""
NO_FAULT: Fault = ("", "")
MOST_TURNS = 12
"""Turns of a process within which it has come to rest."""
LONG = 7200.0
"""Seconds after which no quarantine and no quarrel holds anything."""


def none_of(found: Iterable[str]) -> None:
    """Fail with everything that was found."""
    told = list(found)
    assert not told, "\n".join(told)


class Crash(Exception):
    """The process ends here, like by a power failure."""


@dataclass
class Party:
    """A cluster, its name on the fabric, and the process that lives on."""

    stage: Stage
    readable: dict[str, str]
    """By text of an annotation that can be read: the DN of the EPG that it names."""
    living: Engine | None = None
    _last_post: float = math.inf
    """The process that tries to write more than so many times ends there."""
    _names: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))
    _exit: ExitStack = field(default_factory=ExitStack)

    @property
    def cluster(self) -> KubernetesSimulator:
        return self.stage.cluster

    @property
    def uid8(self) -> str:
        return self.cluster.uid[:8]

    def mark(self, dn: str) -> str:
        """The mark that makes an object this cluster's, as a person would type it."""
        return f"orchestrator:akb-sync:k8s.{self.uid8}:{hashlib.sha256(dn.encode()).hexdigest()[:8]}"

    def close(self) -> None:
        self._exit.close()
        self.living = None

    def picture(self) -> Picture:
        return Picture(self.stage.dump())

    def wishes(self) -> Wishes:
        return wishes(self.cluster, self.readable)

    # The cluster's side.

    def named(self, name: str) -> Json | None:
        return next((one for one in workloads(self.cluster) if one["metadata"]["name"] == name), None)

    def pods(self) -> list[Json]:
        return self.cluster.list("Pod", NAMESPACE)

    def new_pod(self, owner: Json, addresses: list[str]) -> None:
        self.stage.pod(owner, *addresses, name=f"{owner['metadata']['name']}-{next(self._names)}")

    def end(self, pod: Json, grace: int = 0) -> None:
        self.cluster.delete("Pod", NAMESPACE, pod["metadata"]["name"], grace=grace)

    def own_pods(self, workload: Json) -> list[Json]:
        owners = {workload["metadata"]["uid"], *(one["metadata"]["uid"] for one in self._sets(workload))}
        return [one for one in self.pods() if one["metadata"]["ownerReferences"][0]["uid"] in owners]

    def undeploy(self, workload: Json) -> None:
        for replicaset in self._sets(workload):
            self.cluster.delete("ReplicaSet", NAMESPACE, replicaset["metadata"]["name"], grace=0)
        self.stage.remove(workload)

    def report_replicas(self) -> None:
        """What the controllers keep in the status: how many Pods there are."""
        for one in workloads(self.cluster):
            count = len(self.own_pods(one))
            status = {"replicas": count} if one["kind"] != "DaemonSet" else {"currentNumberScheduled": count}
            name = one["metadata"]["name"]
            self.cluster.patch(one["kind"], NAMESPACE, name, {"status": status}, subresource="status")

    def _sets(self, workload: Json) -> list[Json]:
        return [
            one
            for one in self.cluster.list("ReplicaSet", NAMESPACE)
            if one["metadata"]["ownerReferences"][0]["uid"] == workload["metadata"]["uid"]
        ]

    # The engines.

    def connect(self) -> Engine:
        """A process with an empty memory; it never waits for real."""
        pause = self.stage.clock.advance
        engine = Engine.connect(
            self.stage.settings(), clock=self.stage.clock, may_write=self._may_write, sleep=pause
        )
        engine._session._courier.pause = pause
        return engine

    def _may_write(self) -> bool:
        if self.stage.posts >= self._last_post:
            raise Crash
        return True

    def alive(self) -> Engine:
        """The process that lives on; a new one with an empty memory if none does."""
        if self.living is None:
            self.living = self._exit.enter_context(self.connect())
        return self.living

    def step(self, how: str, fault: Fault, *, approve: bool) -> None:
        """One step of an engine under a fault; fails if it did what it may never do."""
        before, written = self.picture(), self.stage.posts
        with self._fault(fault):
            self._act(how, fault, approve=approve)
        after = self.picture()
        touches = [write.touched for write in islice(self.stage.apic.journal, written, None)]
        none_of(wrongs(before, after, self.uid8))
        none_of(doubles(before, after, touches))
        self._check_unseen(fault, [one for touched in touches for one in touched])

    def _act(self, how: str, fault: Fault, *, approve: bool) -> None:
        try:
            if how == "turn":
                self.turn(self.alive(), approve=approve)
            else:
                self._pass(wait=how == "pass", approve=approve)
        except Crash:
            if how == "turn":
                self.close()
        except (ApicError, KubernetesError):
            if fault == NO_FAULT:
                raise

    def _pass(self, *, wait: bool, approve: bool) -> None:
        with self.connect() as engine:
            engine.read()
            plan = engine.look()
            if approve:
                engine.approve(plan)
                plan = engine.look()
            Pass(engine, wait=wait, sleep=self.stage.clock.advance).run(plan)

    def turn(self, engine: Engine, *, approve: bool) -> None:
        engine.read()
        plan = engine.look()
        if approve:
            engine.approve(plan)
            plan = engine.look()
        engine.write(plan)

    @contextmanager
    def _fault(self, fault: Fault) -> Iterator[None]:
        kind, what = fault
        apic, cluster = self.stage.apic.faults, self.cluster.faults
        if kind == "crash":
            self._last_post = self.stage.posts + int(what)
        elif kind == "busy":
            apic.answer_next(Canned.BUSY, int(what), "POST", "/mo/uni/tn-")
        elif kind == "rejected":
            apic.reject(what, "120", "Invalid Configuration: not here")
        elif kind == "lost":
            apic.lose_answers(int(what))
        elif kind == "unreadable":
            apic.answer_next(Canned.BUSY, 1000, "GET", what)
        elif kind == "unlisted":
            cluster.error(500, what, "list")
        elif kind == "empty":
            cluster.empty_list(what)
        try:
            yield
        finally:
            apic.clear()
            cluster.clear()
            self._last_post = math.inf

    def _check_unseen(self, fault: Fault, touched: list[tuple[str, str]]) -> None:
        """Nothing goes because it could not be seen."""
        kind, what = fault
        gone = [dn for change, dn in touched if change == "deleted"]
        if kind == "unlisted":
            none_of(gone)
        elif kind == "unreadable":
            none_of(dn for _, dn in touched if what in dn)
        elif kind == "empty" and self._contradicted(what):
            made = {dn.partition("/extsubnet-")[2] for change, dn in touched if change == "created"}
            none_of(dn for dn in gone if dn.partition("/extsubnet-")[2] not in made)

    def _contradicted(self, resource: str) -> bool:
        """Whether another kind says that an empty list of this one cannot be."""
        owners = {one["metadata"]["ownerReferences"][0]["kind"] for one in self.pods()}
        told = {
            "services": True,
            "pods": any(self.own_pods(one) for one in workloads(self.cluster)),
            "replicasets": "ReplicaSet" in owners,
            "deployments": bool(self.cluster.list("ReplicaSet", NAMESPACE)),
        }
        told |= {f"{kind.lower()}s": kind in owners for kind in WORKLOADS[1:]}
        return told[resource]
