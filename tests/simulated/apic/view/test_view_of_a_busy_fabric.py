from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from akb_sync.apic.view import FabricView
from akb_sync.clock import SystemClock
from akb_sync.model import Binding, Observed
from akb_sync.simulators.apic import ApicSimulator
from tests.simulated.apic.view.scene import NAMED, OURS, Scene


class People:
    """Several people at work on one L3Out."""

    def __init__(self, apic: ApicSimulator, seed: int) -> None:
        self.apic = apic
        self.chance = random.Random(seed)

    def work(self) -> None:
        deeds: list[Callable[[], object]] = [
            self.make_epg,
            self.make_subnet,
            self.make_subnet,
            self.change_subnet,
            self.take_subnet,
            self.take_epg,
            self.give_contract,
            self.take_contract,
            self.bind,
        ]
        self.chance.choice(deeds)()

    def epg(self) -> Binding:
        return Binding(NAMED.tenant, NAMED.name, self.chance.choice("abc"))

    def subnet(self) -> tuple[Binding, str]:
        return self.epg(), f"10.0.0.{self.chance.randrange(6)}/32"

    def post(self, cls: str, dn: str, **attributes: str) -> None:
        if self.apic.get(dn.rpartition("/")[0] if cls != "l3extSubnet" else dn.partition("/extsubnet")[0]):
            self.apic.post(dn, {cls: {"attributes": attributes}}, user="admin")

    def make_epg(self) -> None:
        self.post("l3extInstP", self.epg().dn, prefGrMemb=self.chance.choice(["include", "exclude"]))

    def make_subnet(self) -> None:
        epg, ip = self.subnet()
        self.post("l3extSubnet", epg.subnet_dn(ip), name=self.chance.choice("xyz"))

    def change_subnet(self) -> None:
        epg, ip = self.subnet()
        if self.apic.get(epg.subnet_dn(ip)):
            self.post("l3extSubnet", epg.subnet_dn(ip), scope=self.chance.choice(["import-security", ""]))

    def take_subnet(self) -> None:
        epg, ip = self.subnet()
        self.apic.delete(epg.subnet_dn(ip))

    def take_epg(self) -> None:
        self.apic.delete(self.epg().dn)

    def give_contract(self) -> None:
        self.post("fvRsProv", f"{self.epg().dn}/rsprov-{self.chance.choice('pq')}")

    def take_contract(self) -> None:
        self.apic.delete(f"{self.epg().dn}/rsprov-{self.chance.choice('pq')}")

    def bind(self) -> None:
        self.post("l3extRsEctx", f"{NAMED.dn}/rsectx", tnFvCtxName=self.chance.choice(["VRF_A", "NONE"]))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_followed_equals_what_is_read_whatever_people_do(
    apic: ApicSimulator, scene: Scene, seed: int
) -> None:
    apic.small_fabric("TEN_A")
    scene.view.follow([NAMED])
    people = People(apic, seed)
    queries = apic.counts["queries"]
    for _ in range(150):
        people.work()
    assert apic.counts["queries"] == queries, "events alone should do"

    fresh = FabricView(scene.session, OURS, SystemClock(), lambda: None)
    fresh.read([NAMED])
    wanted = fresh.observed().of(NAMED)

    def as_read(observed: Observed) -> bool:
        seen = observed.of(NAMED)
        return (seen.freshness, seen.vrf, seen.epgs) == (wanted.freshness, wanted.vrf, wanted.epgs)

    scene.until(as_read, follow=False)
