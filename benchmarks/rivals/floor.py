"""The floor: read the lists that the engine needs, parse them, and send the fewest POSTs. Nothing else.

No checks, no events, no care of what is there: less work than this cannot bring the addresses of a cluster to
the fabric. It reads the same pages and the same representations as the engine, and the subtree of each L3Out.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from .json_parser import quickest
from .task import Task, run
from .wire import Wire, apic, cluster

KEY = "aci.haystacknetworks.com/l3o"
PAGE, BATCH = 500, 500
PARTIAL = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
LISTS = (
    ("/apis/apps/v1/deployments", "application/json"),
    ("/apis/apps/v1/statefulsets", "application/json"),
    ("/apis/apps/v1/daemonsets", "application/json"),
    ("/apis/apps/v1/replicasets", PARTIAL),
    ("/api/v1/services", "application/json"),
    ("/api/v1/pods", "application/json"),
)
CLASSES = "l3extOut,l3extRsEctx,l3extInstP,l3extSubnet,fvRsProv,fvRsCons,tagAnnotation"

Json = dict[str, Any]
Parse = Callable[[bytes], Any]


def pages(wire: Wire, path: str, accept: str, parse: Parse) -> Iterator[list[Json]]:
    """The items of a list, page by page."""
    token = ""
    while True:
        following = f"&continue={quote(token)}" if token else ""
        page = parse(wire.ask("GET", f"{path}?limit={PAGE}{following}", accept=accept))
        yield page["items"]
        token = page["metadata"].get("continue", "")
        if not token:
            return


class Wanted:
    """Which address belongs to which EPG, read off the lists in the order of `LISTS`."""

    def __init__(self) -> None:
        self.subnets: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._epg_of: dict[str, str] = {}
        self._epg_of_labels: dict[tuple[str, str], str] = {}

    def take(self, path: str, item: Json) -> None:
        """Look at one object."""
        meta = item["metadata"]
        kind = path.rpartition("/")[2]
        if kind == "pods":
            epg = self._epg_of.get(_owner(meta))
            addresses = [entry["ip"] for entry in item["status"].get("podIPs", ())]
        elif kind == "services":
            epg = self._epg_of_labels.get((meta["namespace"], str(item["spec"].get("selector"))))
            addresses = [entry["ip"] for entry in item["status"].get("loadBalancer", {}).get("ingress", ())]
        elif kind == "replicasets":
            self._epg_of[meta["uid"]] = self._epg_of.get(_owner(meta), "")
            return
        else:
            self._take_workload(item, meta)
            return
        if epg:
            self.subnets[epg] += ((address, f"{meta['namespace']}::{meta['name']}") for address in addresses)

    def _take_workload(self, item: Json, meta: Json) -> None:
        annotation = (meta.get("annotations") or {}).get(KEY)
        if annotation:
            said = json.loads(annotation)
            epg = f"uni/tn-{said['tenant']}/out-{said['l3out']}/instP-{said['epg']}"
            self._epg_of[meta["uid"]] = epg
            labels = item["spec"]["template"]["metadata"]["labels"]
            self._epg_of_labels[meta["namespace"], str(labels)] = epg


def _owner(meta: Json) -> str:
    return str((meta.get("ownerReferences") or [{}])[0].get("uid", ""))


def posts(subnets: Mapping[str, list[tuple[str, str]]]) -> Iterator[tuple[str, bytes]]:
    """The DN and body of each POST: to an L3Out, as many objects as one takes, parents included."""
    by_l3out: dict[str, list[tuple[str, Json]]] = defaultdict(list)
    for epg, listed in sorted(subnets.items()):
        l3out, _, name = epg.rpartition("/instP-")
        by_l3out[l3out] += [(name, _subnet(*one)) for one in listed]
    for l3out, found in by_l3out.items():
        epgs: dict[str, list[Json]] = {}
        objects = 1
        for name, subnet in found:
            if objects + 1 + (name not in epgs) > BATCH:
                yield l3out, _body(epgs)
                epgs, objects = {}, 1
            objects += 1 + (name not in epgs)
            epgs.setdefault(name, []).append(subnet)
        yield l3out, _body(epgs)


def _body(epgs: Mapping[str, list[Json]]) -> bytes:
    children = [
        {"l3extInstP": {"attributes": {"name": name}, "children": listed}} for name, listed in epgs.items()
    ]
    return json.dumps({"l3extOut": {"attributes": {}, "children": children}}).encode()


def _subnet(address: str, name: str) -> Json:
    mark = "orchestrator:akb-sync:bench.00000000:00000000"
    attributes = {"ip": f"{address}/32", "scope": "import-security", "name": name[:63], "annotation": mark}
    return {"l3extSubnet": {"attributes": attributes}}


def work(task: Task, parse: Parse | None = None) -> Json:
    """Bring it all, once; the lists are parsed with `parse`, or else with the quickest parser."""
    began = time.monotonic()
    parser, quick = quickest()
    parse = parse or quick
    kubernetes = cluster(task.kubernetes)
    wanted = Wanted()
    for path, accept in LISTS:
        for items in pages(kubernetes, path, accept, parse):
            for item in items:
                wanted.take(path, item)
    listed = time.monotonic()
    fabric = apic(task.apic)
    for l3out in task.l3outs:
        quick(fabric.ask("GET", f"/api/mo/{l3out}.json?query-target=subtree&target-subtree-class={CLASSES}"))
    read = time.monotonic()
    sent = 0
    for dn, body in posts(wanted.subnets):
        fabric.ask("POST", f"/api/mo/{dn}.json", body)
        sent += 1
    ended = time.monotonic()
    times = {"list": listed - began, "fabric": read - listed, "posts": ended - read}
    return {
        "parser": parser,
        "sent": sent,
        "addresses": sum(map(len, wanted.subnets.values())),
        "times": times,
    }


if __name__ == "__main__":
    run(work)
