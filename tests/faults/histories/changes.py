"""What may happen in a random history: every change, trouble and step that is drawn, with its chances.

The worlds are small, so that things meet: few addresses, few EPGs, four L3Outs of which three share a VRF.
"""

from typing import Any

from hypothesis import strategies as st

from tests.simulated.engine.stage import binding, epg_dn

from .picture import EPG, SUBNET
from .trouble import PATTERNS, Trouble

Change = tuple[Any, ...]
"""A method of the machine and its arguments."""
L3OUTS = {"L3O_1": "TEN_A", "L3O_2": "TEN_A", "L3O_3": "TEN_A", "L3O_4": "TEN_B"}
VRFS = {"L3O_1": "VRF_SHARED", "L3O_2": "VRF_SHARED", "L3O_3": "VRF_OWN", "L3O_4": "VRF_SHARED"}
EPGS = ("E1", "E2", "E3")
BINDINGS = tuple((epg, l3out, tenant) for l3out, tenant in L3OUTS.items() for epg in EPGS)
READABLE = {binding(*one): epg_dn(*one) for one in BINDINGS}
MALFORMED = ("no json", "[]", '{"tenant": "TEN_A", "l3out": "L3O_1"}', binding("not a name"))
KINDS = {"web": "Deployment", "store": "StatefulSet", "agent": "DaemonSet"}
SPELLED = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "fd00::1", "FD00:0::2")
PREFIXES = ("10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32", "FD00:0::1/128", "fd00::2/128", "10.0.0.9/8")
SCOPES = ("import-security", "shared-rtctrl", "import-security,shared-security", "export-rtctrl")
RESOURCES = ("deployments", "statefulsets", "daemonsets", "replicasets", "pods", "services")

one_party = st.sampled_from((0, 0, 1))
names = st.sampled_from(tuple(KINDS))
texts = st.sampled_from((*list(READABLE)[:6], *READABLE))
ips = st.lists(st.sampled_from(SPELLED), min_size=1, max_size=3, unique=True)
index = st.integers(0, 30)
pauses = st.sampled_from((0.0, 1.0, 31.0, 100.0, 400.0))
yes_or_no = st.booleans()
cluster_changes: st.SearchStrategy[Change] = st.one_of(
    st.tuples(
        st.just("deploy"),
        one_party,
        names,
        st.one_of(texts, texts, texts, st.sampled_from(MALFORMED), st.none()),
    ),
    st.tuples(st.just("pause"), one_party, names, st.sampled_from(("true", None))),
    st.tuples(st.just("undeploy"), one_party, names, yes_or_no),
    st.tuples(st.just("start_a_pod"), one_party, names, ips),
    st.tuples(st.just("start_a_pod"), one_party, names, ips),
    st.tuples(
        st.just("change_a_pod"), one_party, index, st.sampled_from(("gone", "leaving", "ended", *SPELLED))
    ),
    st.tuples(st.just("scale_to_nothing"), one_party, names),
    st.tuples(st.just("compact"), one_party),
    st.tuples(st.just("change_a_service"), one_party, names, st.one_of(st.none(), st.just([]), ips, ips)),
)
"""Method and arguments of what happens in a cluster."""
fabric_changes: st.SearchStrategy[Change] = st.one_of(
    st.tuples(
        st.just("make_by_hand"),
        st.sampled_from(BINDINGS),
        st.sampled_from(("", *PREFIXES)),
        st.sampled_from(SCOPES),
    ),
    st.tuples(st.just("delete_by_hand"), st.sampled_from((EPG, SUBNET, SUBNET)), index),
    st.tuples(
        st.just("edit_by_hand"),
        index,
        st.one_of(
            st.tuples(st.just("scope"), st.sampled_from(SCOPES)),
            st.tuples(st.sampled_from(("name", "descr")), st.sampled_from(("", "by_hand"))),
        ),
    ),
    st.tuples(
        st.just("rewrite_a_mark"),
        st.sampled_from((EPG, SUBNET)),
        index,
        st.sampled_from(("", "", "orchestrator:terraform", "copied", "of 0", "of 1")),
    ),
    st.tuples(
        st.just("adorn_an_epg"),
        index,
        st.sampled_from(("contract", "no contract", "tag", "release", "adopt", "adopt all")),
    ),
    st.tuples(st.just("cut_websockets"), one_party),
    st.tuples(
        st.just("change_an_l3out"),
        st.sampled_from(tuple(L3OUTS)),
        st.sampled_from(("gone", "back", "back", *VRFS.values(), "none")),
    ),
)
"""The same of what people do on the fabric."""
tasks = st.lists(
    st.tuples(
        st.sampled_from(BINDINGS),
        st.sampled_from(("", *PREFIXES)),
        st.sampled_from(("present", "present", "absent")),
    ),
    min_size=1,
    max_size=3,
)
"""Of a playbook: EPG, prefix (empty: the EPG itself) and state."""
playbooks: st.SearchStrategy[Change] = st.tuples(st.just("play"), st.one_of(tasks, st.none()))
"""A tool with an annotation of its own writes beside us: a new playbook, or the last one once more."""
_points = st.sampled_from(("1", "2", "3", "5", "8", "13", "w1", "w2", "w3"))
troubles = st.one_of(
    st.builds(Trouble, st.sampled_from(tuple(PATTERNS)), _points),
    st.builds(Trouble, st.sampled_from(("crash before", "crash after")), st.sampled_from(("w1", "w2", "w3"))),
    st.builds(Trouble, st.just("busy"), st.sampled_from(("1", "3", "40"))),
    st.builds(
        Trouble, st.just("rejected"), st.sampled_from((r"10\.0\.0\.1/", r"fd00::2/", "instP-E1$", "instP-E2"))
    ),
    st.builds(Trouble, st.just("unreadable"), st.sampled_from([f"out-{name}" for name in L3OUTS])),
    st.builds(Trouble, st.just("unlisted"), st.sampled_from(RESOURCES)),
    st.builds(Trouble, st.just("empty"), st.sampled_from(RESOURCES)),
    st.builds(Trouble, st.just("old view"), st.sampled_from(("1", "4", "12"))),
    st.builds(Trouble, st.just("blind"), st.sampled_from(("cluster", "fabric"))),
    st.builds(Trouble, st.just("deposed"), st.sampled_from(("0", "1", "2"))),
)
ways = st.sampled_from(("pass", "pass without waiting", "watch", "watch", "watch on"))
tellings = st.sampled_from((*["approves"] * 4, *["ends"] * 2, *["leads"] * 3, "rests", "rests living"))
