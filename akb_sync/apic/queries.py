"""The queries that the view sends: one subtree per L3Out, and a few class queries to find L3Outs.

The forms are those of the "Cisco APIC REST API Configuration Guide"; all are flat (`query-target`), because
flat answers and events carry `dn`, and nested children do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from akb_sync.errors import ApicRejected
from akb_sync.mark import tag_key
from akb_sync.model import L3Out

from .change import TAG
from .query import class_path

CORE = ("l3extOut", "l3extRsEctx", "l3extInstP", "l3extSubnet")
"""Without these nothing can be said about an L3Out."""
OPTIONAL = (
    "fvRsProv",
    "fvRsCons",
    "fvRsConsIf",
    "fvRsProtBy",
    "fvRsIntraEpg",
    "fvRsSecInherited",
    "l3extRsInstPToProfile",
    "l3extRsSubnetToProfile",
    "tagAnnotation",
    "tagTag",
    "tagInst",
)
"""An APIC that does not know one of these has no object of it either."""
_UNSUPPORTED = frozenset({"12", "122", "400"})
_VRFS_PER_QUERY = 20
"""The APIC takes a request line of 4 to 8 KB; a term of the filter is 60 to 170 characters."""


class SubtreeQuery:
    """The query for one L3Out, without the classes that this APIC turned out not to know."""

    def __init__(self) -> None:
        """Begin with all classes."""
        self._optional = list(OPTIONAL)

    @property
    def params(self) -> dict[str, str]:
        """The parameters; the same for each L3Out."""
        return {
            "query-target": "subtree",
            "target-subtree-class": ",".join([*CORE, *self._optional]),
        }

    def drop_unsupported(self, error: ApicRejected) -> bool:
        """Leave out the class that `error` complains about; False when it complains of something else.

        Releases word it differently: `unresolved class for X` with code 400, `class X not found` with code
        122, or code 12 with a text that names none; then the youngest class goes first.
        """
        if error.code not in _UNSUPPORTED:
            return False
        words = set(re.findall(r"\w+", error.text))
        named = [cls for cls in self._optional if cls in words]
        if named:
            self._optional = [cls for cls in self._optional if cls not in named]
        elif error.code == "12" and self._optional:
            self._optional.pop()
        else:
            return False
        return True


def mates_queries(vrfs: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Ask which L3Outs, of any tenant, are related to the VRFs with these DNs."""
    ordered = sorted(vrfs)
    for start in range(0, len(ordered), _VRFS_PER_QUERY):
        terms = [f'eq(l3extRsEctx.tDn,"{vrf}")' for vrf in ordered[start : start + _VRFS_PER_QUERY]]
        wanted = terms[0] if len(terms) == 1 else f"or({','.join(terms)})"
        yield class_path("l3extRsEctx"), {"query-target-filter": wanted}


def marked_queries(uid8: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Ask for every EPG and subnet whose annotation has the cluster id where a mark has it.

    The mark's name and DN hash are not compared: one L3Out too many is read and found to have nothing
    of ours, one too few would never be cleaned.
    """
    for cls in ("l3extInstP", "l3extSubnet"):
        yield (
            class_path(cls),
            {"query-target-filter": f'wcard({cls}.annotation,".{uid8}:")', "rsp-prop-include": "naming-only"},
        )


def tagged_query(uid8: str) -> tuple[str, dict[str, str]]:
    """Ask for a cluster's own tags: they outlive its marks on an EPG that was released."""
    return class_path(TAG), {"query-target-filter": f'eq({TAG}.key,"{tag_key(uid8)}")'}


def below_query() -> dict[str, str]:
    """Ask for an object and everything below it, whatever the class."""
    return {"query-target": "subtree"}


def l3outs_of(answer: Iterable[dict[str, dict[str, dict[str, str]]]]) -> set[L3Out]:
    """Name the L3Outs that the objects of a flat answer are in."""
    found = (L3Out.of_dn(body["attributes"].get("dn", "")) for item in answer for body in item.values())
    return {l3out for l3out in found if l3out is not None}
