"""One object followed through both views: from who gives the address to what the fabric makes of it.

Pure: both views and the plan in, steps out. It decides nothing of its own; where the plan has an answer, the
plan's answer is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from akb_sync.item import Item
from akb_sync.kube.facts import PodFacts, WorkloadFacts
from akb_sync.kube.pod_addresses import counting, has_address

from .cluster_steps import belief, pod_steps, service_steps, workload_steps
from .evidence import Evidence
from .fabric_steps import item_steps, parent_steps, prefix_steps
from .story import Explanation, Step, Verdict
from .subject import Facts, find, parse

MOST_ADDRESSES = 20
"""Addresses of a workload that are told one by one; the rest is counted."""


def explain(asked: str, evidence: Evidence, namespace: str = "") -> Explanation:
    """Follow what a person asks about.

    Args:
        asked: A prefix or an address, `pod/NAMESPACE/NAME`, `svc/…`, `deploy/…`, `sts/…`, `ds/…`.
        evidence: Both views and the plan.
        namespace: The namespace of a name that gives none.

    Raises:
        SettingsError: It is none of these, or there is no such object; says the near ones.
    """
    subject = parse(asked, namespace)
    if isinstance(subject, str):
        return _of_prefix(subject, evidence)
    return _of_object(find(subject, evidence.snapshot), evidence)


def _of_prefix(prefix: str, evidence: Evidence) -> Explanation:
    items = _about(evidence, {prefix})
    steps = (*belief(evidence), *_givers(prefix, evidence), *prefix_steps(evidence, prefix, items))
    return Explanation(prefix, _once(steps), tuple(items))


def _givers(prefix: str, evidence: Evidence) -> Iterator[Step]:
    """Say who in the cluster gives the address out, and follow them."""
    pod = counting([one for one in evidence.snapshot.pods.values() if has_address(one, prefix)])
    services = [one for one in evidence.snapshot.services.values() if prefix in one.prefixes]
    lingering = [
        evidence.snapshot.services[uid]
        for uid, prefixes in evidence.snapshot.lingering.items()
        if prefixes.get(prefix, 0.0) > evidence.now and uid in evidence.snapshot.services
    ]
    if pod:
        yield from pod_steps(evidence, pod)
    for service in sorted(services, key=lambda one: one.ref):
        yield from service_steps(evidence, service)
    for service in lingering:
        left = round(evidence.snapshot.lingering[service.ref.uid][prefix] - evidence.now)
        yield Step("address", Verdict.NOTE, f"{service.ref} had {prefix}; it stays for {left} s more")
    if not (pod or services or lingering):
        text = f"no Pod and no LoadBalancer Service of this cluster has {prefix}"
        yield Step("address", Verdict.NOTE, text)


def _of_object(facts: Facts, evidence: Evidence) -> Explanation:
    if isinstance(facts, WorkloadFacts):
        return _of_workload(facts, evidence)
    own = pod_steps(evidence, facts) if isinstance(facts, PodFacts) else service_steps(evidence, facts)
    wanted = {one.prefix for one in evidence.desired.exposures if one.source == facts.ref}
    prefixes = dict.fromkeys((*facts.prefixes, *sorted(wanted)))
    if isinstance(facts, PodFacts) and (facts.host_network or facts.terminal):
        prefixes = {}
    items = _about(evidence, set(prefixes))
    steps = [*belief(evidence), *own]
    for prefix in prefixes:
        steps += prefix_steps(evidence, prefix, [item for item in items if item.prefix == prefix])
    return Explanation(str(facts.ref), _once(steps), tuple(items))


def _of_workload(facts: WorkloadFacts, evidence: Evidence) -> Explanation:
    steps = [*belief(evidence), *workload_steps(evidence, facts)]
    claim = evidence.claim(facts)
    items = [item for item in evidence.plan.items if facts.ref in item.workloads]
    if claim and claim.workload:
        steps += parent_steps(evidence, claim.workload.binding)
        steps += _addresses(evidence, facts)
        told = sorted(items, key=lambda item: (item.reason == "InSync", not item.is_epg))[:MOST_ADDRESSES]
        for item in told:
            steps += item_steps(evidence, item)
        if len(items) > len(told):
            steps.append(
                Step("next", Verdict.NOTE, f"{len(items) - len(told)} more objects: akb-sync status")
            )
    return Explanation(str(facts.ref), _once(steps), tuple(items))


def _addresses(evidence: Evidence, facts: WorkloadFacts) -> Iterator[Step]:
    mine = [one for one in evidence.desired.exposures if one.workload.ref == facts.ref]
    pods = sum(one.source.kind == "Pod" for one in mine)
    running = len(evidence.pods_of(facts))
    given = f"{pods} address(es) of Pods, {len(mine) - pods} of Services"
    text = f"{facts.ref} has {running} Pod(s), and gives {given}"
    yield Step("address", Verdict.OK if mine else Verdict.NOTE, text)


def _about(evidence: Evidence, prefixes: set[str]) -> list[Item]:
    return [item for item in evidence.plan.items if item.prefix and item.prefix in prefixes]


def _once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Two objects behind one prefix say the same of their workload: say it once."""
    return tuple(dict.fromkeys(steps))
