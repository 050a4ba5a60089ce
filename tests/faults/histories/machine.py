"""Random histories of two clusters, their engines, people, a tool and faults on one fabric.

After each step of an engine: nothing was done that may never be done. When everything has come to rest:
what is wanted is there, nothing of ours is anywhere else, nobody writes any more, and people are told what
is so.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from akb_sync.errors import AkbSyncError
from akb_sync.ownership import Ownership
from akb_sync.ownership.adopt import Terms
from akb_sync.simulators.apic import ApicError, ApicSimulator
from akb_sync.simulators.kubernetes import KubernetesSimulator, Options
from tests.faults.process import RESYNC
from tests.simulated.engine.stage import PAUSED, HandClock, Stage

from .changes import (
    KINDS,
    L3OUTS,
    READABLE,
    VRFS,
    Change,
    cluster_changes,
    fabric_changes,
    ips,
    names,
    one_party,
    pauses,
    playbooks,
    tellings,
    texts,
    troubles,
    ways,
)
from .lines import no_wires
from .party import Party
from .picture import CONTRACT, EPG, SUBNET, TAG
from .rest import come_to_rest
from .trouble import NO_TROUBLE, Trouble
from .wishes import NAMESPACE

Json = dict[str, Any]
NO_FOLDER = Path("nowhere")
"""Nothing here has files."""
happenings = st.lists(
    st.one_of(cluster_changes, cluster_changes, cluster_changes, fabric_changes, fabric_changes, playbooks),
    min_size=1,
    max_size=4,
)
Task = tuple[tuple[str, str, str], str, str]
ANSIBLE = "orchestrator:ansible"
"""What Ansible's `cisco.aci` writes into `annotation` by default."""


@dataclass
class Tried:
    """What was tried in all histories of this process."""

    sequences: int = 0
    written: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    troubles: set[str] = field(default_factory=set)


TRIED = Tried()


class Histories(RuleBasedStateMachine):
    """One history."""

    def __init__(self) -> None:
        super().__init__()
        self._exit = ExitStack()
        self._exit.enter_context(no_wires())
        self.apic = ApicSimulator(users={"admin": "secret"}, tls=False)
        self.clock = HandClock()
        self.playbook: list[Task] = []
        self._sound = True
        """Whether no step has failed, so that what comes to rest tells something."""
        self.parties = [self._party(seed) for seed in (1, 2)]
        self._fabric()

    def _party(self, seed: int) -> Party:
        cluster = KubernetesSimulator(controllers=False, options=Options(seed=seed))
        # Ages decide who gets an address; a history that is run again has to have the same.
        cluster.api._writer._clock = self.clock.now
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        party = Party(Stage(cluster, self.apic, NO_FOLDER, self.clock), READABLE)
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
                self.rest(lives_on=any(party.living for party in self.parties))
                TRIED.sequences += 1
            TRIED.written += sum(party.written for party in self.parties)

    @rule(changes=happenings)
    def things_happen(self, changes: list[Change]) -> None:
        for method, *arguments in changes:
            TRIED.steps[method] += 1
            self.clock.advance(1.0)  # so that no two things are of one age
            getattr(self, method)(*arguments)

    # The clusters.

    @initialize(begin=st.lists(st.tuples(one_party, names, texts, ips), min_size=1, max_size=6))
    def begin(self, begin: list[tuple[int, str, str, list[str]]]) -> None:
        for who, name, text, addresses in begin:
            self.deploy(who, name, text)
            self.start_a_pod(who, name, addresses)
        self.step(0, "pass", NO_TROUBLE)

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

    def compact(self, who: int) -> None:
        """The cluster forgets its history: watches that ask for what was before get 410."""
        self.parties[who].cluster.compact()

    # The people on the fabric, and its websockets.

    def cut_websockets(self, who: int) -> None:
        self.parties[who].lines.fabric.cut()

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

    def play(self, tasks: list[Task] | None) -> None:
        """A tool makes what its playbook has, whatever is there, and puts its own annotation on it."""
        self.playbook = self.playbook if tasks is None else tasks
        for (epg, l3out, tenant), prefix, wanted in self.playbook:
            top = f"uni/tn-{tenant}/out-{l3out}"
            if wanted == "present":
                subnet = {SUBNET: {"attributes": {"ip": prefix, "annotation": ANSIBLE}}}
                attributes = {"name": epg} if prefix else {"name": epg, "annotation": ANSIBLE}
                children = {"children": [subnet]} if prefix else {}
                with suppress(ApicError):  # its L3Out may be gone
                    self.apic.post(top, {EPG: {"attributes": attributes, **children}})
            else:
                dn = f"{top}/instP-{epg}" + (f"/extsubnet-[{prefix}]" if prefix else "")
                if self.apic.get(dn):
                    self.apic.delete(dn)

    def adorn_an_epg(self, at: int, what: str) -> None:
        epg = self._some(EPG, at)
        if not epg:
            return
        contract = f"{epg}/rsprov-web"
        if what == "contract":
            self.apic.post(epg, {CONTRACT: {"attributes": {"tnVzBrCPName": "web"}}})
        elif what == "tag":
            self.apic.post(epg, {TAG: {"attributes": {"key": "team", "value": "red"}}})
        elif what != "no contract":
            self._hand_over(epg, what)
        elif self.apic.get(contract):
            self.apic.delete(contract)

    def _hand_over(self, epg: str, what: str) -> None:
        """A person releases an EPG in which something is the first cluster's, or lets that adopt one."""
        party, picture = self.parties[0], self.parties[0].picture()
        if what == "release" and not any(
            picture.owner(dn) == party.uid8 for dn in (epg, *picture.below(epg))
        ):
            return  # only a tag would come, of which no event tells
        with suppress(AkbSyncError), party.fresh() as engine:  # it may be another's
            ownership, terms = Ownership(engine), Terms(all_subnets=what == "adopt all")
            asked = ownership.release(epg) if what == "release" else ownership.adoption(epg, terms)
            ownership.carry_out(asked)

    def change_an_l3out(self, name: str, what: str) -> None:
        """It goes with everything in it, comes (back to its VRF), or gets another VRF."""
        dn = f"uni/tn-{L3OUTS[name]}/out-{name}"
        if what == "gone" and self.apic.get(dn):
            self.apic.delete(dn)
            return
        if what == "back":
            self._make_l3out(name)
        elif self.apic.get(dn):
            self.apic.post(dn, {"l3extRsEctx": {"attributes": {"tnFvCtxName": what}}})
        for party in self.parties:
            party.moved[dn] = self.clock.monotonic() + 2 * RESYNC

    def _some(self, cls: str, at: int) -> str:
        found = self.parties[0].picture().of_class(cls)
        return found[at % len(found)] if found else ""

    def _edit(self, dn: str, **attributes: str) -> None:
        if dn:
            cls = SUBNET if "/extsubnet-[" in dn else EPG
            self.apic.post(dn, {cls: {"attributes": {"dn": dn, **attributes}}})

    # The engines.

    @rule(changes=happenings, who=one_party, how=ways, seconds=pauses)
    def engine_acts(self, changes: list[Change], who: int, how: str, seconds: float) -> None:
        self.things_happen(changes)
        self.clock.advance(seconds)
        self.step(who, how, NO_TROUBLE)

    @rule(changes=happenings, who=one_party, how=ways, trouble=troubles)
    def engine_acts_in_trouble(self, changes: list[Change], who: int, how: str, trouble: Trouble) -> None:
        self.things_happen(changes)
        self.step(who, how, trouble)

    @rule(who=one_party, how=ways, what=tellings)
    def engine_is_told(self, who: int, how: str, what: str) -> None:
        """A person approves what is held, processes end, the other replica leads, or all rests for long."""
        if what == "approves":
            self.step(who, how, NO_TROUBLE, approve=True)
        elif what == "ends":
            self.parties[who].close()
        elif what == "leads":
            self.parties[who].change_the_leader()
            self.step(who, "watch", NO_TROUBLE)
        else:
            self.rest(lives_on=what == "rests living")

    def rest(self, *, lives_on: bool) -> None:
        TRIED.steps["rest"] += 1
        with self._watched():
            come_to_rest(self.parties, lives_on=lives_on)

    def step(self, who: int, how: str, trouble: Trouble, *, approve: bool = False) -> None:
        TRIED.steps[f"{how}, {trouble.kind}" if trouble.kind else how] += 1
        TRIED.troubles |= {trouble.kind} - {""}
        with self._watched():
            self.parties[who].step(how, trouble, approve=approve)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self._sound = False
        yield
        self._sound = True
