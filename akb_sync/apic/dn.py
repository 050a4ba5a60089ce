"""Distinguished names taken apart.

A name may have slashes and further names inside brackets (`instP-e/extsubnet-[10.0.0.0/8]`,
`rspathL3OutAtt-[topology/pod-1/paths-101/pathep-[eth1/1]]`), so splitting on `/` is wrong.
"""

from __future__ import annotations

import re

_RN = re.compile(r"(?:[^/\[]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])+")
_SUBNET = "/extsubnet-["


def first(dn: str) -> tuple[str, str]:
    """Give the outermost relative name and the rest (empty when there is none)."""
    match = _RN.match(dn)
    head = match[0] if match else dn
    return head, dn[len(head) + 1 :]


def is_or_below(dn: str, ancestor: str) -> bool:
    """Whether `dn` is `ancestor` or in its subtree."""
    return dn == ancestor or dn.startswith(f"{ancestor}/")


def subnet_ip(dn: str) -> str:
    """Give the text between the brackets of an `l3extSubnet`'s DN, as it stands on the fabric."""
    return dn.rpartition(_SUBNET)[2].removesuffix("]")
