"""One story, told to a real engine between both simulators, under one fault, to its end.

Every run has fresh simulators and a clock turned by hand, and is driven by one thread. So a run is a function
of the story and the fault, and two runs can be compared.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from akb_sync.errors import AkbSyncError
from akb_sync.simulators.apic import ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator
from akb_sync.simulators.kubernetes.options import Options
from tests.simulated.engine.stage import HandClock, Stage
from tests.simulated.watch.neighbours import others, settle_in

from .histories.picture import IMPLIED, REMARKS
from .ledger import Crashed, Fault, Ledger, NoFault, Point
from .process import RESYNC, Process, Surroundings
from .scene import Scene
from .stories import Story
from .taps import frames_counted

QUIET = RESYNC + 15.0
"""Seconds without a write after which all has come to rest: long enough for a resync and for all holds."""
MOST_STEPS = 600
LONGEST_REST = 5.0

Dump = dict[str, tuple[str, dict[str, str]]]
Counts = Counter[tuple[str, str]]
"""How often each object (dn) was created, modified and deleted by the engine: by kind of change and dn."""


@dataclass
class Record:
    """What a run left."""

    states: list[Dump] = field(default_factory=list)
    """The policy tree at the end of each step."""
    counts: list[Counts] = field(default_factory=list)
    """What the engine wrote in each step."""
    points: list[Point] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    """DNs of objects that were not ours and were written to all the same."""
    crashes: int = 0

    @property
    def written(self) -> int:
        return sum(sum(one.values()) for one in self.counts)


class Laboratory:
    """Simulators, a process, and the fault that they meet."""

    def __init__(self, stage: Stage, fault: Fault, sent: Counter[str], **settings: object) -> None:
        """`settings` are other ones than the stage's own."""
        self.stage, self.scene = stage, Scene(stage)
        self._settings = settings
        self.ledger = Ledger(fault)
        self.record = Record(points=self.ledger.points)
        self._sent = sent
        self._process: Process | None = None
        self._written = 0

    def tell(self, story: Story) -> Record:
        """Tell a story; the engine comes to rest after each step."""
        self.begin()
        for step in story:
            self.act(step)
        return self.record

    def begin(self) -> None:
        """What the cluster has besides the story: without it a story's last object would be all there is.

        An L3Out whose whole wanted set vanishes by inference, as it does for a process that begins just then,
        waits for a person (design 6.5).
        """
        self.scene.deploy("resident", "EPG_RESIDENT")
        self.scene.pod("resident", "resident-1", "10.244.9.1")

    def act(self, step: Callable[[Scene], object]) -> None:
        """One step of a story, and everything that the engine makes of it."""
        step(self.scene)
        before = others(self.stage)
        self.settle()
        self.record.states.append(self.state())
        self.record.foreign += self.foreign_since(self._written, before)
        self.record.counts.append(Counter(self._touched(self._written)))
        self._written = self.stage.posts

    def state(self) -> Dump:
        """The policy tree, without the APIC's own remarks."""
        return {dn: found for dn, found in self.stage.dump().items() if found[0] not in REMARKS}

    def foreign_since(self, posts: int, before: Dump) -> list[str]:
        """What the engine did, since so many posts, to objects that were not ours then."""
        ours = f".{self.stage.cluster.uid[:8]}:"
        foreign = {
            dn
            for dn, (cls, attributes) in before.items()
            if cls != IMPLIED and ours not in attributes.get("annotation", "")
        }
        return [f"{kind} {dn}" for kind, dn in self._touched(posts) if dn in foreign]

    def settle(self, quiet: float = QUIET) -> None:
        """Let the engine go on, through crashes, until it wrote nothing for a while."""
        still_since, posts = self.stage.clock.monotonic(), self.stage.posts
        for _ in range(MOST_STEPS):
            if self.stage.clock.monotonic() - still_since >= quiet:
                return
            rest, taken = self._step()
            if self.stage.posts != posts or taken:
                still_since, posts = self.stage.clock.monotonic(), self.stage.posts
            self.stage.clock.advance(min(rest, LONGEST_REST))
        raise AssertionError("the engine does not come to rest")

    def turn(self, seconds: float, rounds: int = 1) -> None:
        """Let the engine turn so often, so many seconds apart, without waiting for it to come to rest."""
        for _ in range(rounds):
            self._step()
            self.stage.clock.advance(seconds)

    @property
    def generation(self) -> int:
        """Grows whenever the process loses its subscriptions."""
        assert self._process is not None
        return self._process.generation

    @property
    def held(self) -> dict[str, str]:
        """Why what is held is held, by prefix or by EPG name."""
        assert self._process is not None
        plan = self._process.engine.look()
        return {one.prefix or one.binding.epg: str(one.hold.reason) for one in plan.held if one.hold}

    @property
    def notices(self) -> set[str]:
        """The reasons of what people are told."""
        assert self._process is not None
        return {str(one.reason) for one in self._process.engine.look().notices}

    @property
    def last(self) -> Counts:
        """What the engine wrote in the last step."""
        return self.record.counts[-1]

    def crash(self) -> None:
        """End the process; the next step begins with a fresh one."""
        if self._process is not None:
            self._process.vanish()
        self._process, self.ledger.dead = None, False

    def _step(self) -> tuple[float, bool]:
        try:
            if self._process is None:
                self._process = Process(self._around(), self._sent)
            return self._process.step()
        except Crashed:
            self.record.crashes += 1
            self.crash()
            return 0.0, True
        except AkbSyncError:
            if self._process is not None:
                raise
            return 1.0, True  # it could not connect, and tries again

    def _around(self) -> Surroundings:
        return Surroundings(self.stage, self.ledger, self.stage.settings(resync=RESYNC, **self._settings))

    def _touched(self, posts: int) -> list[tuple[str, str]]:
        return [one for write in islice(self.stage.apic.journal, posts, None) for one in write.touched]


@contextmanager
def laboratory(fault: Fault | None = None, *, controllers: int = 1) -> Iterator[Laboratory]:
    """Fresh simulators with neighbours on the fabric, and an engine that has not begun."""
    with (
        tempfile.TemporaryDirectory(prefix="akb-sync-faults-") as folder,
        ApicSimulator(users={"admin": "secret"}, output_dir=Path(folder), controllers=controllers) as apic,
        KubernetesSimulator(controllers=False, options=Options(seed=1)) as cluster,
        frames_counted() as sent,
    ):
        clock = HandClock()
        cluster.api._writer._clock = clock.now  # ages decide who gets an address
        apic.small_fabric()
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
        stage = Stage(cluster, apic, Path(folder), clock)
        settle_in(stage)
        lab = Laboratory(stage, fault or NoFault(), sent, apic=",".join(apic.urls))
        try:
            yield lab
        finally:
            lab.crash()


def told(story: Story, fault: Fault | None = None) -> Record:
    """Tell a story under a fault."""
    with laboratory(fault) as lab:
        return lab.tell(story)
