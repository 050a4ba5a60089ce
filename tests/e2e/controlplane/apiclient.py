"""The administrator's plain HTTP client for a control plane.

Why: setting up and looking at objects by `kubectl` costs some 100 ms each; one HTTP request costs two. It
shares no code with what is tested.
"""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

REQUEST_SECONDS = 10.0


class ApiClient:
    """Speaks JSON with one apiserver (or another server of the control plane) as one user."""

    def __init__(self, url: str, ca_file: Path, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc: the server is on this host
        self._session.verify = str(ca_file)
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._session.close()

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Any request, whatever its answer; `options` are those of `requests` (`json`, `stream`…)."""
        options.setdefault("timeout", REQUEST_SECONDS)
        return self._session.request(method, self._url + path, **options)

    def get(self, path: str, **params: str | int) -> Any:
        """The JSON at `path`; `params` is the query.

        Raises:
            requests.HTTPError: the status is not 2xx; the text has the apiserver's message.
        """
        return _json(self.request("GET", path, params=params))

    def create(self, path: str, document: dict[str, Any]) -> Any:
        """POSTs one object to its collection and returns what became of it."""
        return _json(self.request("POST", path, json=document))

    def delete(self, path: str, **params: str | int) -> Any:
        return _json(self.request("DELETE", path, params=params))

    def answers(self, path: str) -> bool:
        """Whether `path` answers 200 right now; False for any failure to ask."""
        try:
            return self.request("GET", path, timeout=2).ok
        except requests.RequestException:
            return False


def _json(answer: requests.Response) -> Any:
    if not answer.ok:
        raise requests.HTTPError(
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:1000]}",
            response=answer,
        )
    return answer.json()
