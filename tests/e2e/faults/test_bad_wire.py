"""The fault proxy before the real apiserver and before the APIC, while application teams work."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
import yaml

from tests.e2e.controlplane.identities import write_kubeconfig
from tests.e2e.faults.churn import Churn
from tests.e2e.faults.gateway import Gateway, Mood
from tests.e2e.faults.ground import Ground, judge_untold, until_settled
from tests.e2e.faults.length import WIRE_SECONDS, seed
from tests.e2e.matrix.fabric import ENGINE
from tests.faults.proxy import FaultProxy, Weather

PAUSE = 0.25
LIKELY = 0.3
"""Chance that the weather changes, at each step."""


class Wires:
    """A proxy before each side; the one of the apiserver perhaps with a gateway behind it."""

    def __init__(self, ground: Ground, number: int, *, answers: bool) -> None:
        self._ground, self._number, self._answers = ground, number, answers
        self._rng = random.Random(f"{number}/weather")
        self._stack = ExitStack()
        self.gateway: Gateway | None = None

    def __enter__(self) -> Self:
        cluster, folder = self._ground.cluster, self._ground.folder
        url, ca_file = cluster.url, cluster.ca_file
        if self._answers:
            gateway = Gateway(url, ca_file, folder / "gateway", random.Random(self._number))
            self.gateway = self._stack.enter_context(gateway)
            url, ca_file = gateway.url, gateway.ca_file
        self._kubernetes = self._stack.enter_context(FaultProxy(url))
        self._apic = self._stack.enter_context(FaultProxy(self._ground.fabric.simulator.url))
        kubeconfig = self._kubeconfig(folder / "kubeconfig", ca_file)
        environment = {"AKB_SYNC_KUBECONFIG": str(kubeconfig), "ACI_APIC": self._apic.url}
        self._ground.equip(environment=environment)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _kubeconfig(self, path: Path, ca_file: Path) -> Path:
        token = yaml.safe_load(self._ground.cluster.kubeconfig.read_text())["users"][0]["user"]["token"]
        return write_kubeconfig(path, url=self._kubernetes.url, ca_file=ca_file, token=token, name="engine")

    def step(self) -> None:
        """Perhaps other weather."""
        if self._rng.random() < LIKELY:
            self.change()

    def change(self) -> None:
        """Other weather on one of the two, and now and then a cut of all that is open."""
        rng = self._rng
        proxy = rng.choice((self._kubernetes, self._apic))
        proxy.weather = rng.choice(
            (
                Weather(),
                Weather(delay=rng.uniform(0.0, 0.3)),
                Weather(rate=rng.randint(20_000, 200_000)),
                Weather(hang=True),
                Weather(refuse=True),
                Weather(lose_answers=rng.randint(1, 3)),
            )
        )
        if rng.random() < 0.5:
            proxy.cut()
        if self.gateway is not None:
            self.gateway.mood = Mood(rng.uniform(0.0, 0.5), rng.uniform(0.0, 0.5), rng.uniform(0.0, 0.5))

    def clear(self) -> None:
        """Fair weather from now on."""
        for proxy in (self._kubernetes, self._apic):
            proxy.weather = Weather()
        if self.gateway is not None:
            self.gateway.mood = Mood()

    @property
    def lost(self) -> int:
        """How many answers were lost."""
        return self._kubernetes.lost + self._apic.lost


@pytest.fixture(params=[False, True], ids=["on the wire", "and in the answers"])
def wires(request: pytest.FixtureRequest, ground: Ground, number: int) -> Iterator[Wires]:
    with Wires(ground, number, answers=request.param) as found:
        yield found
        ground.stop()  # before what it talks through is gone


@pytest.fixture
def number(figures: list[str]) -> int:
    """The seed."""
    chosen = seed()
    figures.append(f"bad wire: AKB_SYNC_SEED={chosen}")
    return chosen


@pytest.mark.timeout(WIRE_SECONDS + 600)
def test_whatever_the_wire_does_the_fabric_is_exact_when_it_is_well_again(
    ground: Ground, wires: Wires, number: int, figures: list[str]
) -> None:
    with ground.cell("bad wire") as (cell, views):
        churn = Churn(cell, number)
        churn.begin()
        views.until_begun()
        before, end = ground.fabric.dump(), time.monotonic() + WIRE_SECONDS
        wires.change()
        while time.monotonic() < end:
            wires.step()
            churn.step()
            time.sleep(PAUSE)  # the pace of the churn
        wires.clear()
        churn.tidy_up()
        until_settled(cell)
        seconds = views.until_exact()
        judge_untold(cell, before)
        writes = len(ground.fabric.writes(ENGINE, cell.roots))
        answers = f", the gateway's answers {wires.gateway.counts}" if wires.gateway else ""
        figures.append(
            f"  {WIRE_SECONDS:.0f} s, {churn.done} changes by people, {wires.lost} answers lost{answers}; "
            f"{writes} writes; exact {seconds:.1f} s after the end"
        )
