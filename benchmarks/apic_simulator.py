"""How fast and how small the APIC simulator is, as ratios and counts that mean the same on every machine.

    python -m benchmarks.apic_simulator                  # the full size
    python -m benchmarks.apic_simulator --subnets 2000 --seconds 2

The unit of time is what Python's own `json` takes to parse and serialise the posted documents once, in
processor time: a machine that is slow or busy is so on both sides of the ratio. Bounds: 10,000 subnets in
POSTs of 500 within 40 units, 3 KiB of memory for each, and no event lost at 1,000 events a second to one
websocket with 200 subscriptions. With `--check` a broken bound is exit code 1.
"""

import argparse
import cProfile
import http.client
import json
import math
import pstats
import ssl
import sys
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import websocket

from akb_sync.simulators.apic import ApicSimulator, documents, tenant_document
from akb_sync.simulators.apic.accounts import USERS_DN, user_document
from akb_sync.simulators.apic.api import Api
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.exchange import Request
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.apic.sessions import Session, Sessions

L3OUT = "uni/tn-TEN_K8_C1/out-L3O_K8_C1"
POST_BOUND, MEMORY_BOUND = 40.0, 3072
WAIT_SECONDS = 30
BURST_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Size:
    """What is measured."""

    subnets: int = 10_000
    batch: int = 500
    page: int = 1_000
    subscriptions: int = 200
    rate: int = 1_000
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was measured, what came out, and the bound if there is one."""

    name: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the bound, if any, is kept."""
        return self.bound is None or self.value <= self.bound


@dataclass(slots=True)
class Report:
    """The rows, and where the time of the POSTs went."""

    rows: list[Row] = field(default_factory=list)
    profile: list[tuple[str, float]] = field(default_factory=list)

    def value(self, name: str) -> float:
        """The value of a row."""
        return next(row.value for row in self.rows if row.name == name)

    def write(self, out: TextIO) -> None:
        """Print the table."""
        for row in self.rows:
            bound = "" if row.bound is None else f"  (bound {row.bound:g}{'' if row.kept else ', BROKEN'})"
            out.write(f"{row.name:<58}{row.value:>12,.2f} {row.unit}{bound}\n")
        out.write("\nWhere the time of the POSTs goes (own time, share of all):\n")
        out.writelines(f"  {place:<56}{share:>12.1%}\n" for place, share in self.profile)


class NoSockets:
    """Nobody listens to an API that is called in-process."""

    def of_session(self, _session: Session) -> None:
        """No websocket."""


@dataclass(slots=True)
class InProcess:
    """A fabric, and the API before it, without a server."""

    fabric: Fabric = field(default_factory=lambda: Fabric(Clock()))
    journal: Journal = field(default_factory=Journal)
    api: Api = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.write(USERS_DN, user_document("admin", "secret"))
        sessions = Sessions(self.fabric.tree, self.fabric.clock)
        _session, self.token = sessions.open("admin")
        self.api = Api(self.fabric, sessions, Faults(), self.journal, NoSockets())
        self.write("uni", tenant_document())

    def write(self, dn: str, document: Any) -> None:
        """Write as the system does."""
        self.fabric.write(documents.operations(self.fabric.schema, dn, document))

    def ask(self, method: str, path: str, body: bytes = b"") -> str:
        """The answer to a request, as text; raises RuntimeError for a refusal."""
        reply = self.api.answer(Request(method, path, (("apic-cookie", self.token),), body))
        text = reply.text()
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {text}")
        return text


class Wire:
    """One kept connection to a simulator, logged in, with a websocket if asked for."""

    def __init__(self, apic: ApicSimulator) -> None:
        self._apic = apic
        self._tls = ssl.create_default_context(cafile=str(apic.ca_file))
        host, port = apic.url.rpartition("/")[2].split(":")
        self._http = http.client.HTTPSConnection(host, int(port), context=self._tls, timeout=WAIT_SECONDS)
        self._token = ""
        credentials = {"aaaUser": {"attributes": {"name": "admin", "pwd": "secret"}}}
        answer = json.loads(self.ask("POST", "/api/aaaLogin.json", json.dumps(credentials).encode()))
        self._token = answer["imdata"][0]["aaaLogin"]["attributes"]["token"]

    def ask(self, method: str, path: str, body: bytes = b"") -> str:
        """The answer to a request; raises RuntimeError for a refusal."""
        headers = {"Cookie": f"APIC-cookie={self._token}"} if self._token else {}
        self._http.request(method, path, body, headers)
        response = self._http.getresponse()
        text = response.read().decode()
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {text}")
        return text

    def websocket(self) -> websocket.WebSocket:
        """Open the session's websocket."""
        url = self._apic.url.replace("https", "wss", 1) + f"/socket{self._token}"
        return websocket.create_connection(
            url, sslopt={"ca_certs": str(self._apic.ca_file)}, timeout=WAIT_SECONDS
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def bodies(size: Size) -> list[bytes]:
    """The POSTs: subnets as a sync engine writes them, in batches."""
    subnets = [
        {
            "l3extSubnet": {
                "attributes": {
                    "ip": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}/32",
                    "scope": "import-security",
                    "name": f"shop::frontend-{number}",
                    "annotation": "orchestrator:akb-sync:k8s.0123abcd:4567cdef",
                }
            }
        }
        for number in range(size.subnets)
    ]
    return [
        json.dumps(
            {"l3extInstP": {"attributes": {"name": "web"}, "children": subnets[at : at + size.batch]}}
        ).encode()
        for at in range(0, size.subnets, size.batch)
    ]


def measure(size: Size) -> Report:
    """Measure everything."""
    report = Report()
    posts = bodies(size)
    unit = min(_timed(lambda: [json.dumps(json.loads(body)) for body in posts]) for _ in range(5))
    report.rows.append(Row("unit: json.loads + json.dumps of the POSTs", unit * 1000, "ms"))
    _measure_in_process(report, size, posts, unit)
    _measure_memory(report, size, posts)
    _measure_wire(report, size, posts, unit)
    _measure_events(report, size)
    return report


def _measure_in_process(report: Report, size: Size, posts: list[bytes], unit: float) -> None:
    place = InProcess()
    path = f"/api/mo/{L3OUT}.json"

    def write() -> None:
        for body in posts:
            place.ask("POST", path, body)

    def read() -> int:
        return sum(
            len(json.loads(place.ask("GET", _page(size, page)))["imdata"]) for page in range(_pages(size))
        )

    report.rows.append(Row("write in-process", _timed(write) / unit, "units", POST_BOUND))
    report.rows.append(Row("write the same again in-process", _timed(write) / unit, "units"))
    report.rows.append(Row("class query by pages in-process", _timed(read) / unit, "units"))
    report.rows.append(Row("subnets in the tree", len(place.fabric.tree.of_class("l3extSubnet")), "objects"))
    report.rows.append(Row("subnets read by pages", read(), "objects"))
    place = InProcess()
    report.profile.extend(_profile(write))


def _measure_memory(report: Report, size: Size, posts: list[bytes]) -> None:
    for name, keep in (
        ("memory of an object", False),
        ("memory of an object and its place in the journal", True),
    ):
        place = InProcess()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        for body in posts:
            place.ask("POST", f"/api/mo/{L3OUT}.json", body)
            if not keep:
                place.journal.clear()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        report.rows.append(Row(name, grown / size.subnets, "bytes", MEMORY_BOUND))


def _measure_wire(report: Report, size: Size, posts: list[bytes], unit: float) -> None:
    with _served() as (_apic, wire):

        def write() -> None:
            for body in posts:
                wire.ask("POST", f"/api/mo/{L3OUT}.json", body)

        def read() -> int:
            return sum(
                len(json.loads(wire.ask("GET", _page(size, page)))["imdata"]) for page in range(_pages(size))
            )

        # Client and server are one process: the processor time is that of both.
        report.rows.append(
            Row("write over HTTPS, client included", _timed(write) / unit, "units", POST_BOUND)
        )
        report.rows.append(
            Row("class query by pages over HTTPS, client included", _timed(read) / unit, "units")
        )
        report.rows.append(Row("subnets read over HTTPS", read(), "objects"))


def _measure_events(report: Report, size: Size) -> None:
    """Many subscriptions on one websocket, and many events for it."""
    with _served() as (apic, wire):
        epgs = [f"{L3OUT}/instP-epg-{number}" for number in range(size.subscriptions)]
        for epg in epgs:
            name = epg.rpartition("instP-")[2]
            subnet = {
                "l3extSubnet": {"attributes": {"ip": f"10.0.{int(name[4:]) >> 8}.{int(name[4:]) & 255}/32"}}
            }
            apic.post(L3OUT, {"l3extInstP": {"attributes": {"name": name}, "children": [subnet]}})
        reader = Reader(wire.websocket())
        for epg in epgs:
            query = (
                "query-target=subtree&target-subtree-class=l3extSubnet&subscription=yes&refresh-timeout=600"
            )
            answer = json.loads(wire.ask("GET", f"/api/mo/{quote(epg)}.json?{query}"))
            reader.expect(answer["subscriptionId"], answer["imdata"][0]["l3extSubnet"]["attributes"]["dn"])
        reader.start()
        sent, late = _send_events(apic, size, epgs)
        reader.finish(sent)
    report.rows += [
        Row("subscriptions on the websocket", size.subscriptions, "subscriptions"),
        Row("events sent", sent, "events"),
        Row("events sent in a second", sent / max(size.seconds, late), "events"),
        Row("events received", reader.received, "events"),
        Row("events lost", sent - reader.received, "events", 0),
        Row("events under the wrong subscription, or out of order", reader.wrong, "events", 0),
        Row("time from the write to the client, median", reader.delay(0.5) * 1000, "ms"),
        Row("time from the write to the client, p99", reader.delay(0.99) * 1000, "ms"),
    ]


class Reader(threading.Thread):
    """Reads event frames and holds them against what was sent: a number and the time, in `descr`."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        super().__init__(name="event reader", daemon=True)
        self.received = 0
        self.wrong = 0
        self._socket = socket
        self._subscriptions: dict[str, str] = {}
        self._last: Counter[str] = Counter()
        self._delays: list[float] = []
        self._all = threading.Event()
        self._awaited = math.inf

    def expect(self, subscription: str, dn: str) -> None:
        """Events of a dn belong to that subscription."""
        self._subscriptions[dn] = subscription

    def run(self) -> None:
        """Read until all have come, or nothing comes for long."""
        while self.received < self._awaited:
            try:
                frame = json.loads(self._socket.recv())
            except (websocket.WebSocketException, OSError):
                break
            now = time.monotonic()
            found = frame["imdata"][0]["l3extSubnet"]["attributes"]
            number, sent = found["descr"].split()
            right = frame["subscriptionId"] == [self._subscriptions[found["dn"]]]
            if not right or int(number) <= self._last[found["dn"]]:
                self.wrong += 1
            self._last[found["dn"]] = int(number)
            self._delays.append(now - float(sent))
            self.received += 1
        self._all.set()

    def finish(self, awaited: int) -> None:
        """Wait until that many events have come, or no more come."""
        self._awaited = awaited
        if self.received >= awaited:
            self._socket.abort()  # type: ignore[no-untyped-call]
        self._all.wait(WAIT_SECONDS * 2)
        self._socket.shutdown()  # type: ignore[no-untyped-call]

    def delay(self, share: float) -> float:
        """A quantile of the seconds from the write to the client."""
        ordered = sorted(self._delays)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else math.nan


def _send_events(apic: ApicSimulator, size: Size, epgs: list[str]) -> tuple[int, float]:
    """Change subnets at the rate, in small bursts; return how many, and how long it took."""
    sent = 0
    started = time.monotonic()
    bursts = round(size.seconds / BURST_SECONDS)
    for burst in range(1, bursts + 1):
        target = round(size.rate * size.seconds * burst / bursts)
        while sent < target:
            number = sent % len(epgs)
            descr = f"{sent + 1} {time.monotonic():.6f}"
            dn = f"{epgs[number]}/extsubnet-[10.0.{number >> 8}.{number & 255}/32]"
            apic.post(dn, {"l3extSubnet": {"attributes": {"descr": descr}}})
            sent += 1
        time.sleep(max(0.0, started + burst * BURST_SECONDS - time.monotonic()))
    return sent, time.monotonic() - started


@contextmanager
def _served() -> Iterator[tuple[ApicSimulator, Wire]]:
    with ApicSimulator() as apic:
        apic.small_fabric()
        wire = Wire(apic)
        try:
            yield apic, wire
        finally:
            wire.close()


def _pages(size: Size) -> int:
    return math.ceil(size.subnets / size.page)


def _page(size: Size, number: int) -> str:
    return f"/api/class/l3extSubnet.json?page={number}&page-size={size.page}&order-by=l3extSubnet.dn"


def _timed(work: Callable[[], object]) -> float:
    """Seconds of processor time, of all threads."""
    started = time.process_time()
    work()
    return time.process_time() - started


def _profile(work: Callable[[], object]) -> list[tuple[str, float]]:
    """Own time by module, the largest first."""
    profiler = cProfile.Profile()
    profiler.runcall(work)
    own: Counter[str] = Counter()
    for (file, _line, _function), entry in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        own["built-in functions" if file == "~" else "/".join(Path(file).parts[-2:])] += entry[2]
    total = sum(own.values())
    return [(place, seconds / total) for place, seconds in own.most_common(10)]


def main(arguments: list[str] | None = None, out: TextIO = sys.stdout) -> int:
    """Measure, print, and with `--check` judge."""
    assert __doc__ is not None  # noqa: S101 - the module's own first lines are the help
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    default = Size()
    parser.add_argument("--subnets", type=int, default=default.subnets, help="objects to write")
    parser.add_argument("--batch", type=int, default=default.batch, help="objects in a POST")
    parser.add_argument("--page", type=int, default=default.page, help="objects in a page of the query")
    parser.add_argument("--subscriptions", type=int, default=default.subscriptions, help="on one websocket")
    parser.add_argument("--rate", type=int, default=default.rate, help="events a second")
    parser.add_argument("--seconds", type=float, default=default.seconds, help="how long events are sent")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a bound is broken")
    given = vars(parser.parse_args(arguments))
    check = given.pop("check")
    report = measure(Size(**given))
    report.write(out)
    return int(check and not all(row.kept for row in report.rows))


if __name__ == "__main__":
    sys.exit(main())
