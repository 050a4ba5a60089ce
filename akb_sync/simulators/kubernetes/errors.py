"""Errors as the API gives them: a `Status` object with a code, a reason and details.

One class carries them all; the functions below word them as a kube-apiserver v1.34 does, since clients
(client-go, kubectl) read reasons, causes and at times the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from akb_sync.simulators.kubernetes.resources import Resource

Json = dict[str, Any]


@dataclass(frozen=True)
class Cause:
    """One field that is wrong: reason (`FieldValueInvalid`...), path of the field, and the sentence."""

    reason: str
    field: str
    message: str

    def as_json(self) -> Json:
        """The cause as it stands in `details.causes`."""
        return {"reason": self.reason, "message": self.message, "field": self.field}


class ApiError(Exception):
    """A request that was refused. `status` is the whole answer, `code` its HTTP status."""

    def __init__(
        self, code: int, reason: str, message: str, details: Json | None = None, metadata: Json | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.status: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": metadata or {},
            "status": "Failure",
            "message": message,
        }
        if reason:
            self.status["reason"] = reason
        if details is not None:
            self.status["details"] = details
        self.status["code"] = code


def details_of(resource: Resource, name: str = "", causes: Sequence[Cause] = ()) -> Json:
    """The `details` that name a resource (plural, as for all errors but Invalid)."""
    details: Json = {"name": name} if name else {}
    if resource.group:
        details["group"] = resource.group
    details["kind"] = resource.plural
    if causes:
        details["causes"] = [cause.as_json() for cause in causes]
    return details


def not_found(resource: Resource, name: str) -> ApiError:
    """404: no such object."""
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', details_of(resource, name))


def already_exists(resource: Resource, name: str) -> ApiError:
    """409: a create met an object of that name."""
    text = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", text, details_of(resource, name))


MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"  # its words
)


def conflict(resource: Resource, name: str, why: str = MODIFIED) -> ApiError:
    """409: optimistic locking or a precondition failed."""
    text = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", text, details_of(resource, name))


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> ApiError:
    """422: the object breaks the rules of its kind."""
    return invalid_kind(resource.group, resource.kind, name, causes)


def invalid_kind(group: str, kind: str, name: str, causes: Sequence[Cause]) -> ApiError:
    """422 for something that is not a row of the table: `Scale.autoscaling`, `ListOptions.meta.k8s.io`."""
    sentences = [f"{cause.field}: {cause.message}" for cause in causes]
    joined = sentences[0] if len(sentences) == 1 else f"[{', '.join(sentences)}]"
    details: Json = {"name": name} if name else {}
    if group:
        details["group"] = group
    details |= {"kind": kind, "causes": [cause.as_json() for cause in causes]}
    title = f"{kind}.{group}" if group else kind
    return ApiError(422, "Invalid", f'{title} "{name}" is invalid: {joined}', details)


def forbidden(resource: Resource, name: str, why: str, causes: Sequence[Cause] = ()) -> ApiError:
    """403 about one object, or about the resource when `name` is empty."""
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    details = details_of(resource, name, causes)
    return ApiError(403, "Forbidden", f"{subject} is forbidden: {why}", details)


def bad_request(message: str) -> ApiError:
    """400: the request makes no sense."""
    return ApiError(400, "BadRequest", message)


def expired(message: str, continue_token: str = "") -> ApiError:
    """410: the resourceVersion or continue token is older than what is kept."""
    metadata = {"continue": continue_token} if continue_token else {}
    return ApiError(410, "Expired", message, metadata=metadata)


def too_large_version(wanted: int, current: int) -> ApiError:
    """504: the resourceVersion lies in the future (a client that was at a newer replica)."""
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    text = f"Timeout: Too large resource version: {wanted}, current: {current}"
    return ApiError(504, "Timeout", text, {"causes": causes, "retryAfterSeconds": 1})


def unauthorized() -> ApiError:
    """401: nobody that is known."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def method_not_allowed() -> ApiError:
    """405: the path exists, the method does not."""
    text = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", text, {})


def unknown_path() -> ApiError:
    """404: no such resource in a group version that is served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


ACCEPTED = "application/json, application/yaml"


def unsupported_media_type() -> ApiError:
    """415: a body in a format that is not read here (protobuf among them)."""
    text = f"the body of the request was in an unknown format - accepted media types include: {ACCEPTED}"
    return ApiError(415, "UnsupportedMediaType", text)


def unsupported_patch() -> ApiError:
    """415: a patch type that is not served (server-side apply among them)."""
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def not_acceptable(text: str = f"only the following media types are accepted: {ACCEPTED}") -> ApiError:
    """406: the client wants a representation that is not served."""
    return ApiError(406, "NotAcceptable", text)


def rejected_patch() -> ApiError:
    """422: a JSON patch that does not apply, in the API's own unhelpful words."""
    text = "the server rejected our request due to an error in our request"
    return ApiError(422, "Invalid", text, {})
