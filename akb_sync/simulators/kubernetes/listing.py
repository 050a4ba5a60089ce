"""Lists: selection, pages, and which moment of the history a list shows.

The rules are those of "Kubernetes API Concepts" (resource versions, retrieving large results sets in
chunks); texts and status codes were seen at a kube-apiserver v1.34.
"""

import base64
import binascii
import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.errors import Cause
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.selectors import Predicate, object_filter
from akb_sync.simulators.kubernetes.storage import CompactedError, Record, Store

TOO_OLD_CONTINUE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new "
    "list without the continue parameter, or use the continue token in this response to retrieve the "
    "remainder of the results. Continuing with the provided token results in an inconsistent list - objects "
    "that were created, modified, or deleted between the time the first chunk was returned and now may show "
    "up in the list."
)
TOO_OLD_LIST = "The resourceVersion for the provided list is too old."
TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 - the format's name
MATCHES = ("Exact", "NotOlderThan", "")
INCONSISTENT = -1


@dataclass(frozen=True)
class Query:
    """What a client asks of a collection, read from the URL."""

    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""
    limit: int = 0
    continue_token: str = ""
    resource_version: str = ""
    match: str = ""
    watch: bool = False
    timeout: float | None = None
    bookmarks: bool = False
    send_initial_events: bool | None = None

    @classmethod
    def read(cls, namespace: str, parameters: Mapping[str, str]) -> "Query":
        """From the query string. Raises ApiError 400 for numbers that are none."""
        timeout = parameters.get("timeoutSeconds", "")
        initial = parameters.get("sendInitialEvents", "")
        return cls(
            namespace=namespace,
            label_selector=parameters.get("labelSelector", ""),
            field_selector=parameters.get("fieldSelector", ""),
            limit=_number(parameters.get("limit", "")),
            continue_token=parameters.get("continue", ""),
            resource_version=parameters.get("resourceVersion", ""),
            match=parameters.get("resourceVersionMatch", ""),
            watch=_flag(parameters.get("watch", "")),
            timeout=float(_number(timeout)) if timeout else None,
            bookmarks=_flag(parameters.get("allowWatchBookmarks", "")),
            send_initial_events=_flag(initial) if initial else None,
        )


@dataclass(frozen=True)
class Page:
    """One page of a list: records in key order, the revision it shows, where it goes on, what is left."""

    records: list[Record]
    revision: int
    continue_token: str = ""
    remaining: int | None = None


def _number(text: str) -> int:
    try:
        return int(text or 0)
    except ValueError:
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def _flag(text: str) -> bool:
    return text.lower() in ("1", "true", "t")


def parse_version(text: str, prefix: str = "") -> int:
    """A resourceVersion as a number; empty is 0. Raises ApiError 400."""
    if not text.isdigit() and text:
        why = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise errors.bad_request(prefix + why)
    return int(text or 0)


def list_page(store: Store, resource: Resource, query: Query, *, view: int | None = None) -> Page:
    """The page that a list request asks for.

    Args:
        store: where the objects are.
        resource: what to list.
        query: the client's request.
        view: show no revision newer than this one (a replica that lags behind).

    Raises:
        ApiError: 400 and 422 for what makes no sense, 410 for a moment that is gone, 504 for one to come.
    """
    check_list_options(query)
    selected = object_filter(resource, query.label_selector, query.field_selector)
    with store.lock:
        newest = store.revision if view is None else min(view, store.revision)
        if query.continue_token:
            return _continued(store, resource, query, selected, newest)
        revision = _revision_of(query, newest)
        try:
            records = _in_namespace(store.records(resource.storage, revision), query.namespace)
        except CompactedError:
            raise errors.expired(TOO_OLD_LIST) from None
        limit = 0 if query.resource_version == "0" else query.limit
        return _cut(records, revision, limit, query, selected)


def check_list_options(query: Query) -> None:
    """Refuse combinations that contradict each other."""
    causes: list[Cause] = []
    if query.match:
        causes += _match_causes(query)
    if query.send_initial_events is not None and not query.watch:
        causes.append(_forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    if causes:
        raise errors.invalid_kind("meta.k8s.io", "ListOptions", "", causes)
    if query.continue_token and query.resource_version not in ("", "0"):
        raise errors.bad_request("specifying resource version is not allowed when using continue")


def _match_causes(query: Query) -> list[Cause]:
    field = "resourceVersionMatch"
    causes: list[Cause] = []
    if query.match not in MATCHES:
        known = ", ".join(f'"{match}"' for match in MATCHES)
        text = f'Unsupported value: "{query.match}": supported values: {known}'
        causes.append(Cause("FieldValueNotSupported", field, text))
    if query.watch and query.send_initial_events is None:
        causes.append(
            _forbidden_field(
                field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            )
        )
    if query.continue_token:
        causes.append(_forbidden_field(field, "resourceVersionMatch is forbidden when continue is provided"))
    elif not query.resource_version and not query.watch:
        causes.append(
            _forbidden_field(field, "resourceVersionMatch is forbidden unless resourceVersion is provided")
        )
    if query.match == "Exact" and query.resource_version == "0":
        causes.append(
            _forbidden_field(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
        )
    return causes


def _forbidden_field(field: str, why: str) -> Cause:
    return Cause("FieldValueForbidden", field, f"Forbidden: {why}")


def _revision_of(query: Query, newest: int) -> int:
    wanted = parse_version(query.resource_version, "invalid resource version: ")
    if wanted > newest:
        raise errors.too_large_version(wanted, newest)
    exact = query.match == "Exact" or (not query.match and query.limit > 0)
    return wanted if wanted and exact else newest


def _continued(
    store: Store, resource: Resource, query: Query, selected: Predicate | None, newest: int
) -> Page:
    revision, start = _decode(query)
    try:
        records = store.records(resource.storage, newest if revision == INCONSISTENT else revision)
    except CompactedError:
        raise errors.expired(TOO_OLD_CONTINUE, _encode(INCONSISTENT, start, query.namespace)) from None
    records = _in_namespace(records, query.namespace)
    remaining = records[bisect_left(records, start, key=lambda record: record.key) :]
    return _cut(remaining, newest if revision == INCONSISTENT else revision, query.limit, query, selected)


def _cut(records: list[Record], revision: int, limit: int, query: Query, selected: Predicate | None) -> Page:
    if selected is not None:
        records = [record for record in records if selected(record.data)]
    if limit <= 0 or len(records) <= limit:
        return Page(records, revision)
    token = _encode(revision, records[limit - 1].key + "\0", query.namespace)
    # With a selector the server does not count what it has not looked at.
    remaining = len(records) - limit if selected is None else None
    return Page(records[:limit], revision, token, remaining)


def _in_namespace(records: list[Record], namespace: str) -> list[Record]:
    if not namespace:
        return records
    prefix = namespace + "/"
    return [record for record in records if record.key.startswith(prefix)]


def _encode(revision: int, start: str, namespace: str) -> str:
    relative = start.removeprefix(namespace + "/") if namespace else start
    token = json.dumps({"v": TOKEN_VERSION, "rv": revision, "start": f"/{relative}"}, separators=(",", ":"))
    return base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")


def _decode(query: Query) -> tuple[int, str]:
    text = query.continue_token
    try:
        token = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        revision, start = int(token["rv"]), str(token["start"])
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {error}") from None
    if token.get("v") != TOKEN_VERSION:
        why = f'server does not recognize this encoded version "{token.get("v")}"'
        raise errors.bad_request(f"invalid continue token: continue key is not valid: {why}")
    relative = start.removeprefix("/")
    return revision, f"{query.namespace}/{relative}" if query.namespace else relative
