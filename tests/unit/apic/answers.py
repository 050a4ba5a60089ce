"""Objects as the APIC answers and pushes them, and a session that has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from akb_sync.item import Action, Item
from akb_sync.mark import Identity
from akb_sync.model import Binding, L3Out, ObservedEpg, ObservedSubnet
from akb_sync.reasons import Reason

L3OUT = L3Out("t", "o")
EPG = Binding("t", "o", "app")
OURS = Identity("k8s", "0123abcd")
OTHERS = Identity("k8s", "ffffffff")


def mo(cls: str, dn: str, **attributes: str) -> dict[str, Any]:
    return {cls: {"attributes": {"dn": dn, "modTs": "2026-01-01", "uid": "15374", **attributes}}}


def epg(name: str = "app", l3out: L3Out = L3OUT, **attributes: str) -> dict[str, Any]:
    return mo("l3extInstP", f"{l3out.dn}/instP-{name}", name=name, **attributes)


def subnet(ip: str, into: str = "app", l3out: L3Out = L3OUT, **attributes: str) -> dict[str, Any]:
    defaults = {"scope": "import-security", "ip": ip}
    dn = f"{l3out.dn}/instP-{into}/extsubnet-[{ip}]"
    return mo("l3extSubnet", dn, **{**defaults, **attributes})


def out(l3out: L3Out = L3OUT, vrf: str = "uni/tn-t/ctx-v") -> list[dict[str, Any]]:
    relation = {"tDn": vrf, "state": "formed"} if vrf else {"tDn": "", "state": "unformed"}
    return [mo("l3extOut", l3out.dn, name=l3out.name), mo("l3extRsEctx", f"{l3out.dn}/rsectx", **relation)]


def event(status: str, item: dict[str, Any]) -> dict[str, Any]:
    [(cls, body)] = item.items()
    return {cls: {"attributes": {**body["attributes"], "status": status}}}


def gone(cls: str, dn: str) -> dict[str, Any]:
    return {cls: {"attributes": {"dn": dn, "status": "deleted", "childAction": "", "rn": ""}}}


def changed(cls: str, dn: str, **attributes: str) -> dict[str, Any]:
    return {cls: {"attributes": {"dn": dn, "status": "modified", "rn": "", **attributes}}}


def create_epg(binding: Binding = EPG) -> Item:
    return Item(Action.CREATE, binding, binding.dn, Reason.WANTED, mark=OURS.mark(binding.dn))


def delete_epg(binding: Binding = EPG, observed: ObservedEpg | None = None) -> Item:
    known = observed or ObservedEpg(binding, annotation=OURS.mark(binding.dn))
    return Item(Action.DELETE, binding, binding.dn, Reason.NOT_WANTED, observed=known)


def create(ip: str, binding: Binding = EPG) -> Item:
    dn = binding.subnet_dn(ip)
    scope = frozenset({"import-security"})
    return Item(
        Action.CREATE, binding, dn, Reason.WANTED, prefix=ip, name="ns::pod", scope=scope, mark=OURS.mark(dn)
    )


def known_subnet(ip: str, binding: Binding = EPG) -> ObservedSubnet:
    dn = binding.subnet_dn(ip)
    return ObservedSubnet(dn, ip, ip, "ns::pod", frozenset({"import-security"}), OURS.mark(dn))


def delete(ip: str, binding: Binding = EPG) -> Item:
    known = known_subnet(ip, binding)
    return Item(Action.DELETE, binding, known.dn, Reason.NOT_WANTED, prefix=ip, observed=known)


def move(ip: str, old: Binding, new: Binding) -> Item:
    dn = new.subnet_dn(ip)
    return Item(
        Action.MOVE,
        new,
        dn,
        Reason.MOVED,
        prefix=ip,
        name="ns::pod",
        scope=frozenset({"import-security"}),
        mark=OURS.mark(dn),
        leaves=known_subnet(ip, old),
    )


class HandClock:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass
class FakeSubscription:
    path: str
    on_event: Callable[[list[dict[str, Any]]], None]
    confirmed: float
    alive: bool = True
    is_ready: bool = False
    waiting: list[list[dict[str, Any]]] = field(default_factory=list)

    def ready(self) -> None:
        self.is_ready = True
        while self.waiting:
            self.on_event(self.waiting.pop(0))

    def push(self, *events: dict[str, Any]) -> None:
        self.waiting.append(list(events))
        if self.is_ready:
            self.ready()


class FakeSession:
    """Answers from `answers`, a table path -> objects, error, or a function of the parameters."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.subscriptions: list[FakeSubscription] = []
        self.on_lost: Callable[[], None] = lambda: None

    def get(self, path: str, params: Mapping[str, str] = {}) -> list[dict[str, Any]]:
        self.asked.append((path, params))
        answer = self.answers.get(path, [])
        if callable(answer):
            answer = answer(params)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    def subscribe(
        self, path: str, params: Mapping[str, str], on_event: Callable[[list[dict[str, Any]]], None]
    ) -> tuple[FakeSubscription, list[dict[str, Any]]]:
        answer = self.get(path, params)
        subscription = FakeSubscription(path, on_event, self.clock.time)
        self.subscriptions.append(subscription)
        return subscription, answer

    def unsubscribe(self, subscription: FakeSubscription) -> None:
        subscription.alive = False

    def confirmed_at(self, subscription: FakeSubscription) -> float:
        return subscription.confirmed

    def lose(self) -> None:
        for subscription in self.subscriptions:
            subscription.alive = False
        self.on_lost()

    def asked_for(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)
