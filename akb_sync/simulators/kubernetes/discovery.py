"""Discovery: groups, versions and kinds, in the plain and the aggregated form, and a small OpenAPI.

kubectl reads this before it does anything. The OpenAPI documents hold just enough for kubectl to see that
the server validates fields itself (`fieldValidation`), so that `kubectl create` and `apply` work without
flags.
"""

from typing import Any

from akb_sync.simulators.kubernetes.options import Options
from akb_sync.simulators.kubernetes.resources import Resource, ResourceTable

Json = dict[str, Any]

AGGREGATED = "as=APIGroupDiscoveryList"
# An OpenAPI v2 document without definitions, in the protobuf form that kubectl asks for: field 1 is
# `swagger`, field 2 `info` with title and version. kubectl wants one before it sends a file of kind List.
EMPTY_OPENAPI_V2 = b"\x0a\x032.0" + b"\x12\x0f" + b"\x0a\x0aKubernetes" + b"\x12\x011"
# kind and group version of what a subresource exchanges, where it is not the resource's own
_SUBRESOURCE_KINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
}
_SUBRESOURCE_VERBS = {"eviction": ["create"], "binding": ["create"], "finalize": ["update"]}


class Discovery:
    """Answers for the paths that are about the server itself."""

    def __init__(self, table: ResourceTable, options: Options) -> None:
        self._table = table
        self._options = options

    def answer(self, path: str, accept: str) -> Json | str | bytes | None:
        """A JSON document, a text, a protobuf document, or None when there is nothing at this path."""
        parts = [part for part in path.split("/") if part]
        match parts:
            case ["version"]:
                return self._version()
            case ["healthz" | "livez" | "readyz", *_]:
                return "ok"
            case ["api" | "apis"] if AGGREGATED in accept and "v=v2" in accept:
                return self._aggregated(parts[0])
            case ["openapi", "v2"]:
                return EMPTY_OPENAPI_V2
            case ["openapi", "v3", *rest]:
                return self._openapi(rest)
            case _:
                return self._plain(parts)

    def aggregated_type(self, path: str, accept: str) -> str:
        """The content type of an aggregated answer, or empty for plain JSON."""
        if path.strip("/") not in ("api", "apis") or AGGREGATED not in accept:
            return ""
        return "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

    def _plain(self, parts: list[str]) -> Json | None:  # noqa: PLR0911 - one line for each kind of path
        groups = self._table.group_versions()
        match parts:
            case []:
                return {
                    "paths": [
                        "/api",
                        "/api/v1",
                        "/apis",
                        "/healthz",
                        "/livez",
                        "/openapi/v3",
                        "/readyz",
                        "/version",
                    ]
                }
            case ["api"]:
                addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": ""}]
                return {
                    "kind": "APIVersions",
                    "versions": groups[""],
                    "serverAddressByClientCIDRs": addresses,
                }
            case ["api", version] if version in groups[""]:
                return self._resource_list("", version)
            case ["apis"]:
                named = [self._group(name) for name in groups if name]
                return {"kind": "APIGroupList", "apiVersion": "v1", "groups": named}
            case ["apis", group] if group in groups:
                return {"kind": "APIGroup", "apiVersion": "v1", **self._group(group)}
            case ["apis", group, version] if version in groups.get(group, []):
                return self._resource_list(group, version)
            case _:
                return None

    def _version(self) -> Json:
        major, minor = self._options.git_version.removeprefix("v").split(".")[:2]
        return {
            "major": major,
            "minor": minor,
            "gitVersion": self._options.git_version,
            "gitCommit": "",
            "gitTreeState": "",
            "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "",
            "compiler": "",
            "platform": "",
        }

    def _group(self, name: str) -> Json:
        versions = [
            {"groupVersion": f"{name}/{version}", "version": version}
            for version in self._table.group_versions()[name]
        ]
        return {"name": name, "versions": versions, "preferredVersion": versions[0]}

    def _rows(self, group: str, version: str) -> list[Resource]:
        return [row for row in self._table.rows if (row.group, row.version) == (group, version)]

    def _resource_list(self, group: str, version: str) -> Json:
        entries: list[Json] = []
        for row in self._rows(group, version):
            entries.append(_entry(row))
            entries += [_subresource_entry(row, name) for name in row.subresources]
        group_version = f"{group}/{version}" if group else version
        return {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": group_version,
            "resources": entries,
        }

    def _aggregated(self, root: str) -> Json:
        groups = [name for name in self._table.group_versions() if bool(name) is (root == "apis")]
        return {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": {},
            "items": [self._aggregated_group(name) for name in groups],
        }

    def _aggregated_group(self, group: str) -> Json:
        versions = [
            {
                "version": version,
                "freshness": "Current",
                "resources": [_aggregated_entry(row) for row in self._rows(group, version)],
            }
            for version in self._table.group_versions()[group]
        ]
        return {"metadata": {"name": group} if group else {}, "versions": versions}

    def _openapi(self, rest: list[str]) -> Json | None:
        groups = self._table.group_versions()
        paths = [
            f"apis/{group}/{version}" if group else f"api/{version}"
            for group in groups
            for version in groups[group]
        ]
        if not rest:
            return {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}"} for path in paths}}
        if "/".join(rest) not in paths:
            return None
        group, version = (rest[1], rest[2]) if rest[0] == "apis" else ("", rest[1])
        return {
            "openapi": "3.0.0",
            "info": {"title": "Kubernetes", "version": self._options.git_version},
            "paths": dict(_openapi_path(row) for row in self._rows(group, version)),
            "components": {"schemas": {}},
        }


def _entry(row: Resource) -> Json:
    entry: Json = {
        "name": row.plural,
        "singularName": row.singular,
        "namespaced": row.namespaced,
        "kind": row.kind,
        "verbs": list(row.verbs),
    }
    if row.short_names:
        entry["shortNames"] = list(row.short_names)
    if row.categories:
        entry["categories"] = list(row.categories)
    return entry


def _subresource_entry(row: Resource, name: str) -> Json:
    entry: Json = {"name": f"{row.plural}/{name}", "singularName": "", "namespaced": row.namespaced}
    group, version, kind = _SUBRESOURCE_KINDS.get(name, ("", "", row.kind))
    if version:
        entry |= {"group": group, "version": version}
    return entry | {"kind": kind, "verbs": _SUBRESOURCE_VERBS.get(name, ["get", "patch", "update"])}


def _aggregated_entry(row: Resource) -> Json:
    entry: Json = {
        "resource": row.plural,
        "responseKind": {"group": row.group, "version": row.version, "kind": row.kind},
        "scope": "Namespaced" if row.namespaced else "Cluster",
        "singularResource": row.singular,
        "verbs": list(row.verbs),
    }
    if row.short_names:
        entry["shortNames"] = list(row.short_names)
    if row.categories:
        entry["categories"] = list(row.categories)
    if row.subresources:
        entry["subresources"] = [_aggregated_subresource(row, name) for name in row.subresources]
    return entry


def _aggregated_subresource(row: Resource, name: str) -> Json:
    group, version, kind = _SUBRESOURCE_KINDS.get(name, (row.group, row.version, row.kind))
    return {
        "subresource": name,
        "responseKind": {"group": group, "version": version, "kind": kind},
        "verbs": _SUBRESOURCE_VERBS.get(name, ["get", "patch", "update"]),
    }


def _openapi_path(row: Resource) -> tuple[str, Json]:
    root = f"/apis/{row.group}/{row.version}" if row.group else f"/api/{row.version}"
    scope = "/namespaces/{namespace}" if row.namespaced else ""
    kind = {"group": row.group, "version": row.version, "kind": row.kind}
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("dryRun", "fieldValidation")
    ]
    patch = {
        "parameters": parameters,
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": kind,
    }
    return f"{root}{scope}/{row.plural}/{{name}}", {
        "patch": {**patch, "responses": {"200": {"description": "OK"}}}
    }
