"""What else happens while a story goes on.

A moment is a context manager around the story's act. It gives a function that the act calls at each point
where a change has begun and is not done: where it hurts most.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress

from tests.e2e.controlplane.polling import NotInTimeError, eventually
from tests.e2e.matrix.cell import Cell
from tests.e2e.matrix.fabric import ENGINE
from tests.e2e.matrix.people import People

FULL = os.environ.get("FULL") == "1"
FROZEN_SECONDS = 60.0 if FULL else 4.0
ETCD_AWAY_SECONDS = 10.0 if FULL else 4.0
APIC_AWAY_SECONDS = 10.0 if FULL else 3.0
FIRST_WRITE_SECONDS = 5.0

Strike = Callable[[], None]
Moment = Callable[[Cell], AbstractContextManager[Strike]]


def _nothing() -> None:
    """What most moments do in the middle of the act."""


def _last_until(deadline: float) -> None:
    """An outage has a length; nothing can be waited for while it lasts."""
    time.sleep(max(0.0, deadline - time.monotonic()))


@contextmanager
def quiet(_cell: Cell) -> Iterator[Strike]:
    """Nothing else happens."""
    yield _nothing


@contextmanager
def engine_down(cell: Cell) -> Iterator[Strike]:
    """The engine was killed (SIGKILL) before, and is started when all is over: it has seen nothing."""
    for site in cell.sites:
        site.engine.kill()
    yield _nothing
    for site in cell.sites:
        site.engine.start()


@contextmanager
def engine_killed_at_work(cell: Cell) -> Iterator[Strike]:
    """The engine is killed (SIGKILL) as soon as it has begun to write, and started again at once."""
    before = len(cell.fabric.writes(ENGINE, cell.roots))

    def strike() -> None:
        # A story that leaves the engine nothing to write at this point has it killed all the same.
        with suppress(NotInTimeError):
            eventually(
                "a first write",
                lambda: len(cell.fabric.writes(ENGINE, cell.roots)) > before,
                timeout=FIRST_WRITE_SECONDS,
                pause=0.005,
            )
        for site in cell.sites:
            site.engine.kill()
            site.engine.start()

    yield strike


@contextmanager
def engine_frozen(cell: Cell) -> Iterator[Strike]:
    """The engine is stopped in its tracks (SIGSTOP), a minute at least when everything is run."""
    for site in cell.sites:
        site.engine.pause()
    end = time.monotonic() + FROZEN_SECONDS
    try:
        yield _nothing
        _last_until(end)
    finally:
        for site in cell.sites:
            site.engine.resume()


@contextmanager
def apiserver_restart(cell: Cell) -> Iterator[Strike]:
    """The apiserver is killed in the middle of the change, and once more right after it."""

    def strike() -> None:
        for site in cell.sites:
            apiserver = site.cluster.process("kube-apiserver")
            apiserver.kill()
            apiserver.start()
        for site in cell.sites:
            site.cluster.wait_until_ready()

    yield strike
    strike()


@contextmanager
def etcd_outage(cell: Cell) -> Iterator[Strike]:
    """etcd dies in the middle of the change: nothing can be written or listed for a while."""

    def strike() -> None:
        for site in cell.sites:
            site.cluster.process("etcd").kill()
        _last_until(time.monotonic() + ETCD_AWAY_SECONDS)
        for site in cell.sites:
            site.cluster.process("etcd").start()
        for site in cell.sites:
            site.cluster.wait_until_ready()

    yield strike


@contextmanager
def apic_away(cell: Cell) -> Iterator[Strike]:
    """The APIC refuses connections while the cluster changes; websockets and subscriptions are lost."""
    cell.fabric.simulator.stop()
    end = time.monotonic() + APIC_AWAY_SECONDS
    try:
        yield _nothing
        _last_until(end)
    finally:
        cell.fabric.simulator.start()


@contextmanager
def people_at_work(cell: Cell) -> Iterator[Strike]:
    """The other side's people delete, edit and rename what is ours; an Ansible-like tool writes beside us."""
    people = People(cell)
    people.automate()

    def strike() -> None:
        people.meddle()

    yield strike
    people.tidy_up()


MOMENTS: Mapping[str, Moment] = {
    "quiet": quiet,
    "engine down": engine_down,
    "engine killed at work": engine_killed_at_work,
    "engine frozen": engine_frozen,
    "apiserver restart": apiserver_restart,
    "etcd outage": etcd_outage,
    "APIC away": apic_away,
    "people at work": people_at_work,
}
LAGGING = MOMENTS.keys() - {"quiet", "people at work"}
"""After these the engine has to catch up."""
