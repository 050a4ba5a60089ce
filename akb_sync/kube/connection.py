"""The connection to the Kubernetes API: raw JSON in, `KubernetesError` out.

The official client gives configuration, authentication and TLS. Its models are left out: on 5,000 Pods
they cost ten times the time and memory of raw JSON that is projected on arrival.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import urllib3
import urllib3.exceptions as transport
from kubernetes import client

from akb_sync.clock import Clock, SystemClock
from akb_sync.errors import KubernetesConfigError, KubernetesUnreachable
from akb_sync.version import __version__

from . import failures, fields
from .api import Params
from .call import VERBS, Call
from .kubeconfig import Login, load, root_log_captured
from .prose import one_line
from .stream import WatchStream

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0
"""Seconds of silence in an answer that is not a watch."""
WRITE_TIMEOUT = 5.0
"""The same for small things that are written: a Lease that waits longer is as good as lost."""
RENEW_PAUSE = 30.0
"""Seconds between two attempts to load credentials and CA again after one of them was refused."""
_log = logging.getLogger(__name__)
_trust = logging.getLogger("akb_sync.trust")
"""Its warnings are let out by every command, the quiet ones too: nobody is to be insecure unknowingly."""


class KubeConnection:
    """One cluster's API. Any number of threads may use it."""

    def __init__(self, login: Callable[[], Login], clock: Clock | None = None) -> None:
        """Take where the configuration comes from.

        It is asked again when the server answers 401, or shows a certificate that is not trusted: both may
        have been rotated.
        """
        self._login = login
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._renewed_at = float("-inf")
        self._generation = 0
        self._install(login())
        self._warn_of_trust()

    @classmethod
    def connect(
        cls, kubeconfig: Path | None = None, context: str | None = None, clock: Clock | None = None
    ) -> KubeConnection:
        """Load the configuration of a cluster; nothing is sent yet.

        Raises:
            KubernetesConfigError: there is none, or it cannot be used.
        """
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        return cls(partial(load, kubeconfig, context), clock)

    @property
    def server(self) -> str:
        """The API server's URL."""
        return str(self._client.configuration.host)

    @property
    def origin(self) -> str:
        """Where URL and credentials come from, for people."""
        return self._origin

    @property
    def verified(self) -> bool:
        """Whether the server's certificate is verified."""
        return bool(self._client.configuration.verify_ssl)

    @property
    def client_certificate(self) -> Path | None:
        """The file of the certificate that we show, if it is one that does."""
        file = self._client.configuration.cert_file
        return Path(file) if file else None

    def get(
        self,
        path: str,
        params: Params | None = None,
        accept: str | None = None,
        read_timeout: float = READ_TIMEOUT,
    ) -> dict[str, Any]:
        """Give the JSON object at `path`, an API path with its leading slash.

        Raises:
            KubernetesError: there is no answer, or it is no JSON object.
        """
        return self._exchange(Call(path, read_timeout, params, accept))

    def post(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object in the collection at `path`, or ask a review; give what the server made of it.

        Raises:
            KubernetesConflict: an object of that name exists.
            KubernetesError: it is refused, or there is no answer: then it may or may not be there.
        """
        return self._exchange(Call(path, WRITE_TIMEOUT, method="POST", document=document))

    def put(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Replace the object at `path`, of the resourceVersion that the document bears.

        Raises:
            KubernetesConflict: somebody changed it since.
            KubernetesError: it is refused, or there is no answer: then it may or may not be replaced.
        """
        return self._exchange(Call(path, WRITE_TIMEOUT, method="PUT", document=document))

    def patch(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Change the object at `path` by a merge patch (RFC 7386).

        Raises:
            KubernetesNotFound: it does not exist.
            KubernetesError: it is refused, or there is no answer: then it may or may not be changed.
        """
        return self._exchange(Call(path, WRITE_TIMEOUT, method="PATCH", document=document))

    def stream(self, path: str, params: Params, accept: str | None, read_timeout: float) -> WatchStream:
        """Open a watch; `read_timeout` (seconds) of silence end it.

        Raises:
            KubernetesError: the watch is refused, or there is no answer.
        """
        call = Call(path, read_timeout, params, accept)
        where = self._place(call)
        return WatchStream(self._open(call, where), where)

    def close(self) -> None:
        """Close the idle connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _exchange(self, call: Call) -> dict[str, Any]:
        where = self._place(call)
        body = self._body(self._open(call, where), where)
        return failures.decoded(body, where, fields.page if call.pages else json.loads)

    def _open(self, call: Call, where: failures.Place) -> urllib3.BaseHTTPResponse:
        """Send a request and give the answer of HTTP 200 or 201, its body unread."""
        generation = self._generation
        response = self._trusted(call, where)
        if response.status == 401 and self._renew(generation):
            response.close()
            response = self._send(call, where)
        if response.status not in (200, 201):
            raise failures.of_status(response.status, self._body(response, where), where)
        return response

    def _trusted(self, call: Call, where: failures.Place) -> urllib3.BaseHTTPResponse:
        """Send a request, once more if the server's certificate is of a CA that we were told of meanwhile."""
        generation = self._generation
        try:
            return self._send(call, where)
        except KubernetesUnreachable as error:
            if not (failures.of_trust(error) and self._renew(generation)):
                raise
        return self._send(call, where)

    def _send(self, call: Call, where: failures.Place) -> urllib3.BaseHTTPResponse:
        api = self._client
        headers = {"User-Agent": f"akb-sync/{__version__}", **call.headers}
        headers.update(self._authorization(api))
        try:
            response: urllib3.BaseHTTPResponse = api.rest_client.pool_manager.request(
                call.method,
                f"{api.configuration.host}{call.path}",
                **({"body": call.body} if call.body is not None else {"fields": dict(call.params or {})}),
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=call.read_timeout),
                preload_content=False,
                retries=False,
            )
        except (transport.HTTPError, OSError, ValueError) as error:
            raise failures.of_transport(error, where) from error
        return response

    def _authorization(self, api: client.ApiClient) -> dict[str, str]:
        """Headers of authentication; this is where expiring tokens and exec plugins are renewed."""
        try:
            with self._lock, root_log_captured() as captured:
                settings = api.configuration.auth_settings()
        except Exception as error:
            raise KubernetesConfigError(
                f"the credentials of {self._origin} cannot be renewed: {one_line(str(error))}", "log in again"
            ) from error
        for line in captured:
            # The old token may still be good for minutes; when it is not, the server says so.
            _log.debug("renewing the credentials of %s: %s", self._origin, one_line(line))
        found = (setting for setting in settings.values() if setting["in"] == "header")
        return {str(setting["key"]): str(setting["value"]) for setting in found if setting["value"]}

    def _body(self, response: urllib3.BaseHTTPResponse, where: failures.Place) -> bytes:
        try:
            return response.read(decode_content=True)
        except (transport.HTTPError, OSError, ValueError) as error:
            raise failures.of_transport(error, where, after_headers=True) from error
        finally:
            response.release_conn()

    def _renew(self, generation: int) -> bool:
        """Load the credentials again: a token file or a plugin may have new ones. Tell whether it was."""
        with self._lock:
            if self._generation != generation:
                return True
            now = self._clock.monotonic()
            if now - self._renewed_at < RENEW_PAUSE:
                return False
            self._renewed_at = now
            self._install(self._login())
            self._generation += 1
            return True

    def _install(self, login: Login) -> None:
        if not login.configuration.verify_ssl:
            # Somebody wrote insecure-skip-tls-verify; a warning for each request helps nobody.
            urllib3.disable_warnings(transport.InsecureRequestWarning)
        self._origin = login.origin
        self._client = client.ApiClient(login.configuration)

    def _warn_of_trust(self) -> None:
        if not self.server.startswith("https://"):
            _trust.warning(
                "%s (%s) is not encrypted: the credentials can be read on the way", self.server, self._origin
            )
        elif not self.verified:
            _trust.warning(
                "the certificate of %s is not verified (insecure-skip-tls-verify in %s)",
                self.server,
                self._origin,
            )

    def _place(self, call: Call) -> failures.Place:
        verb = VERBS.get(call.method, "")
        return failures.place(self.server, self._origin, call.path, call.params, verb)
