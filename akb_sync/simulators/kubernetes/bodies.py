"""Request bodies: JSON, YAML or protobuf in, an object of the right kind out, unknown fields judged."""

import json
from typing import Any

import yaml

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.schema import type_of
from akb_sync.simulators.kubernetes.schema.protobuf import ProtobufError, decode
from akb_sync.simulators.kubernetes.schema.reading import Reader, WrongTypeError

Json = dict[str, Any]

PROTOBUF = "application/vnd.kubernetes.protobuf"


def parse(raw: bytes, content_type: str) -> Any:
    """The body as JSON; an empty one is an empty object. Raises ApiError 400 or 415."""
    if not raw:
        return {}
    try:
        if content_type == PROTOBUF:
            return decode(raw)
        if content_type.endswith("yaml"):
            return yaml.safe_load(raw)
        if content_type == "application/octet-stream" or content_type.endswith("json"):
            return json.loads(raw)
    except (ValueError, yaml.YAMLError, ProtobufError) as error:
        text = f"couldn't get version/kind; json parse error: {error}"
        raise errors.bad_request(f"the object provided is unrecognized: {text}") from None
    raise errors.unsupported_media_type()


def typed(resource: Resource, body: Json) -> Json:
    """A copy of a body with only the fields of its kind. Raises ApiError 400 for values of the wrong type."""
    type_name = type_of(resource)
    if type_name is None:
        cleaned: Json = _without_nulls(body)
        return cleaned
    try:
        return Reader().read(type_name, body)
    except WrongTypeError as error:
        raise errors.bad_request(_unhandled(resource, str(error))) from None


def check_fields(resource: Resource, body: Json, mode: str, patch: str | None = None) -> list[str]:
    """What `fieldValidation` says about unknown fields.

    Args:
        resource: the kind.
        body: the object, of a patch the patched one.
        mode: `Strict` refuses, `Warn` (the default) warns, `Ignore` is silent.
        patch: the patch's text, when it is one.

    Returns:
        The warnings for the client.

    Raises:
        ApiError: 400 (422 for a patch) in strict mode.
    """
    type_name = type_of(resource)
    if type_name is None or mode == "Ignore":
        return []
    reader = Reader()
    try:
        reader.read(type_name, body)
    except WrongTypeError as error:
        raise errors.bad_request(_unhandled(resource, str(error))) from None
    found = [f'unknown field "{path}"' for path in reader.unknown]
    if not found or mode != "Strict":
        return found
    sentence = f"strict decoding error: {', '.join(found)}"
    if patch is None:
        raise errors.bad_request(_unhandled(resource, sentence))
    cause = Cause("FieldValueInvalid", "patch", f"Invalid value: {json.dumps(patch)}: {sentence}")
    raise errors.invalid_kind("", "", "", [cause])


def _unhandled(resource: Resource, why: str) -> str:
    return f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: {why}'


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
