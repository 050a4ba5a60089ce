"""JSON patch (RFC 6902) and merge patch (RFC 7386): the patch forms that need no knowledge of a kind."""

import copy
from typing import Any

from akb_sync.simulators.kubernetes.errors import bad_request, rejected_patch

Json = dict[str, Any]


def merge_patch(target: Any, patch: Any) -> Any:
    """The target with the patch merged in: null removes, objects merge, all else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def json_patch(target: Json, operations: Any) -> Json:
    """A copy of the target with the operations applied in order.

    Raises:
        ApiError: 400 for what is not a list of operations, 422 for one that does not apply (a failed
            `test`, a path that is not there), with the target untouched.
    """
    if not isinstance(operations, list) or not all(isinstance(step, dict) for step in operations):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
        )
    document = copy.deepcopy(target)
    try:
        for step in operations:
            document = _apply(document, step)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise rejected_patch() from error
    return document


def _apply(document: Any, step: Json) -> Any:
    path = _pointer(step["path"])
    match step["op"]:
        case "add":
            return _add(document, path, copy.deepcopy(step["value"]))
        case "remove":
            return _remove(document, path)
        case "replace":
            return _replace(document, path, copy.deepcopy(step["value"]))
        case "test":
            if _read(document, path) != step["value"]:
                raise ValueError(step["path"])
            return document
        case "copy":
            return _add(document, path, copy.deepcopy(_read(document, _pointer(step["from"]))))
        case "move":
            value = _read(document, _pointer(step["from"]))
            return _add(_remove(document, _pointer(step["from"])), path, value)
        case other:
            raise ValueError(other)


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(text)
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _read(document: Any, path: list[str]) -> Any:
    for part in path:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def _add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _read(document, path[:-1])
    last = path[-1]
    if not isinstance(parent, list):
        parent[last] = value
    elif last == "-":
        parent.append(value)
    elif 0 <= int(last) <= len(parent):
        parent.insert(int(last), value)
    else:
        raise IndexError(last)
    return document


def _replace(document: Any, path: list[str], value: Any) -> Any:
    """Against RFC 6902 a key of an object need not be there: so does the library of the API server."""
    if not path:
        return value
    parent = _read(document, path[:-1])
    if isinstance(parent, dict):
        parent[path[-1]] = value
    else:
        parent[int(path[-1])] = value
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        return None
    parent = _read(document, path[:-1])
    del parent[int(path[-1]) if isinstance(parent, list) else path[-1]]
    return document
