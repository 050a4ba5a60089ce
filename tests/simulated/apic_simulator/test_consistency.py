"""Whatever is written: the tree stays a tree, events tell it all, faults are those of the end state."""

import ipaddress
import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from akb_sync.simulators.apic import ApicError, documents, names, parameters, queries
from akb_sync.simulators.apic.accounts import USERS_DN, user_document
from akb_sync.simulators.apic.api import Api
from akb_sync.simulators.apic.clock import Clock
from akb_sync.simulators.apic.exchange import Request
from akb_sync.simulators.apic.fabric import Fabric
from akb_sync.simulators.apic.faults import Faults
from akb_sync.simulators.apic.journal import Journal
from akb_sync.simulators.apic.sessions import Session, Sessions
from akb_sync.simulators.apic.tree import Mo
from tests.simulated.apic_simulator.client import mo

NAMES = st.sampled_from(["a", "b"])
RARELY = st.sampled_from([{}] * 8 + [{"status": "deleted"}, {"status": "created"}, {"status": "modified"}])
IPS = st.sampled_from(["10.0.0.0/8", "10.0.0.1/8", "11.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "10.0.0.0/80"])
SCOPES = st.sampled_from(
    ["import-security"] * 5 + ["export-rtctrl", "shared-security", "shared-security,import-security"]
)
CHANGING = frozenset({"modTs", "status", "rn", "childAction"})
Post = tuple[str, dict[str, Any]]
ROOTS = ("uni", "topology")
LEAF = "a leaf"


def named(cls: str, children: list[dict[str, Any]], name: str, status: dict[str, str]) -> dict[str, Any]:
    return mo(cls, children, name=name, **status)


SUBNETS = st.builds(
    lambda ip, scope, status: mo("l3extSubnet", ip=ip, scope=scope, **status), IPS, SCOPES, RARELY
)
PROVIDERS = st.builds(lambda name, status: mo("fvRsProv", tnVzBrCPName=name, **status), NAMES, RARELY)
EPGS = st.builds(
    named,
    st.just("l3extInstP"),
    st.lists(st.one_of(SUBNETS, SUBNETS, SUBNETS, PROVIDERS), min_size=1, max_size=4),
    NAMES,
    RARELY,
)
BINDINGS = NAMES.map(lambda name: mo("l3extRsEctx", tnFvCtxName=name))
L3OUTS = NAMES.flatmap(lambda tenant: NAMES.map(lambda l3out: f"uni/tn-{tenant}/out-{l3out}"))
TENANTS = st.sampled_from(["uni/tn-a", "uni/tn-b", "uni/tn-common"])
POLICIES = st.builds(
    lambda cls, name, status: named(cls, [], name, status),
    st.sampled_from(["fvCtx", "vzBrCP"]),
    NAMES,
    st.sampled_from([{}, {}, {"status": "deleted"}]),
)
POSTS: st.SearchStrategy[Post] = st.one_of(
    st.tuples(L3OUTS, EPGS),
    st.tuples(L3OUTS, EPGS),
    st.tuples(L3OUTS, EPGS),
    st.tuples(L3OUTS, BINDINGS),
    st.tuples(TENANTS, POLICIES),
    st.tuples(st.just(LEAF), st.just({})),
    st.tuples(TENANTS, st.builds(named, st.just("l3extOut"), st.lists(BINDINGS, max_size=1), NAMES, RARELY)),
)


def two_tenants() -> Fabric:
    """Tenants a and b with L3Outs a and b, all bound to the VRF a of tenant common."""
    fabric = Fabric(Clock())
    l3outs = [mo("l3extOut", [mo("l3extRsEctx", tnFvCtxName="a")], name=name) for name in ("a", "b")]
    for document in (
        mo("fvTenant", [mo("fvCtx", name="a")], name="common"),
        *(mo("fvTenant", l3outs, name=name) for name in ("a", "b")),
    ):
        fabric.write(documents.operations(fabric.schema, "uni", document))
    return fabric


@dataclass(eq=False)
class Recorder:
    """A websocket that plays its events over what it knows."""

    session: Session = field(default_factory=lambda: Session("", "", "", 0, 0))
    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def push(self, frame: str, _about: Mo) -> None:
        ((_name, body),) = json.loads(frame)["imdata"][0].items()
        found = body["attributes"]
        dn = found["dn"]
        if found["status"] == "created":
            assert dn not in self.known, f"{dn} was created twice"
            self.known[dn] = found
        elif found["status"] == "modified":
            self.known[dn].update(found)
        else:
            del self.known[dn]


@settings(max_examples=200, deadline=None)
@given(st.lists(POSTS, max_size=12))
def test_events_replayed_over_an_old_snapshot_give_the_new_tree(posts: list[Post]) -> None:
    fabric = two_tenants()
    recorder = Recorder(known={mo.dn: mo.attributes() for mo in everything(fabric)})
    for dn in ROOTS:
        query = parameters.parse(queries.Target(dn=dn), {"query-target": "subtree"}, fabric.schema)
        fabric.bus.subscribe(query, recorder)
    for dn, document in posts:
        before = {mo.dn: mo.attributes() for mo in everything(fabric)}
        try:
            carry_out(fabric, dn, document)
        except ApicError:
            assert {mo.dn: mo.attributes() for mo in everything(fabric)} == before
        check_tree_of_everything(fabric)
        check_faults(fabric)
        now = {mo.dn: stable(mo.attributes()) for mo in everything(fabric)}
        assert {dn: stable(found) for dn, found in recorder.known.items()} == now


def carry_out(fabric: Fabric, dn: str, document: dict[str, Any]) -> None:
    """Post, or let leaf 101 come and go, on which the conflicts show."""
    if dn != LEAF:
        fabric.write(documents.operations(fabric.schema, dn, document))
    elif fabric.tree.get("topology/pod-1/node-101") is None:
        fabric.add_leaf(node_id=101)
    else:
        fabric.remove_leaf(101)


def everything(fabric: Fabric) -> list[Mo]:
    tops = [fabric.tree.get(dn) for dn in ROOTS]
    return [mo for top in tops if top is not None for mo in top.subtree()]


def stable(found: dict[str, str]) -> dict[str, str]:
    return {prop: value for prop, value in found.items() if prop not in CHANGING}


def check_tree(fabric: Fabric) -> None:
    found = everything(fabric)
    assert len(found) == len(fabric.tree)
    for each in found:
        assert fabric.tree.get(each.dn) is each
        assert each in fabric.tree.of_class(each.schema.name)
        if each.parent is None:
            continue
        assert each.parent.children[each.rn] is each
        assert each.dn == f"{each.parent.dn}/{each.rn}"
        assert names.parent_of(each.dn, each.schema.rn.parts) == each.parent.dn
        assert fabric.schema.class_of(each.dn) is each.schema
        naming = each.schema.rn.read(each.rn)
        assert naming is not None
        assert all(each.get(prop) == value for prop, value in naming.items())


def check_faults(fabric: Fabric) -> None:
    holders: dict[tuple[str, str], set[str]] = {}
    for subnet in fabric.tree.of_class("l3extSubnet"):
        epg = subnet.parent
        assert epg is not None
        assert epg.parent is not None
        vrf = epg.parent.children["rsectx"].get("tDn")
        prefix = ipaddress.ip_interface(subnet.get("ip")).network
        if vrf and prefix.prefixlen and "import-security" in subnet.get("scope"):
            holders.setdefault((vrf, str(prefix)), set()).add(epg.dn)
    faults = [mo for mo in fabric.tree.of_class("faultInst") if mo.get("code") == "F0467"]
    losers = {mo.dn.partition("rtd-[")[2].partition("]/nwissues")[0] for mo in faults}
    contested = [epgs for epgs in holders.values() if len(epgs) > 1]
    # Of each contested prefix all EPGs but one lose; who loses nothing else anywhere has no fault.
    assert losers <= {epg for epgs in contested for epg in epgs}
    for epgs in contested:
        assert len(epgs - losers) <= 1
    assert bool(losers) == bool(contested)


class NoSockets:
    def of_session(self, _session: Session) -> None:
        return None


PATHS = st.sampled_from(
    [
        "/api/mo/uni.json",
        "/api/class/fvTenant.json",
        "/api/node/mo/uni/tn-a.json",
        "/api/aaaRefresh.json",
        "/api/",
    ]
)
WORDS = st.text(alphabet='abtnuiAPI/-[]{}().,:=&?%"\\ json0129', max_size=60)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["fvTenant", "attributes", "children", "imdata", "name", "dn"]), inner
        ),
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        *("query-target", "target-subtree-class", "query-target-filter", "rsp-subtree", "rsp-subtree-class"),
        *("rsp-subtree-filter", "rsp-subtree-include", "rsp-prop-include", "order-by", "page", "page-size"),
        *("subscription", "refresh-timeout", "id"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["GET", "POST", "DELETE", "PUT"]),
    st.one_of(
        PATHS, WORDS.map(lambda text: f"/api/mo/{text}.json"), WORDS.map(lambda text: f"/api/{text}.json")
    ),
    st.dictionaries(
        KEYS, st.one_of(WORDS, st.sampled_from(["subtree", "full", "yes", "1", "fvTenant"])), max_size=3
    ),
    st.one_of(JSON.map(json.dumps), WORDS).map(str.encode),
)
def test_any_request_gets_an_answer(method: str, path: str, given_query: dict[str, str], body: bytes) -> None:
    fabric = Fabric(Clock())
    fabric.write(documents.operations(fabric.schema, USERS_DN, user_document("admin", "secret")))
    sessions = Sessions(fabric.tree, fabric.clock)
    _session, token = sessions.open("admin")
    api = Api(fabric, sessions, Faults(), Journal(), NoSockets())
    query = "&".join(f"{name}={value}" for name, value in given_query.items())
    reply = api.answer(Request(method, f"{path}?{query}", (("apic-cookie", token),), body))
    assert reply.status in {200, 400, 405}
    assert isinstance(json.loads(reply.text())["imdata"], list)
    check_tree_of_everything(fabric)


def check_tree_of_everything(fabric: Fabric) -> None:
    for name in ("aaaModLR", "eventRecord"):
        for record in fabric.tree.of_class(name):
            assert fabric.schema.class_of(record.dn) is record.schema
            fabric.tree.detach(record)
    check_tree(fabric)
