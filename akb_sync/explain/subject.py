"""What a person asks about: a prefix, or an object of the cluster as kubectl names it."""

from __future__ import annotations

from dataclasses import dataclass

from akb_sync.errors import SettingsError
from akb_sync.kube.facts import PodFacts, ServiceFacts, WorkloadFacts
from akb_sync.kube.store import Snapshot
from akb_sync.naming import meant_prefix

from .near import near

KINDS = {
    "Pod": ("pod", "pods", "po"),
    "Service": ("service", "services", "svc"),
    "Deployment": ("deployment", "deployments", "deploy"),
    "StatefulSet": ("statefulset", "statefulsets", "sts"),
    "DaemonSet": ("daemonset", "daemonsets", "ds"),
}
"""The kinds that can be asked about, with kubectl's words for each."""
_BY_WORD = {word: kind for kind, words in KINDS.items() for word in words}
_FORMS = "10.1.2.3, 10.1.2.3/32, pod/NAMESPACE/NAME, svc/…, deploy/…, sts/… or ds/…"

Facts = PodFacts | ServiceFacts | WorkloadFacts


@dataclass(frozen=True, slots=True)
class Named:
    """An object that is named, whether it exists or not."""

    kind: str
    namespace: str
    name: str


def parse(asked: str, namespace: str = "") -> str | Named:
    """Read what a person typed: a canonical prefix, or the name of an object.

    Args:
        asked: One of the forms.
        namespace: The namespace of a name that gives none.

    Raises:
        SettingsError: It is neither, or the namespace is missing.
    """
    word, slash, rest = asked.partition("/")
    kind = _BY_WORD.get(word.lower())
    if kind is None:
        if slash and not word[:1].isdigit() and ":" not in word:
            raise SettingsError(f"{word!r} is no kind that can be explained", f"write {_FORMS}")
        return meant_prefix(asked)
    parts = rest.split("/")
    if len(parts) == 1 and namespace:
        parts = [namespace, *parts]
    if len(parts) != 2 or not all(parts):
        raise SettingsError(f"{asked!r} does not say which {kind}", f"write {word}/NAMESPACE/NAME, or add -n")
    if namespace and parts[0] != namespace:
        raise SettingsError(f"{asked!r} and -n {namespace} name two namespaces", "drop one of them")
    return Named(kind, parts[0], parts[1])


def find(named: Named, snapshot: Snapshot) -> Facts:
    """Find the object.

    Raises:
        SettingsError: There is none of that name; says the near ones.
    """
    of_kind = [facts for facts in _all(snapshot, named.kind) if facts.ref.kind == named.kind]
    for facts in of_kind:
        if (facts.ref.namespace, facts.ref.name) == (named.namespace, named.name):
            return facts
    known = [f"{facts.ref.namespace}/{facts.ref.name}" for facts in of_kind]
    asked = f"{named.namespace}/{named.name}"
    raise SettingsError(f"the cluster has no {named.kind} {asked}", near(asked, known))


def _all(snapshot: Snapshot, kind: str) -> list[Facts]:
    if kind == "Pod":
        return list(snapshot.pods.values())
    if kind == "Service":
        return list(snapshot.services.values())
    return list(snapshot.workloads.values())
