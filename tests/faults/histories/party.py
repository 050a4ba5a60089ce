"""One cluster with its engines: the steps that a random history makes, each watched from outside.

A step is a one-shot pass of a fresh process, or some turns of the processes that live on: the one that leads,
and its second replica where there is one. Whatever goes wrong on the way, what an engine may never do is
read off the fabric afterwards.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from akb_sync.engine import Engine, Pass
from akb_sync.errors import AkbSyncError
from akb_sync.settings import Settings
from akb_sync.simulators.kubernetes import KubernetesSimulator
from tests.faults.ledger import Crashed, Ledger, NoFault
from tests.faults.process import RESYNC, Made, Process, Surroundings
from tests.simulated.engine.stage import Stage

from .lines import APIC_URL, Lines
from .picture import REMARKS, Picture, doubles, wrongs
from .trouble import NO_TROUBLE, Trouble, troubled
from .wishes import NAMESPACE, Wishes, listed, wishes, workloads

Json = dict[str, Any]
LONG = 7200.0
"""Seconds after which no quarantine and no quarrel holds anything."""
ROUNDS = {"watch": (3, 2.0), "watch on": (5, 25.0), "rest": (3, 31.0)}
"""Ways in which a process that lives on turns: how often, and how many seconds apart (longer than a hold)."""


def none_of(found: Iterable[str]) -> None:
    """Fail with everything that was found."""
    told = list(found)
    assert not told, "\n".join(told)


@dataclass
class Chair:
    """The right to write, given and taken by hand."""

    leading: bool = False
    term: int = 0

    def take(self) -> None:
        self.leading, self.term = True, self.term + 1


@dataclass
class Replica:
    """A place for a process, and the process in it."""

    chair: Chair = field(default_factory=Chair)
    process: Process | None = None

    def end(self) -> None:
        if self.process is not None:
            self.process.vanish()
        self.process = None


@dataclass
class Party:
    """A cluster, its name on the fabric, and the processes that live on."""

    stage: Stage
    readable: dict[str, str]
    """By text of an annotation that can be read: the DN of the EPG that it names."""
    replicas: list[Replica] = field(default_factory=lambda: [Replica(Chair(leading=True)), Replica()])
    """The first one leads; whatever is in the second one only looks on."""
    ledger: Ledger = field(default_factory=Ledger)
    last_post: float = math.inf
    """Once the fabric has accepted so many writes, no more may begin."""
    misled_until: float = -math.inf
    """Until when (seconds of the clock) a process may not know what it was not told."""
    moved: dict[str, float] = field(default_factory=dict)
    """By DN of an L3Out that came into another VRF: until when (seconds of the clock) a process may not know.

    No event tells that to a cluster which has nothing in it.
    """
    written: int = 0
    """Objects that the engines of this party wrote."""
    _names: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))

    def __post_init__(self) -> None:
        settings = Settings(apic=APIC_URL, apic_username="admin", apic_password="secret", resync=RESYNC)
        self.lines = Lines(self.cluster, self.stage.apic)
        self._around = Surroundings(self.stage, self.ledger, settings, self.lines)
        self._uid8 = self.cluster.uid[:8]

    @property
    def cluster(self) -> KubernetesSimulator:
        return self.stage.cluster

    @property
    def uid8(self) -> str:
        return self._uid8

    @property
    def living(self) -> Process | None:
        return self.replicas[0].process

    def mark(self, dn: str) -> str:
        """The mark that makes an object this cluster's, as a person would type it."""
        return f"orchestrator:akb-sync:k8s.{self.uid8}:{hashlib.sha256(dn.encode()).hexdigest()[:8]}"

    def close(self) -> None:
        for replica in self.replicas:
            replica.end()

    def picture(self) -> Picture:
        return Picture({dn: one for dn, one in self.stage.dump().items() if one[0] not in REMARKS})

    def wishes(self) -> Wishes:
        return wishes(self.cluster, self.readable)

    # The cluster's side.

    def named(self, name: str) -> Json | None:
        return next((one for one in workloads(self.cluster) if one["metadata"]["name"] == name), None)

    def pods(self) -> list[Json]:
        return listed(self.cluster, "Pod")

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
            for one in listed(self.cluster, "ReplicaSet")
            if one["metadata"]["ownerReferences"][0]["uid"] == workload["metadata"]["uid"]
        ]

    # The engines.

    @contextmanager
    def fresh(self) -> Iterator[Engine]:
        """A process with an empty memory, that reads once and follows nothing."""
        made = Made(self._around, self._may_write)
        try:
            yield made.engine
        finally:
            made.vanish()

    def change_the_leader(self) -> None:
        """The other replica leads from now on; the one that led looks on, with all that it remembers."""
        self.replicas.reverse()
        self.replicas[0].chair.take()
        self.replicas[1].chair.leading = False

    def step(self, how: str, trouble: Trouble, *, approve: bool) -> None:
        """One step of an engine under a trouble; fails if it did what it may never do."""
        before, written, began = self.picture(), self.stage.posts, self.stage.clock.monotonic()
        with troubled(self, trouble):
            self._act(how, approve=approve, strict=trouble == NO_TROUBLE)
            self.ledger.dead = False
        touches = [write.touched for write in islice(self.stage.apic.journal, written, None)]
        self.written += sum(map(len, touches))
        after = self.picture() if touches else before
        misled = began < self.misled_until
        modified = {dn for touched in touches for kind, dn in touched if kind == "modified"}
        none_of(wrongs(before, after, self.uid8, modified, misled=misled))
        unknown = {l3out for l3out, until in self.moved.items() if began < until and how in ROUNDS}
        none_of(() if misled else doubles(before, after, touches, self.uid8, unknown))
        everything = [one for touched in touches for one in touched]
        none_of(trouble.unseen(everything))
        none_of(trouble.unread(self, everything) if how not in ROUNDS else ())

    def turn(self, rounds: int, seconds: float, *, approve: bool = False) -> None:
        """Let the processes that live on turn so often, so many seconds apart."""
        for _ in range(rounds):
            self._lead(approve=approve)
            self._look_on()
            self.stage.clock.advance(seconds)

    def _act(self, how: str, *, approve: bool, strict: bool) -> None:
        try:
            if how in ROUNDS:
                self.turn(*ROUNDS[how], approve=approve)
            else:
                self._pass(wait=how == "pass", approve=approve)
        except Crashed:
            if how in ROUNDS:
                self.replicas[0].end()
        except AkbSyncError:
            if strict:
                raise

    def _lead(self, *, approve: bool) -> None:
        process = self._process(self.replicas[0])
        if approve:
            process.engine.approve(process.engine.look())
        process.step()

    def _look_on(self) -> None:
        replica, posts = self.replicas[1], self.stage.posts
        if replica.process is not None:
            kept, self.ledger.fault = self.ledger.fault, NoFault()
            replica.process.step()
            self.ledger.fault = kept
        assert self.stage.posts == posts, "a replica that does not lead has written"

    def _process(self, replica: Replica) -> Process:
        if replica.process is None:
            replica.process = Process(self._around, licence=_Licence(self, replica.chair))
        return replica.process

    def _pass(self, *, wait: bool, approve: bool) -> None:
        with self.fresh() as engine:
            engine.read()
            plan = engine.look()
            if approve:
                engine.approve(plan)
                plan = engine.look()
            Pass(engine, wait=wait, sleep=self.stage.clock.advance).run(plan)

    def _may_write(self) -> bool:
        return self.stage.posts < self.last_post


@dataclass
class _Licence:
    """A chair that can be lost in the middle of a step."""

    party: Party
    chair: Chair

    @property
    def leading(self) -> bool:
        if self.party.stage.posts >= self.party.last_post:
            self.chair.leading = False
        return self.chair.leading

    @property
    def term(self) -> int:
        return self.chair.term
