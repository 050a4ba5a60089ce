"""What a request is about: verb, kind, namespace, name and subresource, read from method and URL.

The verbs are those of authorization (list and watch are both a GET), so counters, faults and RBAC speak one
language.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_VERBS = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
    "GET": "get",
    "HEAD": "get",
}


@dataclass(frozen=True)
class Target:
    """One request's subject. `resource` is empty for paths that are not about objects (`/version`)."""

    verb: str
    path: str
    group: str = ""
    version: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def full_resource(self) -> str:
        """`pods` or `pods/status`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def parse_target(method: str, path: str, query: Mapping[str, str]) -> Target:
    """Read method and path; anything that is no resource path gives a target without a resource."""
    parts = [part for part in path.split("/") if part]
    verb = _VERBS.get(method, method.lower())
    if parts[:1] == ["api"] and len(parts) >= 3:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) >= 4:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return Target(verb, path)
    namespace, resource, name, subresource = _split(rest)
    watching = query.get("watch", "").lower() in ("1", "true", "t")
    if not name:
        verb = {"get": "watch" if watching else "list", "delete": "deletecollection"}.get(verb, verb)
    return Target(verb, path, group, version, resource, namespace, name, subresource)


def _split(rest: list[str]) -> tuple[str, str, str, str]:
    namespace = ""
    if rest[0] == "namespaces" and len(rest) >= 2:
        # What is about a Namespace object counts as being in it, as in RBAC.
        namespace = rest[1]
        if len(rest) > 2 and rest[2] not in ("status", "finalize"):
            rest = rest[2:]
    padded = [*rest, "", "", ""]
    return namespace, padded[0], padded[1], "/".join(rest[2:])
