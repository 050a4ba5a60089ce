"""Whether the cluster can be reached, trusted and read."""

from __future__ import annotations

import re
from datetime import timedelta

from akb_sync.errors import KubernetesUnauthorized
from akb_sync.kube.whereabouts import own_namespace
from akb_sync.model import Freshness

from .case import Case
from .finding import Finding, failed, named, ok, unknown, warning
from .probe import certificate_expiry
from .registry import Group, Table
from .rights import READS, Right, missing, writes

TABLE = Table(Group.KUBERNETES)
check = TABLE.check
OLDEST = (1, 26)
"""What the engine is tested with; `events.k8s.io/v1` and Leases are older."""
SOON = timedelta(days=14)


@check(
    "kubernetes-config",
    "Is there a kubeconfig, or a service account, with a usable context?",
    "There is no way to know which cluster is meant. Give --kubeconfig and --context.",
)
def config(case: Case) -> Finding:
    """Load the configuration."""
    return ok(f"{case.connection.server} ({case.connection.origin})")


@check(
    "kubernetes-api",
    "Does the API server answer, and is its release one that we know?",
    "The API server does not answer, or not as one. See whether kubectl works with the same kubeconfig.",
    needs=("kubernetes-config",),
)
def api(case: Case) -> Finding:
    """Ask for the version."""
    try:
        version = case.cluster_version
    except KubernetesUnauthorized:
        return ok("it answers, and does not accept us")
    match = re.match(r"v(\d+)\.(\d+)", version)
    if match is None:
        return unknown(f"its version is {version!r}", "kubectl version")
    if (int(match[1]), int(match[2])) < OLDEST:
        return warning(f"Kubernetes {version} is older than what akb-sync is tested with", "kubectl version")
    return ok(f"Kubernetes {version}")


@check(
    "kubernetes-tls",
    "Is the API server's certificate verified, and good for a while?",
    "Without verification whoever is on the path can read the token; an expired certificate ends "
    "every connection.",
    needs=("kubernetes-api",),
)
def tls(case: Case) -> Finding:
    """Look at the trust of the connection and at the end of the certificate."""
    server = case.connection.server
    if not server.startswith("https://"):
        return failed(f"{server} is not encrypted", "name an https:// server in the kubeconfig")
    if not case.connection.verified:
        return warning(
            "the certificate is not verified (insecure-skip-tls-verify)",
            "kubectl config set-cluster NAME --certificate-authority=FILE --insecure-skip-tls-verify=false",
        )
    probe = case.kubernetes_probe
    if probe.expires is None:
        return unknown(
            f"its certificate could not be looked at: {probe.trouble}", f"curl -v {server}/version"
        )
    left = probe.expires - case.clock.now()
    if left < timedelta(0):
        return failed(f"the certificate ended on {probe.expires:%Y-%m-%d}", "kubeadm certs check-expiration")
    if left < SOON:
        return warning(f"the certificate ends on {probe.expires:%Y-%m-%d}", "kubeadm certs check-expiration")
    return ok(f"verified, good until {probe.expires:%Y-%m-%d}")


@check(
    "kubernetes-credentials",
    "Does the API server accept us, and do we know which cluster it is?",
    "The token or certificate is refused or about to end, or the namespace kube-system, whose UID names the "
    "cluster in our marks, cannot be read.",
    needs=("kubernetes-api",),
)
def credentials(case: Case) -> Finding:
    """Read what names the cluster; look at the client certificate."""
    try:
        identity = case.identity
    except KubernetesUnauthorized as error:
        return failed(error.message, "kubectl auth whoami")
    file = case.connection.client_certificate
    if file is not None:
        ends = certificate_expiry(file.read_bytes())
        if ends - case.clock.now() < SOON:
            return warning(f"our client certificate ends on {ends:%Y-%m-%d}", "log in again, or renew it")
    return ok(f"this cluster is {identity.name}.{identity.uid8}")


@check(
    "kubernetes-read-rights",
    "May we list and watch every kind that is read?",
    "A verb is missing from the role, so a kind stays unknown, and what rests on it is neither made "
    "nor deleted.",
    needs=("kubernetes-credentials",),
)
def read_rights(case: Case) -> Finding:
    """Ask for each verb by a SelfSubjectAccessReview."""
    lacking = missing(case.connection, READS)
    if lacking:
        return failed(f"we may not {named(lacking)}", lacking[0].question)
    return ok(f"all {len(READS)} rights to read are there")


@check(
    "kubernetes-write-rights",
    "May we write Events, the Lease and the state?",
    "One-shot commands do without. A running engine needs them: Events for the application teams, "
    "the Lease for "
    "two replicas, the ConfigMap for what only the leader knows.",
    needs=("kubernetes-credentials",),
)
def write_rights(case: Case) -> Finding:
    """Ask for each verb by a SelfSubjectAccessReview."""
    asked = writes(own_namespace(case.settings.engine_namespace))
    if case.settings.state_file:
        asked = tuple(right for right in asked if right.resource != "configmaps")
    lacking: list[Right] = missing(case.connection, asked)
    if lacking:
        return warning(f"we may not {named(lacking)}", lacking[0].question)
    return ok(f"all {len(asked)} rights to write are there")


@check(
    "kubernetes-view",
    "Can every kind be read, and be believed?",
    "A list failed, or came back empty against what the others say. What rests on it is held until "
    "it is right.",
    needs=("kubernetes-credentials",),
)
def view(case: Case) -> Finding:
    """Read all kinds once."""
    desired = case.desired
    bad = {source: one for source, one in desired.sources.items() if one.freshness is not Freshness.FRESH}
    for source, one in bad.items():
        return failed(f"{source} cannot be read: {one.trouble}", Right("list", source).question)
    doubtful = [one.doubtful for one in desired.sources.values() if one.doubtful]
    if doubtful:
        return warning(f"an empty list is not believed: {doubtful[0]}", "kubectl get pods --all-namespaces")
    snapshot = case.cluster.snapshot()
    return ok(
        f"{len(snapshot.workloads)} workloads, {len(snapshot.pods)} Pods, {len(snapshot.services)} Services"
    )
