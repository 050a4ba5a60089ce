"""The cold start: how long until everything stands on the fabric, what it costs, and the floor beside it.

Engine and floor run one after the other in the same run and are compared in it, so that a machine that is
busy for a while is so for both. Both are timed from the start of their process to the moment at which the
APIC has carried out the last POST; the machine's monotonic clock is the same in all processes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import engine
from .estate import Estate
from .figures import Row
from .process import ProgramFailedError, rival
from .rivals.task import Task
from .sides import Cluster, Sides

STARTUP_POSTS = 10
"""Requests beside those of L3Outs and POSTs that section 9 allows."""
PER_L3OUT = 3
WALL_RATIO = 1.5
RSS = {10_000: 150.0, 50_000: 400.0}


@dataclass(frozen=True, slots=True)
class Start:
    """One start of `akb-sync watch` on an empty fabric.

    Times in seconds, memory in MB.
    """

    wall: float
    first_post: float
    cpu: float
    cpu_quiet: float
    peak: float
    settled: float
    apic: Counter[str]
    kubernetes: Counter[str]
    posts: int
    subscriptions: int
    floor: dict[str, Any]


def task(sides: Sides[Cluster], *, addresses: int = 0, epgs: int | None = None) -> Task:
    """What a rival is given."""
    estate = sides.estate
    l3outs = tuple(sorted({"uni/tn-{}/out-{}".format(*estate.binding(epg)) for epg in range(estate.epgs)}))
    access, apic = sides.cluster.access(), sides.apic.access()
    return Task(dict(access), dict(apic), l3outs, estate.epgs if epgs is None else epgs, addresses)


def floor(sides: Sides[Cluster], program: str = "floor") -> dict[str, Any]:
    """Run the floor on an empty fabric, which is empty again afterwards; `wall` is to the last commit."""
    sides.reset(fabric=True)
    began = time.monotonic()
    found = rival(program, task(sides).text())
    posts = sides.apic.posts()
    if sides.apic.written() != sides.estate.addresses:
        raise ProgramFailedError(
            f"the floor brought {sides.apic.written()} of {sides.estate.addresses} addresses"
        )
    sides.reset(fabric=True)
    return {**found, "wall": posts[-1].committed - began}


def start(sides: Sides[Cluster]) -> Start:
    """Run the floor and then the engine, each on an empty fabric."""
    below = floor(sides)
    with engine.watch(sides) as program:
        engine.until("everything written", lambda: sides.apic.written() >= sides.estate.addresses, program)
        cpu = program.cpu()
        posts = sides.apic.posts()
        engine.until_quiet(program)
        return Start(
            wall=posts[-1].committed - program.began,
            first_post=posts[0].arrived - program.began,
            cpu=cpu,
            cpu_quiet=program.cpu(),
            peak=program.peak(),
            settled=program.rss(),
            apic=sides.apic.requests(),
            kubernetes=sides.cluster.requests(),
            posts=len(sides.apic.posts()),
            subscriptions=sides.apic.subscriptions(),
            floor=below,
        )


def follows(sides: Sides[Cluster]) -> bool:
    """Whether an engine watches every kind and has subscribed to every L3Out."""
    return sides.cluster.watched() and sides.apic.subscriptions() >= sides.estate.l3outs


def allowed_requests(estate: Estate) -> int:
    """How many APIC requests section 9 allows for a cold start."""
    return estate.fewest_posts + PER_L3OUT * estate.l3outs + STARTUP_POSTS


def rows(estate: Estate, latency: int, starts: list[Start]) -> list[Row]:
    """The figures of some starts."""

    def row(key: str, name: str, figure: Callable[[Start], float], unit: str = "", **more: Any) -> Row:
        return Row(f"cold.{key}", name, estate.pods, latency, tuple(map(figure, starts)), unit, **more)

    parser = starts[0].floor["parser"]
    judged = {"bound": WALL_RATIO} if estate.pods == 10_000 else {}
    memory = {"bound": RSS[estate.pods]} if estate.pods in RSS else {}
    return [
        row(
            "ratio",
            "cold start, empty fabric: wall / floor",
            lambda one: one.wall / one.floor["wall"],
            "x",
            note=f"the floor parses with {parser}",
            **judged,
        ),
        row("wall", "cold start: wall until the last commit", lambda one: one.wall, "s"),
        row("floor", "the floor: wall until the last commit", lambda one: one.floor["wall"], "s"),
        row("first", "cold start: wall until the first POST", lambda one: one.first_post, "s"),
        row("cpu_ratio", "cold start: processor time / floor's", lambda one: one.cpu / one.floor["cpu"], "x"),
        row("cpu", "cold start: processor time until written", lambda one: one.cpu, "s"),
        row("cpu_quiet", "cold start: processor time until quiet", lambda one: one.cpu_quiet, "s"),
        row("requests", "cold start: APIC requests", _requests, bound=allowed_requests(estate)),
        row("queries", "cold start: APIC queries, subscriptions included", lambda one: one.apic["queries"]),
        row("posts", f"cold start: POSTs (fewest: {estate.fewest_posts})", lambda one: one.posts),
        row("subscriptions", "cold start: subscriptions", lambda one: one.subscriptions, bound=estate.l3outs),
        row("lists", "cold start: pages of lists read from Kubernetes", lambda one: _verb(one, "list")),
        row("events", "cold start: requests about Kubernetes Events", lambda one: _verb(one, "events")),
        row("peak", "memory: resident, most", lambda one: one.peak, "MB", **memory),
        row("settled", "memory: resident, settled", lambda one: one.settled, "MB"),
    ]


def again(sides: Sides[Cluster]) -> Row:
    """Start an engine on a fabric that is right already; nothing may be written."""
    sides.reset()
    with engine.watch(sides) as program:
        engine.until("both sides followed", lambda: follows(sides), program)
        engine.until_quiet(program)
        writes = len(sides.apic.posts())
    return Row(
        "again.writes", "the same, fabric already right: writes", sides.estate.pods, 0, (writes,), bound=0
    )


def sync_again(sides: Sides[Cluster]) -> list[Row]:
    """The same with `akb-sync sync`, which ends: wall and writes."""
    sides.reset()
    with engine.sync(sides) as program:
        code = program.wait(engine.LONGEST)
        wall = time.monotonic() - program.began
    if code:
        raise ProgramFailedError(f"sync on a fabric that is right ended with {code}: {program.said()[-500:]}")
    pods, writes = sides.estate.pods, len(sides.apic.posts())
    return [
        Row("sync.writes", "`sync` on a fabric that is right: writes", pods, 0, (writes,), bound=0),
        Row("sync.wall", "`sync` on a fabric that is right: wall", pods, 0, (wall,), "s"),
        Row("sync.peak", "`sync` on a fabric that is right: memory", pods, 0, (program.peak(),), "MB"),
    ]


def _requests(one: Start) -> float:
    """Every request over HTTP; the websocket is one, a subscription is a query."""
    kinds = (
        "logins",
        "refreshes",
        "webtokens",
        "queries",
        "posts",
        "deletes",
        "sockets",
        "subscription_refreshes",
    )
    return sum(one.apic[kind] for kind in kinds)


def _verb(one: Start, word: str) -> float:
    return sum(count for request, count in one.kubernetes.items() if word in request.split())
