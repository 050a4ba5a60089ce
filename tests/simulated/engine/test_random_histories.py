"""Random histories of two clusters, their engines, people and faults on one fabric.

After each step of an engine: nothing was done that may never be done. When everything has come to rest: what
is wanted is there, nothing of ours is anywhere else, and nobody writes any more.

The histories are always the same ones, unless `AKB_SYNC_EXAMPLES=1000` looks for that many others; a failure
shows the history as the lines of a test.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from akb_sync.apic.batches import batches
from akb_sync.engine import engine as engine_module
from akb_sync.simulators.apic import ApicError, ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator, Options

from .fabric_picture import CONTRACT, EPG, SUBNET, TAG
from .party import NO_FAULT, Fault, Party
from .rest import come_to_rest
from .stage import PAUSED, HandClock, Stage, binding, epg_dn
from .wishes import NAMESPACE

Json = dict[str, Any]
EXAMPLES = int(os.environ.get("AKB_SYNC_EXAMPLES", "0"))
STEPS = 25
OBJECTS_PER_POST = 4
"""So few that there are crashes between two batches of one EPG."""

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
ips = st.lists(st.sampled_from(SPELLED), min_size=1, max_size=2, unique=True)
index = st.integers(0, 30)
pauses = st.sampled_from((0.0, 1.0, 31.0, 100.0, 400.0))
yes_or_no = st.booleans()
cluster_changes = st.one_of(
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
    st.tuples(st.just("change_a_service"), one_party, names, st.one_of(st.none(), st.just([]), ips, ips)),
)
"""Method and arguments of what happens in a cluster."""
fabric_changes = st.one_of(
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
        st.sampled_from(("contract", "no contract", "tag", "release 0", "adopt 0")),
    ),
    st.tuples(
        st.just("change_an_l3out"),
        st.sampled_from(tuple(L3OUTS)),
        st.sampled_from(("gone", "back", "back", *VRFS.values(), "none")),
    ),
)
"""The same of what people do on the fabric."""
faults = st.one_of(
    st.tuples(st.just("crash"), st.sampled_from(("0", "1", "2", "3"))),
    st.tuples(st.just("busy"), st.sampled_from(("1", "3", "40"))),
    st.tuples(st.just("rejected"), st.sampled_from((r"10\.0\.0\.1/", r"fd00::2/", "instP-E1$", "instP-E2"))),
    st.tuples(st.just("lost"), st.sampled_from(("1", "2"))),
    st.tuples(st.just("unreadable"), st.sampled_from([f"out-{name}" for name in L3OUTS])),
    st.tuples(st.just("unlisted"), st.sampled_from(RESOURCES)),
    st.tuples(st.just("empty"), st.sampled_from(RESOURCES)),
)
ways = st.sampled_from(("pass", "pass", "pass without waiting", "turn", "turn"))
tellings = st.sampled_from((*["approves"] * 4, *["ends"] * 2, "rests", "rests living"))
counted: Counter[str] = Counter()
"""Steps that were run, by what they were."""


class Histories(RuleBasedStateMachine):
    """One history."""

    def __init__(self) -> None:
        super().__init__()
        self._exit = ExitStack()
        folder = Path(self._exit.enter_context(TemporaryDirectory(prefix="akb-sync-histories-")))
        self.apic = self._exit.enter_context(ApicSimulator(users={"admin": "secret"}, output_dir=folder))
        self.clock = HandClock()
        self._sound = True
        """Whether no step has failed, so that what comes to rest tells something."""
        self.parties = [self._party(folder / str(seed), seed) for seed in (1, 2)]
        self._fabric()

    def _party(self, folder: Path, seed: int) -> Party:
        folder.mkdir()
        simulator = KubernetesSimulator(controllers=False, options=Options(seed=seed))
        cluster = self._exit.enter_context(simulator)
        # Ages decide who gets an address; a history that is run again has to have the same.
        cluster.api._writer._clock = self.clock.now
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        party = Party(Stage(cluster, self.apic, folder, self.clock), READABLE)
        self._exit.callback(party.close)
        return party

    def _fabric(self) -> None:
        self.apic.post("uni/tn-common", {"fvCtx": {"attributes": {"name": "VRF_SHARED"}}})
        for tenant in dict.fromkeys(L3OUTS.values()):
            self.apic.post("uni", {"fvTenant": {"attributes": {"name": tenant}}})
        self.apic.post("uni/tn-TEN_A", {"fvCtx": {"attributes": {"name": "VRF_OWN"}}})
        for name in L3OUTS:
            self._make_l3out(name)

    def _make_l3out(self, name: str) -> None:
        relation = {"l3extRsEctx": {"attributes": {"tnFvCtxName": VRFS[name]}}}
        document = {"l3extOut": {"attributes": {"name": name}, "children": [relation]}}
        self.apic.post(f"uni/tn-{L3OUTS[name]}", document)

    def teardown(self) -> None:
        with self._exit:
            if self._sound:
                self.rest(lives_on=False)

    @rule(
        changes=st.lists(st.one_of(cluster_changes, cluster_changes, fabric_changes), min_size=1, max_size=4)
    )
    def things_happen(self, changes: list[tuple[Any, ...]]) -> None:
        for method, *arguments in changes:
            counted[method] += 1
            self.clock.advance(1.0)  # so that no two things are of one age
            getattr(self, method)(*arguments)

    # The clusters.

    @initialize(begin=st.lists(st.tuples(one_party, names, texts, ips), max_size=4))
    def begin(self, begin: list[tuple[int, str, str, list[str]]]) -> None:
        for who, name, text, addresses in begin:
            self.deploy(who, name, text)
            self.start_a_pod(who, name, addresses)
        self.step(0, "pass", NO_FAULT)

    def deploy(self, who: int, name: str, text: str | None) -> None:
        """A workload appears, or gets another annotation."""
        party = self.parties[who]
        known = party.named(name)
        if known:
            party.stage.annotate(known, text)
        elif text is not None:
            party.stage.workload(name, kind=KINDS[name], annotation=text)
            made = party.named(name)
            if made and made["kind"] == "Deployment":
                party.stage._replicaset(made)

    def pause(self, who: int, name: str, text: str | None) -> None:
        known = self.parties[who].named(name)
        if known:
            self.parties[who].stage.annotate(known, text, PAUSED)

    def undeploy(self, who: int, name: str, pods_stay: bool) -> None:
        party = self.parties[who]
        known = party.named(name)
        if known:
            pods = [] if pods_stay else party.own_pods(known)
            party.undeploy(known)
            for pod in pods:
                party.end(pod)
            party.report_replicas()

    def start_a_pod(self, who: int, name: str, addresses: list[str]) -> None:
        party = self.parties[who]
        known = party.named(name)
        if known:
            party.new_pod(known, addresses)
            party.report_replicas()

    def change_a_pod(self, who: int, at: int, what: str) -> None:
        party = self.parties[who]
        pods = party.pods()
        if not pods:
            return
        pod = pods[at % len(pods)]
        if what in ("gone", "leaving"):
            party.end(pod, 0 if what == "gone" else 30)
        else:
            status: Json = {"podIP": what, "podIPs": [{"ip": what}]}
            status = {"phase": "Succeeded"} if what == "ended" else status
            name = pod["metadata"]["name"]
            party.cluster.patch("Pod", NAMESPACE, name, {"status": status}, subresource="status")
        party.report_replicas()

    def scale_to_nothing(self, who: int, name: str) -> None:
        party = self.parties[who]
        known = party.named(name)
        for pod in party.own_pods(known) if known else []:
            party.end(pod)
        party.report_replicas()

    def change_a_service(self, who: int, name: str, addresses: list[str] | None) -> None:
        """A workload's Service gets, loses or changes its addresses, or goes."""
        party = self.parties[who]
        there = any(one["metadata"]["name"] == name for one in party.cluster.list("Service", NAMESPACE))
        if addresses is None and there:
            party.cluster.delete("Service", NAMESPACE, name, grace=0)
        elif addresses is not None and there:
            party.stage.ingress(name, *addresses)
        elif addresses is not None:
            party.stage.service(name, *addresses)

    # The people on the fabric.

    def make_by_hand(self, where: tuple[str, str, str], prefix: str, scope: str) -> None:
        epg, l3out, tenant = where
        subnet = {SUBNET: {"attributes": {"ip": prefix, "scope": scope}}}
        children = {"children": [subnet]} if prefix else {}
        with suppress(ApicError):  # its L3Out may be gone
            self.apic.post(f"uni/tn-{tenant}/out-{l3out}", {EPG: {"attributes": {"name": epg}, **children}})

    def delete_by_hand(self, cls: str, at: int) -> None:
        dn = self._some(cls, at)
        if dn:
            self.apic.delete(dn)

    def edit_by_hand(self, at: int, change: tuple[str, str]) -> None:
        self._edit(self._some(SUBNET, at), **dict([change]))

    def rewrite_a_mark(self, cls: str, at: int, mark: str) -> None:
        """Empty it, write another's text, copy one from another object, or say by hand whose it is."""
        dn = self._some(cls, at)
        if mark == "copied":
            other = self._some(cls, at + 1)
            mark = self.parties[0].picture().attributes(other).get("annotation", "")
        elif mark.startswith("of "):
            mark = self.parties[int(mark[-1])].mark(dn)
        self._edit(dn, annotation=mark)

    def adorn_an_epg(self, at: int, what: str) -> None:
        epg = self._some(EPG, at)
        if not epg:
            return
        key = f"akb-sync.{self.parties[0].uid8}"
        tag, contract = f"{epg}/annotationKey-[{key}]", f"{epg}/rsprov-web"
        if what == "contract":
            self.apic.post(epg, {CONTRACT: {"attributes": {"tnVzBrCPName": "web"}}})
        elif what == "tag":
            self.apic.post(epg, {TAG: {"attributes": {"key": "team", "value": "red"}}})
        elif what == "release 0":
            self.apic.post(epg, {TAG: {"attributes": {"key": key, "value": "released"}}})
        elif self.apic.get(tag if what == "adopt 0" else contract):
            self.apic.delete(tag if what == "adopt 0" else contract)

    def change_an_l3out(self, name: str, what: str) -> None:
        """It goes with everything in it, comes (back to its VRF), or gets another VRF."""
        dn = f"uni/tn-{L3OUTS[name]}/out-{name}"
        if what == "gone" and self.apic.get(dn):
            self.apic.delete(dn)
        elif what == "back":
            self._make_l3out(name)
        elif self.apic.get(dn):
            self.apic.post(dn, {"l3extRsEctx": {"attributes": {"tnFvCtxName": what}}})

    def _some(self, cls: str, at: int) -> str:
        found = self.parties[0].picture().of_class(cls)
        return found[at % len(found)] if found else ""

    def _edit(self, dn: str, **attributes: str) -> None:
        if dn:
            cls = SUBNET if "/extsubnet-[" in dn else EPG
            self.apic.post(dn, {cls: {"attributes": {"dn": dn, **attributes}}})

    # The engines.

    @rule(who=one_party, how=ways, seconds=pauses)
    def engine_acts(self, who: int, how: str, seconds: float) -> None:
        self.clock.advance(seconds)
        self.step(who, how, NO_FAULT)

    @rule(who=one_party, how=ways, fault=faults)
    def engine_acts_under_a_fault(self, who: int, how: str, fault: Fault) -> None:
        self.step(who, how, fault)

    @rule(who=one_party, how=ways, what=tellings)
    def engine_is_told(self, who: int, how: str, what: str) -> None:
        """A person approves what is held, the process ends, or everything is left alone for long."""
        if what == "approves":
            self.step(who, how, NO_FAULT, approve=True)
        elif what == "ends":
            self.parties[who].close()
        else:
            self.rest(lives_on=what == "rests living")

    def rest(self, *, lives_on: bool) -> None:
        counted["rest"] += 1
        with self._watched():
            come_to_rest(self.parties, lives_on=lives_on)

    def step(self, who: int, how: str, fault: Fault, *, approve: bool = False) -> None:
        counted[f"{how} {fault[0]}".strip()] += 1
        with self._watched():
            self.parties[who].step(how, fault, approve=approve)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self._sound = False
        yield
        self._sound = True


@pytest.mark.timeout(max(900, 15 * EXAMPLES))
def test_no_history_makes_an_engine_do_what_it_may_not_or_keeps_it_from_coming_to_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine_module, "batches", partial(batches, max_objects=OBJECTS_PER_POST))
    profile = settings(
        max_examples=EXAMPLES or 20,
        stateful_step_count=STEPS,
        derandomize=not EXAMPLES,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Histories, settings=profile)
    print(dict(counted))  # noqa: T201 - `pytest -s` shows how much was tried
