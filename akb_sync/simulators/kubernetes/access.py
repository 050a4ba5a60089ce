"""Who calls and what they may do: tokens, client certificates, and refusals that tests order.

Authentication knows the configured tokens and certificates of the simulator's own authority (CN is the
user, O the groups). Everybody who is known may do everything but what `deny` forbids; a test can put in a
whole policy as a function.
"""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.options import User
from akb_sync.simulators.kubernetes.targets import Target

Json = dict[str, Any]


@dataclass(frozen=True)
class Attributes:
    """What authorization looks at, in RBAC's words; `resource` with its subresource (`pods/status`)."""

    user: User
    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""
    path: str = ""


Policy = Callable[[Attributes], bool]


def authenticate(
    header: str | None, certificate: Mapping[str, Any] | None, tokens: Mapping[str, User]
) -> User:
    """The user behind a bearer token or a client certificate. Raises ApiError 401."""
    if header is not None:
        scheme, _, token = header.partition(" ")
        user = tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if user is not None:
            return user
    elif certificate:
        return _certificate_user(certificate)
    raise errors.unauthorized()


def _certificate_user(certificate: Mapping[str, Any]) -> User:
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    name = next((value for key, value in subject if key == "commonName"), "")
    groups = tuple(value for key, value in subject if key == "organizationName")
    return User(name, (*groups, "system:authenticated"))


def peer_certificate(transport: Any) -> Mapping[str, Any] | None:
    """The client certificate of a connection that the TLS layer has verified, or None."""
    connection: ssl.SSLObject | None = transport.get_extra_info("ssl_object") if transport else None
    return connection.getpeercert() if connection else None


@dataclass(frozen=True)
class _Denial:
    verb: str
    resource: str
    namespace: str | None
    user: str | None

    def covers(self, asked: Attributes) -> bool:
        return (
            self.verb in ("*", asked.verb)
            and self.resource in ("*", asked.resource)
            and self.namespace in (None, asked.namespace)
            and self.user in (None, asked.user.name)
        )


class Authorizer:
    """Decides; `policy` is asked after the denials and may be replaced by a test."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._denials: list[_Denial] = []
        self.policy: Policy = lambda _asked: True

    def deny(self, verb: str, resource: str, namespace: str | None = None, user: str | None = None) -> None:
        """Refuse a verb on a resource (`*` for all), in all namespaces or one, to all users or one."""
        with self._lock:
            self._denials.append(_Denial(verb, resource, namespace, user))

    def allow(self, verb: str = "*", resource: str = "*") -> None:
        """Take denials back: those of this verb and resource, or with `*` those of all."""
        with self._lock:
            self._denials = [
                denial
                for denial in self._denials
                if not (verb in ("*", denial.verb) and resource in ("*", denial.resource))
            ]

    def allowed(self, asked: Attributes) -> bool:
        """Whether the request may pass."""
        with self._lock:
            denied = any(denial.covers(asked) for denial in self._denials)
        return not denied and self.policy(asked)

    def check(self, user: User, target: Target) -> None:
        """Raises ApiError 403 when the request may not pass."""
        asked = Attributes(
            user, target.verb, target.group, target.full_resource, target.namespace, target.name, target.path
        )
        if not self.allowed(asked):
            raise _refusal(asked, target)

    def review(self, user: User, spec: Json) -> Json:
        """The status of a SelfSubjectAccessReview."""
        wanted = spec.get("resourceAttributes") or {}
        resource = "/".join(
            part for part in (wanted.get("resource", ""), wanted.get("subresource", "")) if part
        )
        if not wanted:
            path = (spec.get("nonResourceAttributes") or {}).get("path", "")
            asked = Attributes(
                user, (spec.get("nonResourceAttributes") or {}).get("verb", "get"), "", "", path=path
            )
        else:
            asked = Attributes(
                user,
                wanted.get("verb", ""),
                wanted.get("group", ""),
                resource,
                wanted.get("namespace", ""),
                wanted.get("name", ""),
            )
        return {"allowed": self.allowed(asked)}


def _refusal(asked: Attributes, target: Target) -> errors.ApiError:
    user = asked.user.name
    if not target.resource:
        text = f'forbidden: User "{user}" cannot {asked.verb} path "{asked.path}"'
        return errors.ApiError(403, "Forbidden", text, {})
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    qualified = f"{target.resource}.{target.group}" if target.group else target.resource
    subject = f'{qualified} "{target.name}"' if target.name else qualified
    text = (
        f'{subject} is forbidden: User "{user}" cannot {asked.verb} resource "{asked.resource}" '
        f'in API group "{asked.group}" {where}'
    )
    details: Json = {"name": target.name} if target.name else {}
    if target.group:
        details["group"] = target.group
    return errors.ApiError(403, "Forbidden", text, {**details, "kind": target.resource})
