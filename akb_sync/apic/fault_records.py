"""The faults that the fabric raises about external EPGs: what the APIC accepted and the leafs could not do.

A fault stands below the object itself, or below the leaf's copy of it
(`topology/pod-1/node-101/local/svc-policyelem-id-0/uni/epp/rtd-[uni/tn-T/out-L/instP-E]/nwissues/fault-F0467`,
captured by Cisco TAC's pre-upgrade script). Both carry the EPG's DN, so one class query with `wcard` on
the DN finds all of an L3Out's; there is never a query per object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from akb_sync.model import Binding, L3Out

from .ports import Reader
from .query import class_path

_EPG = re.compile(r"uni/tn-([^/\]]+)/out-([^/\]]+)/instP-([^/\]]+)")
_L3OUTS_PER_QUERY = 20
"""As with VRFs: the request line of an APIC holds 4 to 8 KB."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One `faultInst` about an external EPG or what is below it."""

    binding: Binding
    code: str
    severity: str
    dn: str
    description: str = ""


def read_faults(session: Reader, l3outs: Iterable[L3Out]) -> Mapping[Binding, tuple[Fault, ...]]:
    """Ask for the faults of all external EPGs of some L3Outs; one query for up to twenty.

    Raises:
        ApicError: a query failed; then nothing is known.
    """
    found: dict[Binding, list[Fault]] = {}
    for path, params in fault_queries(l3outs):
        for item in session.get(path, params):
            for body in item.values():
                fault = fault_of(body.get("attributes", {}))
                if fault is not None:
                    found.setdefault(fault.binding, []).append(fault)
    return {binding: tuple(sorted(faults)) for binding, faults in found.items()}


def fault_queries(l3outs: Iterable[L3Out]) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the queries for the faults of external EPGs of these L3Outs."""
    ordered = sorted(set(l3outs))
    for start in range(0, len(ordered), _L3OUTS_PER_QUERY):
        terms = [
            f'wcard(faultInst.dn,"{one.dn}/instP-")' for one in ordered[start : start + _L3OUTS_PER_QUERY]
        ]
        wanted = terms[0] if len(terms) == 1 else f"or({','.join(terms)})"
        yield class_path("faultInst"), {"query-target-filter": wanted}


def fault_of(attributes: Mapping[str, str]) -> Fault | None:
    """Read a `faultInst`; None for one that is cleared, or about something else."""
    match = _EPG.search(attributes.get("dn", ""))
    if match is None or attributes.get("severity") == "cleared":
        return None
    return Fault(
        Binding(*match.groups()),
        attributes.get("code", ""),
        attributes.get("severity", ""),
        attributes["dn"],
        attributes.get("descr", ""),
    )
