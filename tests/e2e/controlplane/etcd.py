"""A small client of etcd's JSON gateway.

Why: compaction is what makes an apiserver forget old resource versions. In production it comes every five
minutes; a test wants it now.
"""

import base64
from typing import Any

import requests

# The apiserver's own compactor notes here how far it got, and other apiservers read it (k8s.io/apiserver,
# etcd3/compact.go).
_COMPACTION_NOTE = "compact_rev_key"


class EtcdClient:
    """Speaks with one etcd (its documentation, "gRPC gateway"); there an int64 is a JSON string."""

    def __init__(self, url: str) -> None:
        self._url = url

    def is_healthy(self) -> bool:
        """Whether etcd has a leader and can write."""
        try:
            with requests.Session() as session:
                session.trust_env = False
                return bool(session.get(f"{self._url}/health", timeout=2).json()["health"] == "true")
        except requests.RequestException:
            return False

    def compact(self) -> int:
        """Forgets every revision until now, and returns the oldest that is left.

        Two writes come first: a watch from revision N begins with N + 1, which must be gone as well.
        """
        self._put("akb-sync.test/compaction", "")
        revision = self._put("akb-sync.test/compaction", "")
        self._put(_COMPACTION_NOTE, str(revision))
        self._call("kv/compaction", {"revision": str(revision), "physical": True})
        return revision

    def _put(self, key: str, value: str) -> int:
        answer = self._call("kv/put", {"key": _base64(key), "value": _base64(value)})
        return int(answer["header"]["revision"])

    def _call(self, method: str, body: dict[str, Any]) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{self._url}/v3/{method}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
