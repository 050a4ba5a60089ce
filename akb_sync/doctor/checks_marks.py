"""Whose the objects are: ours, another cluster's, another tool's, or nobody's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from akb_sync.apic.query import class_path
from akb_sync.mark import ORCHESTRATOR, Mark, Owner
from akb_sync.model import Binding, ObservedEpg, ObservedSubnet
from akb_sync.reasons import Reason

from .case import Case
from .finding import Finding, named, ok, warning
from .registry import Group, Table

TABLE = Table(Group.MARKS)
check = TABLE.check
VIEW = ("fabric-view",)
PREDECESSOR = "orchestrator:aci-k8-haystack"
"""The mark of the application that akb-sync takes over from (k8-aci-sync)."""


@check(
    "unmanaged",
    "Do all wanted objects bear our mark?",
    "The object was there before us, or lost its mark. It is used as it is, and not repaired. Adopt "
    "it to have it kept.",
    VIEW,
)
def unmanaged(case: Case) -> Finding:
    """Look for wanted objects without our mark."""
    found = [item.binding for item in case.plan.items if item.reason is Reason.UNMANAGED]
    if found:
        return warning(f"objects without our mark in {named(sorted(found))}", f"akb-sync adopt {min(found)}")
    return ok("every wanted object that is there is ours")


@check(
    "released",
    "Is no EPG released that workloads still name?",
    "A person took the EPG back, and nothing is done in it, whatever the workloads ask. Adopt it, or "
    "change the "
    "annotations.",
    VIEW,
)
def released(case: Case) -> Finding:
    """Look for released EPGs."""
    found = [item.binding for item in case.plan.items if item.is_epg and item.reason is Reason.RELEASED]
    if found:
        return warning(
            f"{named(sorted(found))} released, and workloads name it", f"akb-sync adopt {min(found)}"
        )
    return ok("no EPG that is named is released")


@check(
    "foreign-marks",
    "Does no other cluster work in our EPGs?",
    "Two clusters write to one EPG. Each keeps to its own objects, but the EPG goes only when both "
    "are done with it.",
    VIEW,
)
def foreign_marks(case: Case) -> Finding:
    """Look for marks of other clusters in EPGs that matter to us."""
    found = [
        (binding, mark.cluster)
        for binding, annotation, dn in _marked(case)
        if case.identity.owner(annotation, dn) is Owner.FOREIGN and (mark := Mark.parse(annotation))
    ]
    if found:
        clusters = named(sorted({cluster for _, cluster in found}))
        where = named(sorted({binding for binding, _ in found}))
        return warning(f"{clusters} has marks in {where}", f"akb-sync status {found[0][0]} -o wide")
    return ok("nobody else's marks in our EPGs")


@check(
    "other-orchestrators",
    "Does no other tool manage objects in our EPGs?",
    "Another tool's mark is on the object, so it may rewrite or delete it. Hand the object over in "
    "that tool first, "
    "then adopt it.",
    VIEW,
)
def other_orchestrators(case: Case) -> Finding:
    """Look for marks of other tools in EPGs that matter to us."""
    found = [
        (binding, annotation)
        for binding, annotation, _ in _marked(case)
        if annotation.startswith("orchestrator:") and not annotation.startswith(ORCHESTRATOR)
    ]
    if not found:
        return ok("no other tool's marks in our EPGs")
    binding, annotation = min(found)
    told = (
        f"{named(sorted({one for _, one in found}))} on objects in {named(sorted({one for one, _ in found}))}"
    )
    how = "--from aci-k8-haystack" if annotation == PREDECESSOR else "--force"
    return warning(told, f"akb-sync adopt {binding} {how}")


@check(
    "copied-marks",
    "Does every mark of ours fit its object?",
    "The object was copied along with our mark, so the mark names another one. The copy is not ours, "
    "and is left alone.",
    VIEW,
)
def copied_marks(case: Case) -> Finding:
    """Look for marks with our id on other objects than they were made for."""
    found = [
        dn
        for _, annotation, dn in _marked(case, everywhere=True)
        if (mark := Mark.parse(annotation))
        and mark.uid8 == case.identity.uid8
        and case.identity.owner(annotation, dn) is Owner.UNMANAGED
    ]
    if found:
        return warning(
            f"our mark was copied to {named(sorted(found))}", f"see the annotation of {min(found)}"
        )
    return ok("every mark of ours fits its object")


@check(
    "marks-lost",
    "Have our marks stayed where we put them?",
    "Many marks were emptied at once: another controller rewrites annotations. Find it in the APIC's "
    "audit log.",
    VIEW,
)
def marks_lost(case: Case) -> Finding:
    """Look for the alarm of the plan."""
    found = [notice for notice in case.plan.notices if notice.reason is Reason.MARKS_LOST]
    if found:
        return warning(found[0].message, "see System > History > Audit Logs on the APIC")
    return ok("no mark was lost")


@check(
    "orphans",
    "Is everything of ours still wanted?",
    "An EPG of ours that no workload names stays, because it holds other people's work. Take that "
    "work off it, or "
    "leave it.",
    VIEW,
)
def orphans(case: Case) -> Finding:
    """Look for what of ours stays though nobody wants it."""
    found = [item for item in case.plan.held if item.hold and item.hold.reason is Reason.IN_USE]
    if found:
        one = found[0]
        why = one.hold.message if one.hold else ""
        return warning(
            f"{named(item.binding for item in found)} is wanted by nobody: {why}",
            f"akb-sync status {one.binding}",
        )
    return ok("nothing of ours is left over")


@check(
    "other-clusters",
    "Do the marks of other clusters on this fabric belong to living ones?",
    "A cluster of our name and another id was here before: most often this one, before it was "
    "rebuilt. Adopt what it "
    "left, or purge it.",
    VIEW,
)
def other_clusters(case: Case) -> Finding:
    """Look for the marks of every akb-sync on the fabric, in two queries."""
    counted: Counter[tuple[str, str]] = Counter()
    for cls in ("l3extInstP", "l3extSubnet"):
        wanted = f'wcard({cls}.annotation,"{ORCHESTRATOR}")'
        for item in case.session.get(class_path(cls), {"query-target-filter": wanted}):
            for body in item.values():
                mark = Mark.parse(body["attributes"].get("annotation", ""))
                if mark and mark.uid8 != case.identity.uid8:
                    counted[mark.name, mark.uid8] += 1
    namesakes = sorted(f"{name}.{uid8}" for name, uid8 in counted if name == case.identity.name)
    if namesakes:
        count = sum(number for (name, _), number in counted.items() if name == case.identity.name)
        return warning(
            f"{count} object(s) of {named(namesakes)}, which has our name and another id",
            f"akb-sync adopt --all --from {namesakes[0]}",
        )
    told = (f"{count} of {name}.{uid8}" for (name, uid8), count in sorted(counted.items()))
    return ok(f"objects of others: {named(told)}" if counted else "no other cluster's marks on this fabric")


def _marked(case: Case, *, everywhere: bool = False) -> Iterator[tuple[Binding, str, str]]:
    """Give EPG, annotation and DN of all annotated objects in EPGs that matter to us, or in all in view."""
    for l3out in case.observed.l3outs.values():
        for epg in l3out.epgs.values():
            if everywhere or epg.binding in case.bindings:
                yield from _of_epg(epg)


def _of_epg(epg: ObservedEpg) -> Iterator[tuple[Binding, str, str]]:
    objects: tuple[ObservedEpg | ObservedSubnet, ...] = (epg, *epg.subnets.values())
    for one in objects:
        if one.annotation:
            yield epg.binding, one.annotation, one.dn
