"""Other people's work on the same fabric: what no story of ours may ever change."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.simulated.engine.stage import Stage, epg_dn, subnet_dn

FOREIGN_MARK = "orchestrator:akb-sync:other.0badcafe:12345678"
Dump = dict[str, tuple[str, dict[str, str]]]


def settle_in(stage: Stage) -> None:
    """Hand-made EPGs, one with a contract, another cluster's objects, and another tenant."""
    stage.apic.small_fabric("TEN_ELSE")
    stage.epg("EPG_BY_HAND", "198.51.100.0/24", "198.51.100.7/32")
    contract: dict[str, Any] = {"fvRsCons": {"attributes": {"tnVzBrCPName": "internet"}}}
    stage.apic.post(epg_dn("EPG_BY_HAND"), contract)
    stage.epg("EPG_OF_OTHERS", "203.0.113.9/32", annotation=FOREIGN_MARK)
    stage.edit(subnet_dn("203.0.113.9/32", "EPG_OF_OTHERS"), "l3extSubnet", annotation=FOREIGN_MARK)
    stage.epg("EPG_ELSE", "192.0.2.0/24", l3out="L3O_ELSE", tenant="TEN_ELSE")


def others(stage: Stage) -> Dump:
    """Every object of the policy tree that does not bear our mark."""
    ours = f".{stage.cluster.uid[:8]}:"
    return {
        dn: (cls, attributes)
        for dn, (cls, attributes) in stage.dump().items()
        if ours not in attributes.get("annotation", "")
    }


@contextmanager
def unchanged(stage: Stage) -> Iterator[None]:
    """Fail if one of the objects that are others' now is another one, or gone, when the block ends."""
    before = others(stage)
    yield
    after = others(stage)
    assert {dn: after.get(dn) for dn in before} == before
