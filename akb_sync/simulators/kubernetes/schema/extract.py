"""Makes `types.json` out of the Go types of Kubernetes, for when a newer version is to be followed.

    python -m akb_sync.simulators.kubernetes.schema.extract MODULES VERSION

MODULES is the folder that holds `api@VERSION` and `apimachinery@VERSION` (in a Go module cache:
`.../k8s.io`). The struct tags there say all that the simulator wants to know of a field: its JSON name,
protobuf number and merge key.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

FILES = {
    "meta": "apimachinery@{}/pkg/apis/meta/v1/types.go",
    "core": "api@{}/core/v1/types.go",
    "apps": "api@{}/apps/v1/types.go",
    "batch": "api@{}/batch/v1/types.go",
    "coordination": "api@{}/coordination/v1/types.go",
    "events": "api@{}/events/v1/types.go",
    "discovery": "api@{}/discovery/v1/types.go",
    "authorization": "api@{}/authorization/v1/types.go",
    "authentication": "api@{}/authentication/v1/types.go",
    "autoscaling": "api@{}/autoscaling/v1/types.go",
    "policy": "api@{}/policy/v1/types.go",
}
ROOTS = (
    *(f"core.{kind}" for kind in ("Namespace", "Node", "Pod", "Service", "Event", "ConfigMap", "Secret")),
    *(f"core.{kind}" for kind in ("ServiceAccount", "Endpoints", "Binding")),
    *(f"apps.{kind}" for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")),
    "batch.Job",
    "coordination.Lease",
    "events.Event",
    "discovery.EndpointSlice",
    "authorization.SelfSubjectAccessReview",
    "authentication.SelfSubjectReview",
    "autoscaling.Scale",
    "policy.Eviction",
    "meta.DeleteOptions",
)
WELL_KNOWN = {
    "meta.Time": "time",
    "meta.MicroTime": "microtime",
    "meta.FieldsV1": "raw",
    "meta.Duration": "int64",
    "intstr.IntOrString": "intstr",
    "resource.Quantity": "quantity",
    "runtime.RawExtension": "raw",
    "types.UID": "string",
    "types.NodeName": "string",
    "[]byte": "bytes",
}
PLAIN = {name: name for name in ("string", "bool", "int32", "int64", "float64")} | {"int": "int64"}
ALIASES = {"metav1": "meta", "v1": "core", "corev1": "core"}

_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"^type (\w+) ((?:map\[|\[\]|\w)[\w.\[\]]*)$", re.MULTILINE)
_FIELD = re.compile(r"^\t(?:(\w+) )?\s*([*\[\]\w.]+)\s+`(.*)`", re.MULTILINE)

Declarations = dict[str, tuple[str, Any]]


def declarations(modules: Path, version: str) -> Declarations:
    """Every type of the files: ("struct", fields as text) or ("name", the type it stands for)."""
    found: Declarations = {}
    for package, pattern in FILES.items():
        text = (modules / pattern.format(version)).read_text()
        for name, target in _NAMED.findall(text):
            found[f"{package}.{name}"] = ("name", target)
        for name, body in _STRUCT.findall(text):
            found[f"{package}.{name}"] = ("struct", _FIELD.findall(body))
    return found


def expression(go_type: str, package: str, known: Declarations) -> str:
    """A Go type in the table's words: `string`, `[]T` a list, `{}T` a map, `@package.Name` an object."""
    go_type = go_type.removeprefix("*")
    if go_type in WELL_KNOWN:
        return WELL_KNOWN[go_type]
    if go_type.startswith("[]"):
        return "[]" + expression(go_type[2:], package, known)
    if go_type.startswith("map["):
        return "{}" + expression(go_type.split("]", 1)[1], package, known)
    if go_type in PLAIN:
        return PLAIN[go_type]
    prefix, _, name = go_type.rpartition(".")
    full = f"{ALIASES.get(prefix, prefix) or package}.{name}"
    if full in WELL_KNOWN:
        return WELL_KNOWN[full]
    kind, target = known[full]
    return f"@{full}" if kind == "struct" else expression(target, full.split(".", maxsplit=1)[0], known)


def fields(name: str, known: Declarations) -> dict[str, list[Any]]:
    """JSON name -> [number, type, flags, merge key]; an inlined struct is named `<its protobuf name>`."""
    package = name.split(".", maxsplit=1)[0]
    table: dict[str, list[Any]] = {}
    for _, go_type, tags in known[name][1]:
        number = re.search(r'protobuf:"\w+,(\d+),\w+,name=(\w+)', tags)
        json_name = re.search(r'json:"([^",]*)', tags)
        if number is None or json_name is None:
            continue
        merge = re.search(r'patchMergeKey:"(\w+)"', tags)
        flags = "p" if go_type.startswith("*") else ""
        flags += "i" if ",inline" in tags else ""
        flags += "m" if re.search(r'patchStrategy:"[\w,]*merge', tags) else ""
        flags += "r" if re.search(r'patchStrategy:"[\w,]*retainKeys', tags) else ""
        entry: list[Any] = [
            int(number[1]),
            expression(go_type, package, known),
            flags,
            merge[1] if merge else "",
        ]
        table[json_name[1] or f"<{number[2]}>"] = entry
    return table


def closure(known: Declarations) -> dict[str, dict[str, list[Any]]]:
    """The fields of the root types and of everything that they hold."""
    types: dict[str, dict[str, list[Any]]] = {}
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in types:
            types[name] = fields(name, known)
            waiting += re.findall(r"@([\w.]+)", " ".join(entry[1] for entry in types[name].values()))
    return dict(sorted(types.items()))


def main(modules: str, version: str) -> None:
    """Write `types.json` beside this file."""
    types = closure(declarations(Path(modules), version))
    source = f"struct tags of k8s.io/api and k8s.io/apimachinery {version} (Apache-2.0)"
    lines = [
        f"{json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}" for name, entry in types.items()
    ]
    text = '{"source": ' + json.dumps(source) + ',\n"types": {\n' + ",\n".join(lines) + "\n}}\n"
    Path(__file__).with_name("types.json").write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
