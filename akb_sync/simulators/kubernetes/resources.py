"""The kinds of objects that the server knows, as data, so that one more kind is one more row.

Whatever differs from kind to kind and can be said in a word (scope, short names, subresources, fields that a
selector may name) stands here. Behaviour that needs code looks the kind up by its plural name.
Source of the rows: the answers of a kube-apiserver v1.34 to `/api/v1` and `/apis/<group>/<version>`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CREATE_ONLY = ("create",)


@dataclass(frozen=True)
class Resource:
    """One row of the table: a resource in one API version.

    Attributes:
        group: API group, empty for the core group.
        selectable: field selectors beyond `metadata.name` and `metadata.namespace`.
        generation: whether `metadata.generation` counts the changes of the spec.
        unconditional_update: whether a PUT may leave `metadata.resourceVersion` out.
        create_on_update: whether a PUT of an absent object creates it.
        stored_as: plural under which objects are kept, when two API versions serve the same objects.
        single_delete_only: whether `deletecollection` is refused (Namespaces).
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    selectable: tuple[str, ...] = ()
    generation: bool = False
    unconditional_update: bool = True
    create_on_update: bool = False
    stored_as: str = ""

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`, as in an object's `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`pods` or `deployments.apps`, as error messages call the resource."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_kind(self) -> str:
        """`Pod` or `Deployment.apps`, as messages about invalid objects call the kind."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def singular(self) -> str:
        """The singular name of discovery."""
        return self.kind.lower()

    @property
    def storage(self) -> str:
        """The name under which the store keeps the objects: one for all versions of a kind."""
        return self.stored_as or self.qualified


EVENT_FIELDS = (
    *(f"involvedObject.{f}" for f in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion")),
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
)
POD_FIELDS = (
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
)
ALL = ("all",)
SCALABLE = ("status", "scale")

RESOURCES: tuple[Resource, ...] = (
    Resource("", "v1", "namespaces", "Namespace", namespaced=False, short_names=("ns",),
             subresources=("status", "finalize"), selectable=("status.phase", "name"),
             verbs=tuple(v for v in ALL_VERBS if v != "deletecollection")),
    Resource("", "v1", "nodes", "Node", namespaced=False, short_names=("no",), subresources=("status",),
             selectable=("spec.unschedulable",)),
    Resource("", "v1", "pods", "Pod", short_names=("po",), subresources=("status", "eviction", "binding"),
             categories=ALL, selectable=POD_FIELDS, generation=True),
    Resource("", "v1", "services", "Service", short_names=("svc",), subresources=("status",), categories=ALL,
             selectable=("spec.clusterIP", "spec.type"), create_on_update=True),
    Resource("", "v1", "events", "Event", short_names=("ev",), selectable=EVENT_FIELDS,
             create_on_update=True),
    Resource("", "v1", "configmaps", "ConfigMap", short_names=("cm",)),
    Resource("", "v1", "secrets", "Secret", selectable=("type",)),
    Resource("", "v1", "serviceaccounts", "ServiceAccount", short_names=("sa",)),
    Resource("", "v1", "endpoints", "Endpoints", short_names=("ep",), create_on_update=True),
    Resource("apps", "v1", "deployments", "Deployment", short_names=("deploy",), subresources=SCALABLE,
             categories=ALL, generation=True),
    Resource("apps", "v1", "replicasets", "ReplicaSet", short_names=("rs",), subresources=SCALABLE,
             categories=ALL, selectable=("status.replicas",), generation=True),
    Resource("apps", "v1", "statefulsets", "StatefulSet", short_names=("sts",), subresources=SCALABLE,
             categories=ALL, generation=True),
    Resource("apps", "v1", "daemonsets", "DaemonSet", short_names=("ds",), subresources=("status",),
             categories=ALL, generation=True),
    Resource("batch", "v1", "jobs", "Job", subresources=("status",), categories=ALL, generation=True,
             selectable=("status.successful",)),
    Resource("coordination.k8s.io", "v1", "leases", "Lease", unconditional_update=False,
             create_on_update=True),
    Resource("events.k8s.io", "v1", "events", "Event", short_names=("ev",), stored_as="events",
             selectable=tuple(f.replace("involvedObject", "regarding") for f in EVENT_FIELDS),
             create_on_update=True),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Resource("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview",
             namespaced=False, verbs=CREATE_ONLY),
    Resource("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview",
             namespaced=False, verbs=CREATE_ONLY),
)  # fmt: skip


class ResourceTable:
    """Lookups in the rows, by path and by kind."""

    def __init__(self, rows: Iterable[Resource] = RESOURCES) -> None:
        self.rows = tuple(rows)
        self._by_path = {(row.group, row.version, row.plural): row for row in self.rows}
        self._by_kind = {(row.api_version, row.kind): row for row in self.rows}

    def by_path(self, group: str, version: str, plural: str) -> Resource | None:
        """The row behind a URL, or None."""
        return self._by_path.get((group, version, plural))

    def by_kind(self, api_version: str, kind: str) -> Resource | None:
        """The row of an object with this `apiVersion` and `kind`, or None."""
        return self._by_kind.get((api_version, kind))

    def find(self, word: str) -> Resource:
        """The row for a plural, kind, singular or short name, as kubectl takes them.

        Raises:
            KeyError: when no row has that name.
        """
        wanted = word.lower()
        for row in self.rows:
            if wanted in (row.plural, row.singular, row.qualified, *row.short_names):
                return row
        raise KeyError(word)

    def stored(self) -> list[Resource]:
        """One row for each kind that is kept, without second versions and without reviews."""
        return [row for row in self.rows if "list" in row.verbs and not row.stored_as]

    def group_versions(self) -> dict[str, list[str]]:
        """Versions of each group, in the order of the table."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            versions = found.setdefault(row.group, [])
            if row.version not in versions:
                versions.append(row.version)
        return found
