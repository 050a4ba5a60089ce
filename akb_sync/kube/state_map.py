"""The state in a ConfigMap: the leader's document in its data, the switch of the freeze in an annotation.

The two are written by merge patches that name only their own field, so the leader and a person never undo
each other's work, and no version has to be compared.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from akb_sync.errors import KubernetesConflict, KubernetesNotFound
from akb_sync.state import Pause, State

from .api import WritableApi

PAUSED = "akb-sync.haystacknetworks.com/paused"
"""The annotation of the switch; its text is the JSON form of `Pause`."""
DATA = "state.json"


class StateMap:
    """A `StateStore` in a ConfigMap."""

    def __init__(self, api: WritableApi, namespace: str, name: str) -> None:
        """Read nothing yet."""
        self._api = api
        self.namespace, self.name = namespace, name
        self._collection = f"/api/v1/namespaces/{namespace}/configmaps"
        self._path = f"{self._collection}/{name}"

    @property
    def place(self) -> str:
        """The ConfigMap."""
        return f"ConfigMap {self.namespace}/{self.name}"

    def read(self) -> tuple[State | None, Pause | None]:
        """Give what the leader left, and the freeze that is asked for; nothing when there is no ConfigMap.

        Raises:
            KubernetesError: it cannot be read.
        """
        try:
            found = self._api.get(self._path)
        except KubernetesNotFound:
            return None, None
        text = _mapping(found.get("data")).get(DATA)
        switch = _mapping(_mapping(found.get("metadata")).get("annotations")).get(PAUSED)
        return (State.parse(text) if isinstance(text, str) else None), _pause(switch)

    def write(self, state: State) -> None:
        """Leave the state.

        Raises:
            KubernetesError: it cannot be written.
        """
        self._patch({"data": {DATA: state.text()}})

    def set_pause(self, pause: Pause | None) -> None:
        """Ask for a freeze, or for its end.

        Raises:
            KubernetesError: it cannot be written.
        """
        text = json.dumps(pause.document()) if pause else None
        with contextlib.suppress(KubernetesNotFound) if pause is None else contextlib.nullcontext():
            self._patch({"metadata": {"annotations": {PAUSED: text}}}, create=pause is not None)

    def _patch(self, document: Mapping[str, Any], *, create: bool = True) -> None:
        try:
            self._api.patch(self._path, document)
        except KubernetesNotFound:
            if not create:
                raise
            self._create(document)

    def _create(self, document: Mapping[str, Any]) -> None:
        meta = {"name": self.name, "labels": {"app.kubernetes.io/name": "akb-sync"}}
        whole = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            **document,
            "metadata": {**_mapping(document.get("metadata")), **meta},
        }
        try:
            self._api.post(self._collection, whole)
        except KubernetesConflict:
            self._api.patch(self._path, document)  # somebody else made it at the same moment
        except KubernetesNotFound as error:
            raise KubernetesNotFound(
                f"there is no namespace {self.namespace} for the {self.place}",
                "name the engine's with --engine-namespace; outside of a cluster give --state-file",
            ) from error


def _pause(text: object) -> Pause | None:
    """Read the switch. An annotation of another text than ours is a freeze too, but for `false` and none."""
    if not isinstance(text, str) or text.strip().lower() in ("", "false"):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = text
    found = document if isinstance(document, dict) else {"why": "" if document is True else text}
    return Pause.of(found or {"why": ""})


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
