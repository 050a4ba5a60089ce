"""Annotations that name an EPG only: what they mean once the cluster's L3Out is known, and before."""

from __future__ import annotations

import json
from typing import Any

from akb_sync.kube.desire import desire
from akb_sync.kube.home import Home
from akb_sync.kube.limits import Limits
from akb_sync.kube.nodes import node_addresses
from akb_sync.model import Desired, L3Out
from akb_sync.reasons import Reason
from tests.unit.kube.builders import Json, ask, pod, workload, world

HOME = Home(L3Out("TEN", "OUT"))
EPG_ONLY = json.dumps({"epg": "EPG_WEB"})


def want(*items: Json, home: Home) -> Desired:
    return desire(world(*items), Limits(), 1000.0, home)


def test_an_epg_alone_means_the_one_of_the_clusters_l3out() -> None:
    web = workload(kind="StatefulSet", annotation=EPG_ONLY)
    (exposure,) = want(web, pod("a", web, "10.0.0.1"), home=HOME).exposures
    assert str(exposure.binding) == "TEN/OUT/EPG_WEB"


def test_a_whole_annotation_is_not_completed() -> None:
    (found,) = want(workload(annotation=ask("EPG_A")), home=Home(L3Out("OTHER", "ELSE"))).workloads
    assert str(found.binding) == "TEN/OUT/EPG_A"


def test_before_the_l3out_is_known_the_addresses_stay_as_they_are_and_no_epg_may_go() -> None:
    web = workload(kind="StatefulSet", annotation=EPG_ONLY)
    desired = want(web, pod("a", web, "10.0.0.1"), home=Home(why="two L3Outs carry its nodes"))
    assert (desired.workloads, desired.exposures) == ((), ())
    assert set(desired.protected) == {"10.0.0.1/32"}
    (notice,) = desired.undecided
    assert notice.reason is Reason.PARENT_UNKNOWN
    assert notice.message.endswith("its L3Out is unknown: two L3Outs carry its nodes")


def test_the_limits_hold_for_the_completed_name() -> None:
    limits = Limits(allow={"*": ["OTHER/*/*"]})
    desired = desire(world(workload(annotation=EPG_ONLY)), limits, 1000.0, HOME)
    assert [notice.reason for notice in desired.notices] == [Reason.NOT_ALLOWED]


class Nodes:
    """A Kubernetes API that knows nodes only, in pages."""

    def __init__(self, *pages: list[Json]) -> None:
        self.pages = list(pages)
        self.asked: list[Any] = []

    def get(self, path: str, params: Any = None, accept: str | None = None) -> Json:
        assert (path, accept) == ("/api/v1/nodes", None)
        self.asked.append(params)
        items = self.pages[len(self.asked) - 1]
        more = str(len(self.asked)) if len(self.asked) < len(self.pages) else ""
        return {"kind": "NodeList", "items": items, "metadata": {"continue": more, "resourceVersion": "7"}}

    def stream(self, *_: Any) -> Any:
        raise AssertionError("nodes are listed, not watched")


def node(*addresses: tuple[str, str]) -> Json:
    return {"status": {"addresses": [{"type": kind, "address": address} for kind, address in addresses]}}


def test_the_addresses_of_all_nodes_are_read_page_by_page_each_once() -> None:
    api = Nodes(
        [node(("InternalIP", "10.1.0.2"), ("Hostname", "node-2"), ("InternalIP", "FD00:0::2"))],
        [node(("ExternalIP", "192.0.2.1"), ("InternalIP", "10.1.0.2")), {"status": {}}, {}],
    )
    assert node_addresses(api) == ("10.1.0.2", "192.0.2.1", "fd00::2")
    assert api.asked == [{"limit": "500"}, {"limit": "500", "continue": "1"}]


def test_an_address_that_is_a_name_says_nothing() -> None:
    assert node_addresses(Nodes([node(("ExternalIP", "node.example.com"))])) == ()
