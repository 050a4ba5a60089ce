"""One request to the Kubernetes API as data: what is asked, and how long an answer may take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .api import Params
from .resources import JSON

MERGE_PATCH = "application/merge-patch+json"
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
"""RBAC's words for what writes (Kubernetes: "Authorization overview", request verbs)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    path: str
    """An API path with its leading slash."""
    read_timeout: float
    """Seconds of silence that end it."""
    params: Params | None = None
    accept: str | None = None
    method: str = "GET"
    document: Mapping[str, Any] | None = None
    """What is written."""

    @property
    def pages(self) -> bool:
        """Whether it asks for a page of a list, of whose objects only some fields are read."""
        return "limit" in (self.params or {})

    @property
    def body(self) -> bytes | None:
        """The bytes to be sent."""
        return None if self.document is None else json.dumps(self.document).encode()

    @property
    def headers(self) -> dict[str, str]:
        """What the server is told of the bytes, and which form the answer is to have."""
        told = {"Accept": self.accept or JSON}
        if self.document is not None:
            told["Content-Type"] = MERGE_PATCH if self.method == "PATCH" else JSON
        return told
