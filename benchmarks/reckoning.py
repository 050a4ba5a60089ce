"""What half a million Pods would ask of one fabric, reckoned from what was measured.

Each line has its formula as text and as a number, made of the same names, so that a reader can check it with
a pencil. Nothing here was measured at that size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .figures import Result, Series

PODS, CLUSTERS = 500_000, 100
LIVES_PER_DAY = 1.0
"""How often a day each Pod is replaced: a cluster that is rolled daily."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: what it is, the formula in words of the table of inputs, and the figure."""

    what: str
    formula: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Inputs by name, and the lines for a VRF for each cluster and for one VRF for all."""

    inputs: Mapping[str, tuple[float, str]]
    apart: tuple[Line, ...]
    together: tuple[Line, ...]


def reckon(result: Result) -> Reckoning | None:
    """Reckon; None when the result lacks a series that it needs."""
    pods, foreign, clusters = (result.series_of(key) for key in ("pods", "foreign", "clusters"))
    if not (pods and foreign and clusters and len(pods.points) > 1 and "idle.requests" in result.inputs):
        return None
    inputs = _inputs(result, pods, foreign)
    values = {name: value for name, (value, _) in inputs.items()}
    return Reckoning(inputs, tuple(_apart(values)), tuple(_together(values)))


def _inputs(result: Result, pods: Series, foreign: Series) -> dict[str, tuple[float, str]]:
    """Name to value and where it is from."""
    given = result.inputs
    memory, base = pods.line("peak")
    cpu, start = pods.line("cpu")
    theirs, _ = foreign.line("peak")
    theirs_cpu, _ = foreign.line("cpu")
    idle = given["idle.requests"] / given["idle.seconds"] / given["idle.engines"]
    return {
        "clusters": (CLUSTERS, "given"),
        "P": (PODS / CLUSTERS, "Pods of a cluster: given, 500,000 over 100"),
        "lives": (LIVES_PER_DAY, "how often a day each Pod is replaced: given"),
        "idle": (
            idle,
            f"requests/s of an idle engine: {given['idle.engines']:g} of them were watched",
        ),
        "refresh": (
            given["setting.subscription_refresh"],
            "seconds between refreshes of a subscription: default",
        ),
        "resync": (given["setting.resync"], "seconds between full reads: default"),
        "page": (given["setting.page_size"], "objects of one answer: default"),
        "queries": (result.of("cold.queries")[-1].median, "queries of a full read: cold start"),
        "mb0": (base, "MB of an engine without Pods: the line through memory over Pods"),
        "mb1": (memory * 1000, "MB for each 1,000 Pods: the same line"),
        "mbF": (
            theirs * 1000,
            "MB for each 1,000 subnets of others in the VRF: the line through memory over them",
        ),
        "cpu0": (start, "s of processor time of a start without Pods: the line through it over Pods"),
        "cpu1": (cpu * 1000, "s of processor time for each 1,000 Pods of a start: the same line"),
        "cpuF": (theirs_cpu * 1000, "s for each 1,000 subnets of others at a start: the line over them"),
    }


def _apart(v: Mapping[str, float]) -> list[Line]:
    """Each cluster in a VRF of its own: an engine reads and follows one L3Out."""
    changes = 2 * v["lives"] * v["P"] * v["clusters"] / DAY
    idle = v["clusters"] * v["idle"]
    reads = v["clusters"] * v["queries"] / v["resync"]
    posts = -(-v["P"] // 500)
    return [
        Line("subscriptions", "clusters", v["clusters"], ""),
        Line("websockets and sessions", "clusters", v["clusters"], ""),
        Line("requests while nothing happens", "clusters x idle", idle, "/s"),
        Line("requests of the full reads", "clusters x queries / resync", reads, "/s"),
        Line("POSTs at the most, each change alone", "2 x lives x P x clusters / 86,400", changes, "/s"),
        Line("requests in all", "the sum of these three", idle + reads + changes, "/s"),
        Line(
            "POSTs when all clusters start on an empty fabric",
            "clusters x P / 500",
            posts * v["clusters"],
            "",
        ),
        Line("memory of an engine", "mb0 + mb1 x P / 1,000", v["mb0"] + v["mb1"] * v["P"] / 1000, "MB"),
        Line(
            "processor time of a start", "cpu0 + cpu1 x P / 1,000", v["cpu0"] + v["cpu1"] * v["P"] / 1000, "s"
        ),
    ]


def _together(v: Mapping[str, float]) -> list[Line]:
    """All clusters in one VRF: each engine reads and follows the L3Outs of all, for conflicts of prefixes."""
    others = (v["clusters"] - 1) * v["P"]
    subscriptions = v["clusters"] ** 2
    pages = v["queries"] + v["clusters"] - 1 + v["clusters"] * (v["P"] // v["page"])
    memory = v["mb0"] + v["mb1"] * v["P"] / 1000 + v["mbF"] * others / 1000
    changes = 2 * v["lives"] * v["P"] * v["clusters"] / DAY
    start = v["cpu0"] + v["cpu1"] * v["P"] / 1000 + v["cpuF"] * others / 1000
    return [
        Line("subscriptions", "clusters^2", subscriptions, ""),
        Line("refreshes of subscriptions", "clusters^2 / refresh", subscriptions / v["refresh"], "/s"),
        Line(
            "requests of the full reads",
            "clusters x (queries + clusters - 1) / resync",
            v["clusters"] * pages / v["resync"],
            "/s",
        ),
        Line(
            "objects in these answers",
            "clusters x clusters x P / resync",
            v["clusters"] ** 2 * v["P"] / v["resync"],
            "/s",
        ),
        Line(
            "event frames that the APIC sends",
            "clusters x 2 x lives x P x clusters / 86,400",
            changes * v["clusters"],
            "/s",
        ),
        Line("memory of an engine", "mb0 + mb1 x P / 1,000 + mbF x (clusters - 1) x P / 1,000", memory, "MB"),
        Line(
            "processor time of a start",
            "cpu0 + cpu1 x P / 1,000 + cpuF x (clusters - 1) x P / 1,000",
            start,
            "s",
        ),
    ]
