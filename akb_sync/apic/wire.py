"""One HTTP exchange with one controller: what goes out byte for byte, and what can go wrong before an answer.

`requests` does the work, with three things of its own kind kept away from an APIC:
- it re-encodes URLs; the APIC wants them raw (see `query`);
- its cookie jar would add a second `APIC-cookie` beside ours. The APIC then answers 200 to everything and
  pushes no event at all (niwaki 1.3.1, found on a live APIC);
- its environment (`~/.netrc`, `REQUESTS_CA_BUNDLE`, proxies) would change credential, trust or path of REST
  but not of the websocket. There is no proxy on the way to a fabric's management network.

Whether a request had begun to leave the machine is recorded, since it decides what a failed write means.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from websocket import WebSocketConnectionClosedException, WebSocketException

from akb_sync.errors import LATER, ApicCertificateError, ApicError, ApicOutcomeUnknown, ApicUnreachable
from akb_sync.version import __version__

from .options import ApicOptions
from .tls import tls_context

_RAW_FOR_APIC = re.compile(r"%(22|3C|3E|5B|5C|5D|5E|60|7B|7C|7D)")
_BRIEFLY = 30.0
"""Seconds; a login may have to ask a TACACS or RADIUS server, which has timeouts of its own."""
_sending = threading.local()


class ConnectionLost(ApicOutcomeUnknown):
    """The connection ended after the request began to leave and before the answer was complete."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request: method, target (path and query as on the wire), body and the value of its Cookie header."""

    method: str
    target: str
    body: bytes = field(default=b"", repr=False)
    cookie: str = field(default="", repr=False)
    brief: bool = False
    """Whether it takes an APIC next to no time, so that a late answer tells of a controller in trouble."""

    @property
    def writes(self) -> bool:
        """Whether it matters if this was carried out: not so for a login or logout, which are POSTs too."""
        return self.method != "GET" and not self.target.startswith("/api/aaa")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, unread: the status, the body, and whom it came from."""

    controller: str
    status: int
    body: bytes


class Wire:
    """Sends calls to controllers. Safe to use from several threads; connections are kept and reused."""

    def __init__(self, options: ApicOptions) -> None:
        """Prepare; nothing is sent yet. Raises SettingsError when the CA file cannot be used."""
        self._connect_timeout = options.connect_timeout
        self._read_timeout = options.read_timeout
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._http.headers["User-Agent"] = f"akb-sync/{__version__}"
        adapter = _ApicAdapter(tls_context(options))
        self._http.mount("https://", adapter)
        self._http.mount("http://", adapter)

    def send(self, controller: str, call: Call) -> Reply:
        """Send one call and wait for its answer.

        Raises ApicUnreachable or ApicCertificateError when nothing was sent, ConnectionLost or
        ApicOutcomeUnknown when it was sent and no complete answer came.
        """
        _sending.begun = False
        patience = min(self._read_timeout, _BRIEFLY) if call.brief else self._read_timeout
        try:
            request = self._prepare(controller, call)
            answer = self._http.send(
                request, timeout=(self._connect_timeout, patience), allow_redirects=False
            )
        except (requests.RequestException, OSError) as error:
            raise _failure(controller, call, error) from error
        return Reply(controller, answer.status_code, answer.content)

    def _prepare(self, controller: str, call: Call) -> requests.PreparedRequest:
        headers = {"Accept": "application/json"}
        if call.body:
            headers["Content-Type"] = "application/json"
        if call.cookie:
            headers["Cookie"] = call.cookie
        request = self._http.prepare_request(
            requests.Request(call.method, controller, headers=headers, data=call.body or None)
        )
        request.url = controller + call.target
        return request

    def close(self) -> None:
        """Close the connections that are kept."""
        self._http.close()


def why(error: BaseException) -> str:
    """Give the innermost reason of a failed connection in words, without URLs or addresses of objects."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message or "the certificate cannot be verified"
        if isinstance(cause, TimeoutError | requests.Timeout):
            return "timed out"
        if isinstance(cause, socket.gaierror):
            return "the name cannot be resolved"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
    if isinstance(error, requests.RequestException | WebSocketConnectionClosedException):
        return "the connection ended"
    return str(error) if isinstance(error, WebSocketException) else type(error).__name__


def untrusted(controller: str, error: BaseException) -> ApicCertificateError | None:
    """Give the error to raise when a connection failed because of the certificate; None for other reasons."""
    if not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return None
    return ApicCertificateError(
        f"the certificate of {controller} is not trusted: {why(error)}",
        "give the CA of the APIC's certificate with --apic-ca-file",
    )


def _failure(controller: str, call: Call, error: Exception) -> ApicError:
    certificate = untrusted(controller, error)
    if certificate:
        return certificate
    if not getattr(_sending, "begun", False):
        return ApicUnreachable(
            f"cannot connect to {controller}: {why(error)}", "check the address and the way to it"
        )
    path = call.target.partition("?")[0]
    what = f"{controller} gave no answer to {call.method} {path}: {why(error)}"
    if isinstance(error, requests.Timeout):
        return ApicOutcomeUnknown(what, LATER)
    return ConnectionLost(what, LATER)


def _causes(error: BaseException) -> list[BaseException]:
    """Give what an exception was made of, innermost first; urllib3 hides causes in `args` and `reason`."""
    found: list[BaseException] = []
    open_ends: list[Any] = [error]
    while open_ends:
        item = open_ends.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            open_ends += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
    return found[::-1]


class _RawTarget(HTTPConnection):
    """Puts the target on the wire raw, and records that a request has begun to leave."""

    def putrequest(
        self,
        method: str,
        url: str,
        skip_host: bool = False,  # noqa: FBT001, FBT002 - http.client's signature
        skip_accept_encoding: bool = False,  # noqa: FBT001, FBT002 - http.client's signature
    ) -> None:
        """Undo what urllib3 escapes and the APIC wants literally."""
        raw = _RAW_FOR_APIC.sub(lambda match: chr(int(match[1], 16)), url)
        super().putrequest(method, raw, skip_host, skip_accept_encoding)

    def send(self, data: Any) -> None:
        """Connect first, so that a refused connection is not taken for a request that left."""
        if self.sock is None:
            self.connect()
        _sending.begun = True
        super().send(data)


class _RawTargetTls(_RawTarget, HTTPSConnection):
    def connect(self) -> None:
        """Connect; without verification, spare every single request urllib3's warning about it."""
        super().connect()
        # The operator asked for it with --apic-insecure and the session says so once.
        self.is_verified = True


class _Pool(HTTPConnectionPool):
    ConnectionCls = _RawTarget


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _RawTargetTls


class _ApicAdapter(HTTPAdapter):
    """Connections with our TLS context and raw targets."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=8, pool_maxsize=16)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Leave `cert_reqs` to the context, and so add nothing to the host."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {key: value for key, value in pool.items() if key != "cert_reqs"}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave trust to the context; the base class would add certifi's bundle to it."""
