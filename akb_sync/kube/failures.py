"""Every way in which the Kubernetes API does not answer, mapped to one sentence and a next step.

This is the only place that knows urllib3's and the API server's errors.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3.exceptions as transport

from akb_sync.errors import (
    KubernetesAnswerError,
    KubernetesConfigError,
    KubernetesConflict,
    KubernetesError,
    KubernetesForbidden,
    KubernetesGone,
    KubernetesNotFound,
    KubernetesUnauthorized,
    KubernetesUnreachable,
)

from .prose import one_line, shown

_CHECK_SERVER = "check that it runs, and that this machine can reach it"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request went and what it asked, for sentences."""

    server: str
    origin: str
    verb: str
    resource: str
    """The plural name, with the API group after a dot where there is one, as in RBAC's own messages."""

    def __str__(self) -> str:
        """Name the server and where its address comes from."""
        return f"the Kubernetes API server {self.server} ({self.origin})"


def place(server: str, origin: str, path: str, params: Mapping[str, str] | None, verb: str = "") -> Place:
    """Read verb and resource off a request, as the API server's authorization does.

    `verb` is that of a request that writes.
    """
    parts = path.strip("/").split("/")
    group, rest = ("", parts[2:]) if parts[0] == "api" else ("".join(parts[1:2]), parts[3:])
    if len(rest) > 2 and rest[0] == "namespaces":
        rest = rest[2:]
    verb = verb or ("get" if len(rest) > 1 else "list")
    if (params or {}).get("watch") in {"1", "true"}:
        verb = "watch"
    resource = rest[0] if rest else path
    return Place(server, origin, verb, f"{resource}.{group}" if group else resource)


def of_transport(error: Exception, where: Place, *, after_headers: bool = False) -> KubernetesError:
    """Map what urllib3 (or the TLS and socket layers below it) raised."""
    if isinstance(error, transport.SSLError | ssl.SSLError) and not after_headers:
        return _of_tls(error, where)
    if isinstance(error, transport.LocationValueError):
        return KubernetesConfigError(
            f"{where.server} ({where.origin}) is no URL that can be used: {_reason(error)}",
            "mend the server of the cluster in the kubeconfig",
        )
    if isinstance(error, transport.ProxyError):
        return KubernetesUnreachable(
            f"the proxy before {where} cannot be used: {_reason(error)}", "check HTTPS_PROXY and NO_PROXY"
        )
    if isinstance(error, transport.ReadTimeoutError | TimeoutError) and not isinstance(
        error, transport.ConnectTimeoutError
    ):
        return KubernetesUnreachable(
            f"{where} does not answer in time (asked to {where.verb} {where.resource})", _CHECK_SERVER
        )
    if isinstance(error, transport.ProtocolError):
        return KubernetesUnreachable(
            f"{where} cut the connection (asked to {where.verb} {where.resource}): {_reason(error)}",
            _CHECK_SERVER,
        )
    return KubernetesUnreachable(f"no connection to {where}: {_reason(error)}", _CHECK_SERVER)


def of_status(code: int, body: bytes, where: Place) -> KubernetesError:
    """Map an HTTP error; `body` is the API's Status object, if all is well."""
    document = _decoded(body)
    told = _message(document)
    detail = f": {told}" if told else ""
    if code == 401:
        return KubernetesUnauthorized(
            f"{where} does not accept the credentials (HTTP 401{detail})",
            "log in again, or renew the token or certificate",
        )
    if code == 403:
        return KubernetesForbidden(
            f"{where} does not let us {where.verb} {where.resource}{detail}",
            f"add the verb {where.verb} on {where.resource} to the ClusterRole",
        )
    if not isinstance(document, dict) and code != 410:
        return _not_json(body, where, code)
    return _of_object(code, where, detail)


def _of_object(code: int, where: Place, detail: str) -> KubernetesError:
    """Map what is wrong with the object that was asked for, and everything else."""
    if code == 404:
        return KubernetesNotFound(
            f"{where} has not got what was asked for (asked to {where.verb} {where.resource}){detail}",
            "check the names",
        )
    if code == 409:
        return KubernetesConflict(
            f"{where} does not {where.verb} {where.resource}, which somebody else wrote meanwhile{detail}",
            "nothing: it is read again",
        )
    if code == 410:
        return KubernetesGone(
            f"{where} no longer has the version of {where.resource} that was asked for{detail}",
            "nothing: it is listed again",
        )
    return KubernetesAnswerError(
        f"{where} answers HTTP {code} when asked to {where.verb} {where.resource}{detail}",
        "see the API server's log; it is tried again",
    )


def decoded(body: bytes, where: Place, read: Callable[[bytes], object] = json.loads) -> dict[str, Any]:
    """Decode a successful answer; `read` raises ValueError or RecursionError for what is no JSON.

    Raises:
        KubernetesAnswerError: it is no JSON object.
    """
    document = _decoded(body, read)
    if not isinstance(document, dict):
        raise _not_json(body, where, 200)
    return document


def of_trust(error: BaseException) -> bool:
    """Tell whether what was mapped is a certificate that is not trusted."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        nested = next((arg for arg in cause.args if isinstance(arg, BaseException)), None)
        cause = cause.__cause__ or nested
    return False


def _of_tls(error: Exception, where: Place) -> KubernetesError:
    reason = _reason(error)
    lowered = reason.lower()
    if "certificate verify failed" in lowered or "doesn't match" in lowered or "mismatch" in lowered:
        return KubernetesUnreachable(
            f"the certificate of {where} is not trusted: {reason}",
            "check certificate-authority and server of the cluster in the kubeconfig",
        )
    return KubernetesUnreachable(
        f"no TLS connection to {where}: {reason}",
        "check that the server's URL is right, and the client certificate",
    )


def _not_json(body: bytes, where: Place, code: int) -> KubernetesAnswerError:
    start = body[:2000].decode("utf-8", "replace").lstrip()
    what = "HTML" if start.startswith("<") else "no JSON object"
    sample = f" (`{one_line(start, 40)}`)" if start and what != "HTML" else ""
    return KubernetesAnswerError(
        f"{where} answers {what}{sample}, HTTP {code}, when asked to {where.verb} {where.resource}",
        "check that the URL is a Kubernetes API server's, and that no proxy or login page stands before it",
    )


def _decoded(body: bytes, read: Callable[[bytes], object] = json.loads) -> object:
    try:
        return read(body)
    except (ValueError, RecursionError):
        return None


def _message(document: object) -> str:
    message = document.get("message") if isinstance(document, dict) else None
    return one_line(message) if isinstance(message, str) else ""


def _reason(error: BaseException) -> str:
    """Dig out the innermost words: urllib3 wraps the operating system's in two or three layers."""
    inner: BaseException = error
    for _ in range(5):
        below = inner.__cause__ or inner.__context__
        nested = next((arg for arg in inner.args if isinstance(arg, BaseException)), None)
        if (following := nested or below) is None:
            break
        inner = following
    if isinstance(inner, ssl.SSLCertVerificationError) and inner.verify_message:
        return f"certificate verify failed, {one_line(inner.verify_message)}"
    if isinstance(inner, OSError) and inner.strerror:
        return one_line(inner.strerror)
    return one_line(str(inner)) or shown(type(inner).__name__)
