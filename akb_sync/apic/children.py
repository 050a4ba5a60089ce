"""Which objects below an external EPG are people's work.

The APIC makes objects of its own below every EPG (an empty `fvRsCustQosPol`, faults, health). Those may go
with the EPG; what a person made may not. Class by class, since `uid` alone is not enough: a relation that
the APIC made keeps `uid` 0 when a person fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

CONTRACT_NAMES: Mapping[str, str] = {
    "fvRsProv": "tnVzBrCPName",
    "fvRsCons": "tnVzBrCPName",
    "fvRsConsIf": "tnVzCPIfName",
}
"""Relations to contracts, and the attribute that names the contract."""
PEOPLES = frozenset(
    {
        *CONTRACT_NAMES,
        "fvRsProtBy",
        "fvRsIntraEpg",
        "fvRsSecInherited",
        "l3extRsInstPToProfile",
        "l3extRsSubnetToProfile",
        "tagTag",
        "tagInst",
    }
)
"""Nobody but a person (or their tool) makes these."""
OUR_TAGS = "akb-sync."
_OPERATIONAL = ("fault", "health", "stats", "event", "reln")
"""Prefixes of classes that report, and are never configured."""


def people_made(cls: str, attributes: Mapping[str, str]) -> bool:
    """Whether an object below an EPG, other than an `l3extSubnet`, is people's work."""
    if cls == "tagAnnotation":
        return not attributes.get("key", "").startswith(OUR_TAGS)
    if cls in PEOPLES:
        return True
    if cls.startswith(_OPERATIONAL):
        return False
    if any(value and re.fullmatch(r"tn\w+Name", name) for name, value in attributes.items()):
        return True
    return attributes.get("uid", "") not in ("", "0")
