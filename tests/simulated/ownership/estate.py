"""What other parties leave on a fabric, and the commands of the library on top of a stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from akb_sync.engine import Engine, Report
from akb_sync.mark import Identity
from akb_sync.ownership import Deed, Origin, Ownership, Terms
from tests.simulated.engine.stage import EPG, L3OUT, TENANT, Stage, epg_dn, subnet_dn

PRIOR = "orchestrator:aci-k8-haystack"
DEAD = Identity("old", "0ddba11e")
ONLY_PRIOR = Terms(Origin(), only_origin=True)


def leave(
    stage: Stage,
    epg: str,
    *addresses: str,
    mark: str | Identity = PRIOR,
    l3out: str = L3OUT,
    tenant: str = TENANT,
) -> None:
    """An EPG with subnets, as another party left them: with its mark on each object.

    The prior application gave its subnets no name and marked EPG and subnets alike.
    """
    dn = epg_dn(epg, l3out, tenant)
    children = []
    for address in addresses:
        of_subnet = subnet_dn(f"{address}/32", epg, l3out, tenant)
        attributes = {"ip": f"{address}/32", "annotation": _annotation(mark, of_subnet)}
        children.append({"l3extSubnet": {"attributes": attributes}})
    attributes = {"name": epg, "annotation": _annotation(mark, dn)}
    document = {"l3extInstP": {"attributes": attributes, "children": children}}
    stage.apic.post(f"uni/tn-{tenant}/out-{l3out}", document)


def _annotation(mark: str | Identity, dn: str) -> str:
    return mark.mark(dn) if isinstance(mark, Identity) else mark


@contextmanager
def owning(stage: Stage, **settings: Any) -> Iterator[tuple[Engine, Ownership]]:
    """A process of its own."""
    with stage.engine(**settings) as engine:
        yield engine, Ownership(engine)


def adopt(stage: Stage, epg: str = EPG, terms: Terms | None = None, **settings: Any) -> tuple[Deed, Report]:
    with owning(stage, **settings) as (_, ownership):
        deed = ownership.adoption(epg, terms or Terms())
        return deed, ownership.carry_out(deed)


def adopt_all(stage: Stage, terms: Terms = ONLY_PRIOR) -> tuple[Deed, Report]:
    with owning(stage) as (_, ownership):
        deed = ownership.adoption_of_all(terms)
        return deed, ownership.carry_out(deed)


def release(stage: Stage, epg: str = EPG) -> tuple[Deed, Report]:
    with owning(stage) as (_, ownership):
        deed = ownership.release(epg)
        return deed, ownership.carry_out(deed)


def release_all(stage: Stage) -> tuple[Deed, Report]:
    with owning(stage) as (_, ownership):
        deed = ownership.release_of_all()
        return deed, ownership.carry_out(deed)


def purge(stage: Stage, cluster: Identity = DEAD, journal: Path | None = None) -> tuple[Deed, Report]:
    with owning(stage, journal=journal) as (_, ownership):
        deed = ownership.purge(f"{cluster.name}.{cluster.uid8}")
        return deed, ownership.carry_out(deed)


def identity(stage: Stage) -> Identity:
    with stage.engine() as engine:
        return engine.identity


def annotations(stage: Stage) -> dict[str, str]:
    """Every annotation in the policy tree that is not empty, by DN."""
    return {
        dn: attributes["annotation"]
        for dn, (_, attributes) in stage.dump().items()
        if attributes.get("annotation")
    }


def tags(stage: Stage) -> dict[str, str]:
    """Every `tagAnnotation` in the policy tree: DN to value."""
    return {
        dn: attributes["value"] for dn, (cls, attributes) in stage.dump().items() if cls == "tagAnnotation"
    }


def configured(stage: Stage) -> dict[str, tuple[str, dict[str, str]]]:
    """The whole policy tree but for who wrote an object last."""
    return {
        dn: (cls, {name: text for name, text in attributes.items() if name not in ("uid", "userdom")})
        for dn, (cls, attributes) in stage.dump().items()
    }


def without_marks(stage: Stage) -> dict[str, tuple[str, dict[str, str]]]:
    """The whole policy tree but for annotations and tags: what the fabric works by."""
    return {
        dn: (cls, {name: text for name, text in attributes.items() if name != "annotation"})
        for dn, (cls, attributes) in stage.dump().items()
        if cls != "tagAnnotation"
    }


def age(stage: Stage, seconds: float = 3600) -> None:
    """Let time pass on the fabric, so that what is there is old."""
    stage.apic.clock.advance(seconds)
