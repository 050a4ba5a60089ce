"""What listing and watching ask of a connection to the Kubernetes API.

A seam: the lister and the watcher know this and not the connection, so that tests drive them with
answers written by hand and no socket.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

Params = Mapping[str, str]


class EventStream(Protocol):
    """The events of one watch. It ends when the server ends it or says nothing for too long."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give the watch events as they arrive; raises a `KubernetesError` when the stream breaks."""
        ...

    def close(self) -> None:
        """End it; may be called from another thread, which a blocked reader then notices."""
        ...


class KubeApi(Protocol):
    """Reading from the Kubernetes API. Every failure is a `KubernetesError`."""

    def get(self, path: str, params: Params | None = None, accept: str | None = None) -> dict[str, Any]:
        """Give the JSON object at `path`."""
        ...

    def stream(self, path: str, params: Params, accept: str | None, read_timeout: float) -> EventStream:
        """Open a watch; `read_timeout` (seconds) of silence end it."""
        ...


class WritableApi(Protocol):
    """Reading and writing single objects. Every failure is a `KubernetesError`."""

    def get(
        self,
        path: str,
        params: Params | None = None,
        accept: str | None = None,
        read_timeout: float = 30.0,
    ) -> dict[str, Any]:
        """Give the JSON object at `path`; `read_timeout` (seconds) of silence end it."""
        ...

    def post(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object in the collection at `path`."""
        ...

    def put(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the object at `path`, of the resourceVersion that the document bears."""
        ...

    def patch(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Change the object at `path` by a merge patch."""
        ...
