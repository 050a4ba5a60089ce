"""Whether what the application teams wrote means what they think."""

from __future__ import annotations

from collections.abc import Iterable

from akb_sync.model import Notice, ObjectRef
from akb_sync.reasons import Reason

from .case import Case
from .finding import Finding, named, ok, warning
from .registry import Group, Table

TABLE = Table(Group.WORKLOADS)
check = TABLE.check
VIEW = ("kubernetes-view",)


@check(
    "workloads",
    "Does any workload bear the annotation?",
    "Nothing asks for an EPG, so there is nothing to do. Annotate a Deployment, or see whether "
    "--annotation-key is "
    "the key that people use.",
    VIEW,
)
def workloads(case: Case) -> Finding:
    """Count the annotated workloads."""
    found = [one for one in case.cluster.snapshot().workloads.values() if one.annotation is not None]
    key = case.settings.annotation_key
    if not found:
        return warning(f"no workload bears {key}", f"kubectl -n NAMESPACE annotate deployment NAME {key}=...")
    return ok(f"{len(found)} annotated, {len(case.desired.exposures)} addresses wanted")


@check(
    "annotations",
    "Can every annotation be read?",
    "Nobody can say which EPG it means: its addresses stay as they are, and no EPG at all is deleted "
    "meanwhile.",
    VIEW,
)
def malformed(case: Case) -> Finding:
    """Look for annotations that cannot be read."""
    return _told(case, Reason.INVALID_ANNOTATION, "every annotation can be read", "edit")


@check(
    "home",
    "Is the L3Out known that annotations with an EPG only mean?",
    "The annotation leaves tenant and L3Out to us, and the fabric gives none or several answers. Set "
    "--default-l3out.",
    VIEW,
)
def home(case: Case) -> Finding:
    """Look for annotations without an L3Out."""
    found = _notices(case, Reason.PARENT_UNKNOWN)
    if not found:
        return ok("no annotation waits for an L3Out")
    return warning(_sentence(found), "akb-sync watch --default-l3out TENANT/L3OUT")


@check(
    "near-miss",
    "Is there an annotation that nearly fits?",
    "Somebody meant our annotation and wrote another key. It has no effect at all.",
    VIEW,
)
def near_miss(case: Case) -> Finding:
    """Look for keys that people mistake for ours."""
    return _told(case, Reason.NEAR_MISS, "no annotation nearly fits", "edit")


@check(
    "unknown-keys",
    "Does every key inside the annotations mean something?",
    "The key has no effect: most often it is misspelt.",
    VIEW,
)
def unknown_keys(case: Case) -> Finding:
    """Look for keys that mean nothing."""
    return _told(case, Reason.UNKNOWN_KEY, "every key is known", "edit")


@check(
    "not-allowed",
    "May every workload have the EPG that it names?",
    "The setting `allow` does not let the namespace name that EPG, or the tenant is the fabric's own.",
    VIEW,
)
def not_allowed(case: Case) -> Finding:
    """Look for refused annotations."""
    found = _notices(case, Reason.NOT_ALLOWED)
    if not found:
        return ok("every workload may have what it names")
    binding = found[0].subject.namespace
    return warning(_sentence(found), f"akb-sync watch --allow '{binding}=TENANT/L3OUT/EPG'")


@check(
    "out-of-range",
    "Are all addresses in the ranges that may be exposed?",
    "The address is outside of --pod-cidrs or --service-cidrs, or of a class that is never exposed.",
    VIEW,
)
def out_of_range(case: Case) -> Finding:
    """Look for refused addresses."""
    return _told(case, Reason.OUT_OF_RANGE, "every address is in range", "describe")


@check(
    "host-network",
    "Do all Pods have addresses of their own?",
    "A Pod with hostNetwork has its node's address, which is not exposed.",
    VIEW,
)
def host_network(case: Case) -> Finding:
    """Look for Pods on their node's network."""
    return _told(case, Reason.HOST_NETWORK, "every Pod has an address of its own", "get -o wide")


@check(
    "hostnames",
    "Do all load balancers give addresses?",
    "The load balancer gives a hostname, which is not resolved: only addresses become subnets.",
    VIEW,
)
def hostnames(case: Case) -> Finding:
    """Look for load balancers with a hostname."""
    return _told(case, Reason.HOSTNAME_NOT_SUPPORTED, "every load balancer gives addresses", "describe")


@check(
    "ambiguous-services",
    "Does each Service stand before workloads of one EPG only?",
    "The Service selects workloads of two EPGs; the oldest workload gets its addresses. Narrow the selector.",
    VIEW,
)
def ambiguous_services(case: Case) -> Finding:
    """Look for Services before several EPGs."""
    return _told(case, Reason.AMBIGUOUS_SERVICE, "every Service belongs to one EPG", "describe")


@check(
    "paused-workloads",
    "Is no workload paused?",
    "A paused workload keeps what is there and gets nothing new. Take the annotation off when the "
    "work is done.",
    VIEW,
)
def paused_workloads(case: Case) -> Finding:
    """Look for paused workloads."""
    found = [workload.ref for workload in case.desired.workloads if workload.paused]
    if not found:
        return ok("no workload is paused")
    key = f"{case.settings.annotation_key.rpartition('/')[0]}/paused"
    return warning(f"{named(found)} paused", f"{_kubectl(found[0], 'annotate')} {key}-")


def _told(case: Case, reason: Reason, fine: str, verb: str) -> Finding:
    found = _notices(case, reason)
    return warning(_sentence(found), _kubectl(found[0].subject, verb)) if found else ok(fine)


def _notices(case: Case, reason: Reason) -> list[Notice]:
    desired = case.desired
    return [one for one in dict.fromkeys((*desired.undecided, *desired.notices)) if one.reason is reason]


def _sentence(found: Iterable[Notice]) -> str:
    told = list(found)
    more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
    return f"{told[0].subject}: {told[0].message}{more}"


def _kubectl(ref: ObjectRef, verb: str) -> str:
    return f"kubectl -n {ref.namespace} {verb} {ref.kind.lower()} {ref.name}"
