"""The cluster's half of an explanation: who gives the address, whose it is, what its workload asks for."""

from __future__ import annotations

from collections.abc import Iterator

from akb_sync.kube.annotation import EXAMPLE
from akb_sync.kube.facts import PodFacts, ServiceFacts, WorkloadFacts
from akb_sync.model import Freshness, ObjectRef, Source
from akb_sync.reasons import Reason

from .evidence import Evidence
from .story import Step, Verdict

OK, NO, NOTE, UNKNOWN = Verdict.OK, Verdict.NO, Verdict.NOTE, Verdict.UNKNOWN
_SAID_ELSEWHERE = frozenset(
    {Reason.INVALID_ANNOTATION, Reason.NOT_ALLOWED, Reason.PAUSED, Reason.HOST_NETWORK}
)


def belief(evidence: Evidence) -> Iterator[Step]:
    """Say which kinds could not be read: what follows may rest on them."""
    for source in Source:
        view = evidence.desired.sources.get(source)
        if view is None or view.freshness is not Freshness.FRESH:
            why = view.trouble if view and view.trouble else "it was not read"
            yield Step("read", UNKNOWN, f"{source} cannot be believed: {why}", "akb-sync doctor")


def pod_steps(evidence: Evidence, pod: PodFacts) -> Iterator[Step]:
    """Follow a Pod up to its workload."""
    if pod.host_network:
        text = f"{pod.ref} uses its node's address (hostNetwork), which is never exposed"
        yield Step("address", NO, text, "run it without hostNetwork, or put a LoadBalancer Service before it")
        return
    if pod.terminal:
        yield Step("address", NO, f"{pod.ref} has ended, so its address may be another's already")
        return
    if not pod.prefixes:
        text = f"{pod.ref} has no address yet"
        yield Step("address", NO, text, _kubectl(pod.ref, "describe"))
        return
    going = ", and is being deleted" if pod.deleting else ""
    yield Step("address", OK, f"{pod.ref} has {', '.join(pod.prefixes)}{going}")
    workload = evidence.workload_of(pod)
    if workload is None:
        yield Step(
            "owner", NO, f"{_chain(evidence, pod)}, which leads to no Deployment, StatefulSet or DaemonSet"
        )
        return
    yield Step("owner", OK, _chain(evidence, pod))
    yield from workload_steps(evidence, workload)
    yield from _exposes(evidence, workload, "pods", pod.ref)


def service_steps(evidence: Evidence, service: ServiceFacts) -> Iterator[Step]:
    """Follow a Service to the workloads behind it."""
    ref = service.ref
    if not service.load_balancer:
        text = f"{ref} is not of type LoadBalancer, so it has no address outside of the cluster"
        yield Step("address", NO, text, f"kubectl -n {ref.namespace} patch service {ref.name} "
                   "-p '{\"spec\":{\"type\":\"LoadBalancer\"}}'")  # fmt: skip
        return
    if service.prefixes:
        yield Step("address", OK, f"{ref} has {', '.join(service.prefixes)}")
    elif service.hostnames:
        text = f"{ref} has hostnames only, which are not resolved: {', '.join(service.hostnames)}"
        yield Step("address", NO, text)
    else:
        text = f"{ref} has no load balancer address yet"
        yield Step("address", NO, text, _kubectl(ref, "describe"))
    selected = evidence.selected_by(service)
    if not selected:
        what = "selects no workload of its namespace" if service.selector else "has no selector"
        yield Step("owner", NO, f"{ref} {what}", _kubectl(ref, "describe"))
        return
    yield Step("owner", OK, f"{ref} stands before {', '.join(str(one.ref) for one in selected)}")
    asking = [one for one in selected if one.annotation is not None] or selected[:1]
    for workload in asking:
        yield from workload_steps(evidence, workload)
        yield from _exposes(evidence, workload, "services", ref)


def workload_steps(evidence: Evidence, workload: WorkloadFacts) -> Iterator[Step]:
    """Say whether a workload asks for an EPG, and whether it may have it."""
    ref, claim = workload.ref, evidence.claim(workload)
    if workload.annotation is None:
        command = f"kubectl -n {ref.namespace} annotate {ref.kind.lower()} {ref.name} "
        near = f": {workload.near_miss}" if workload.near_miss else ""
        text = f"{ref} does not bear the annotation {evidence.annotation_key}{near}"
        yield Step("annotated", NO, text, f"{command}'{evidence.annotation_key}={EXAMPLE}'")
        return
    yield Step("annotated", OK, f"{ref} bears the annotation")
    if claim is None:
        refused = [one for one in evidence.notices(ref) if one.reason is Reason.NOT_ALLOWED]
        text = refused[0].message if refused else "its annotation is not allowed"
        yield Step("allowed", NO, text, Reason.NOT_ALLOWED.next_step)
        return
    if claim.workload is None:
        text = claim.guard.message if claim.guard else "the annotation cannot be read"
        yield Step("readable", NO, text, _kubectl(ref, "edit"))
        return
    yield Step("readable", OK, f"it names the EPG {claim.workload.binding}")
    yield Step("allowed", OK, f"the namespace {ref.namespace} may name that EPG")
    if claim.workload.paused:
        key = f"{evidence.annotation_key.rpartition('/')[0]}/paused-"
        text = f"{ref} is paused: what is there stays as it is, and nothing new is made"
        yield Step(
            "paused", NO, text, f"kubectl -n {ref.namespace} annotate {ref.kind.lower()} {ref.name} {key}"
        )
    for notice in evidence.notices(ref):
        if notice.reason not in _SAID_ELSEWHERE:
            yield Step("notice", NOTE, f"{notice.reason}: {notice.message}", notice.reason.next_step)


def _exposes(evidence: Evidence, workload: WorkloadFacts, what: str, source: ObjectRef) -> Iterator[Step]:
    claim = evidence.claim(workload)
    if claim is None or claim.workload is None:
        return
    if what not in claim.expose:
        only = ", ".join(sorted(claim.expose)) or "nothing"
        text = (
            f"{workload.ref} exposes {only}, and not its {what} (annotation key `expose`, setting --expose)"
        )
        yield Step("exposed", NO, text, _kubectl(workload.ref, "edit"))
        return
    if any(one.source == source for one in evidence.desired.exposures):
        return  # each prefix says so for itself
    others = [
        one
        for one in evidence.notices(workload.ref)
        if one.reason in (Reason.OUT_OF_RANGE, Reason.AMBIGUOUS_SERVICE)
    ]
    why = f": {others[0].message}" if others else ""
    next_step = others[0].reason.next_step if others else ""
    yield Step("wanted", NO, f"no address of {source} is wanted{why}", next_step)


def _chain(evidence: Evidence, pod: PodFacts) -> str:
    """Tell the chain of controllers, from the Pod upwards."""
    names, owner = [str(pod.ref)], pod.owner
    if owner is None:
        return f"{pod.ref} has no controller"
    if owner.kind == "ReplicaSet" and owner.uid in evidence.snapshot.replicasets:
        replicaset = evidence.snapshot.replicasets[owner.uid]
        names.append(str(replicaset.ref))
        owner = replicaset.owner
    if owner is not None:
        workload = evidence.snapshot.workloads.get(owner.uid)
        names.append(str(workload.ref) if workload else f"a {owner.kind}")
    return " -> ".join(names)


def _kubectl(ref: ObjectRef, verb: str) -> str:
    return f"kubectl -n {ref.namespace} {verb} {ref.kind.lower()} {ref.name}"
