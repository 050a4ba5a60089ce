"""A few objects behind the API's semantics: resourceVersions compared, merge patches, faults to order."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from akb_sync.errors import KubernetesConflict, KubernetesError, KubernetesNotFound

Json = dict[str, Any]


class MemoryApi:
    """A `WritableApi`; `fault`, asked before each request, raises or does nothing."""

    def __init__(self) -> None:
        self.objects: dict[str, Json] = {}
        self.asked: list[tuple[str, str]] = []
        self.fault: Callable[[str, str], None] = lambda _method, _path: None
        self.lost: Callable[[str], KubernetesError | None] = lambda _method: None
        """Gives the error with which the answer to a write is lost after it was committed."""
        self._version = 100

    def get(
        self,
        path: str,
        params: object = None,  # noqa: ARG002 - the seam's own signature
        accept: str | None = None,  # noqa: ARG002
        read_timeout: float = 0.0,  # noqa: ARG002
    ) -> Json:
        self._ask("GET", path)
        if path not in self.objects:
            raise KubernetesNotFound(f"{path} is not there", "check it")
        return copy.deepcopy(self.objects[path])

    def post(self, path: str, document: Mapping[str, Any]) -> Json:
        self._ask("POST", path)
        own = f"{path}/{document['metadata']['name']}"
        if own in self.objects:
            raise KubernetesConflict(f"{own} exists", "read it")
        return self._put("POST", own, dict(document))

    def put(self, path: str, document: Mapping[str, Any]) -> Json:
        self._ask("PUT", path)
        found = self.get(path)
        self.asked.pop()
        if document["metadata"].get("resourceVersion") != found["metadata"]["resourceVersion"]:
            raise KubernetesConflict(f"{path} has changed", "read it")
        return self._put("PUT", path, dict(document))

    def patch(self, path: str, document: Mapping[str, Any]) -> Json:
        self._ask("PATCH", path)
        if path not in self.objects:
            raise KubernetesNotFound(f"{path} is not there", "check it")
        return self._put("PATCH", path, _merged(self.objects[path], document))

    def writes(self) -> list[str]:
        return [method for method, _ in self.asked if method != "GET"]

    def _ask(self, method: str, path: str) -> None:
        self.asked.append((method, path))
        self.fault(method, path)

    def _put(self, method: str, path: str, document: Json) -> Json:
        self._version += 1
        document = copy.deepcopy(document)
        document["metadata"]["resourceVersion"] = str(self._version)
        self.objects[path] = document
        if error := self.lost(method):
            raise error
        return copy.deepcopy(document)


def _merged(old: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(old) if isinstance(old, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), value)
    return merged
