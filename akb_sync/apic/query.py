"""The request targets of the APIC: raw, because it takes DNs and filters literally.

A DN carries brackets and slashes inside brackets (`extsubnet-[10.0.0.0/8]`), and Cisco's own client notes
that "properly encoding the URI query parameters breaks APIC" (aci-containers). So nothing is percent-encoded
but what would end or change the request line: blanks, control characters, non-ASCII, `%`, `#`, and in a path
`?`, in a parameter `&` and `+`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

_NOT_IN_PATH = re.compile(r"[^!-~]|[%#?]")
_NOT_IN_PARAMETER = re.compile(r"[^!-~]|[%#&+]")


def mo_path(dn: str) -> str:
    """Give the path of the object at `dn`."""
    return f"/api/mo/{dn}.json"


def class_path(name: str) -> str:
    """Give the path of all objects of a class, fabric wide."""
    return f"/api/class/{name}.json"


def target_of(path: str, params: Mapping[str, str]) -> str:
    """Give the request target: the path and its parameters, escaped as little as can be."""
    query = "&".join(f"{name}={_escape(_NOT_IN_PARAMETER, value)}" for name, value in params.items())
    return _escape(_NOT_IN_PATH, path) + (f"?{query}" if query else "")


def plain(target: str) -> str:
    """Give a target without any percent-encoding, as people read it and as signatures are made of it."""
    return unquote(target)


def _escape(unsafe: re.Pattern[str], text: str) -> str:
    return unsafe.sub(lambda match: quote(match[0], safe=""), text)
