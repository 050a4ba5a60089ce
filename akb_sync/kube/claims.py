"""What each annotated workload may have: its annotation read, and held against the operator's limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from akb_sync.model import Notice, ObjectRef, Source, Workload
from akb_sync.reasons import Reason

from .annotation import EXPOSABLE, AnnotationError, Request, parse
from .facts import WorkloadFacts
from .home import Home, HomeUnknownError
from .limits import Limits

SOURCE_OF_KIND = {
    "Deployment": Source.DEPLOYMENTS,
    "StatefulSet": Source.STATEFULSETS,
    "DaemonSet": Source.DAEMONSETS,
}


@dataclass(frozen=True, slots=True)
class Claim:
    """An annotated workload whose addresses matter."""

    facts: WorkloadFacts
    workload: Workload | None
    """None: nobody can say which EPG it means, so nothing is wanted; its addresses stay as they are."""
    expose: frozenset[str]
    guard: Notice | None = None
    """Why its addresses stay as they are: it is paused, or cannot be read."""

    @property
    def ref(self) -> ObjectRef:
        """The workload's name."""
        return self.facts.ref

    @property
    def pod_rests_on(self) -> frozenset[Source]:
        """The kinds through which an address of its Pods is known."""
        kind = SOURCE_OF_KIND[self.ref.kind]
        links = {Source.REPLICASETS} if kind is Source.DEPLOYMENTS else set[Source]()
        return frozenset({Source.PODS, kind, *links})

    @property
    def service_rests_on(self) -> frozenset[Source]:
        """The kinds through which an address of its Services is known."""
        return frozenset({Source.SERVICES, SOURCE_OF_KIND[self.ref.kind]})


@dataclass(frozen=True, slots=True)
class Claims:
    """All claims by the workload's UID, and what people should know of the annotations."""

    by_uid: dict[str, Claim]
    undecided: tuple[Notice, ...]
    notices: tuple[Notice, ...]


def claims(workloads: Iterable[WorkloadFacts], limits: Limits, home: Home) -> Claims:
    """Read all annotations, in the order of the workloads' names; `home` completes those with an EPG only."""
    workloads = tuple(workloads)
    near_misses = [Notice(Reason.NEAR_MISS, one.ref, one.near_miss) for one in workloads if one.near_miss]
    by_uid: dict[str, Claim] = {}
    undecided: list[Notice] = []
    notices: list[Notice] = []
    for facts in sorted((one for one in workloads if one.annotation is not None), key=lambda one: one.ref):
        try:
            request = home.completed(parse(facts.annotation or ""))
        except (AnnotationError, HomeUnknownError) as error:
            notice = _unreadable(facts.ref, error)
            undecided.append(notice)
            by_uid[facts.ref.uid] = Claim(facts, None, EXPOSABLE, notice)
            continue
        notices.extend(_unknown_keys(facts.ref, request))
        if refusal := limits.refusal(facts.ref.namespace, request.binding):
            notices.append(Notice(Reason.NOT_ALLOWED, facts.ref, refusal))
        else:
            by_uid[facts.ref.uid] = _granted(facts, request, limits)
    return Claims(by_uid, tuple(undecided), (*notices, *near_misses))


def _unreadable(ref: ObjectRef, error: AnnotationError | HomeUnknownError) -> Notice:
    if isinstance(error, HomeUnknownError):
        return Notice(Reason.PARENT_UNKNOWN, ref, str(error))
    return Notice(Reason.INVALID_ANNOTATION, ref, f"the annotation cannot be read: {error}")


def _granted(facts: WorkloadFacts, request: Request, limits: Limits) -> Claim:
    expose = request.expose & limits.expose
    return Claim(
        facts,
        Workload(facts.ref, request.binding, facts.created, facts.paused, expose),
        expose,
        Notice(Reason.PAUSED, facts.ref, f"{facts.ref} is paused") if facts.paused else None,
    )


def _unknown_keys(ref: ObjectRef, request: Request) -> list[Notice]:
    if not request.unknown:
        return []
    names = ", ".join(request.unknown[:5])
    return [Notice(Reason.UNKNOWN_KEY, ref, f"the annotation has unknown keys: {names}")]
