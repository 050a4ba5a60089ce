"""One kind, read whole: in pages, from a consistent view, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from akb_sync.clock import Clock
from akb_sync.errors import KubernetesAnswerError, KubernetesGone

from .api import KubeApi
from .facts import Facts, resource_version
from .prose import shown
from .resources import Resource

PAGE_SIZE = 500
ATTEMPTS = 3
"""Times that a list is begun when its continue token expires on the way."""


@dataclass(frozen=True, slots=True)
class Listing:
    """All objects of a kind at one moment of the cluster."""

    items: tuple[tuple[Facts, int], ...]
    """Each with its resourceVersion as a number."""
    version: str
    """The resourceVersion of the list, where a watch goes on."""
    began_at: float
    """Monotonic seconds when the first page was asked for."""


def list_all(api: KubeApi, resource: Resource, clock: Clock, page_size: int = PAGE_SIZE) -> Listing:
    """Read all objects of a kind.

    No resourceVersion is sent, which asks for the most recent state and not for any that a cache has
    (Kubernetes API concepts: "The resourceVersion parameter"). A continue token that expires on the way
    (HTTP 410) starts the list again, since half of it would be of another moment.

    Raises:
        KubernetesError: it cannot be read; nothing of it can be used.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _list_once(api, resource, clock, page_size)
        except KubernetesGone:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")  # pragma: no cover


def _list_once(api: KubeApi, resource: Resource, clock: Clock, page_size: int) -> Listing:
    began_at = clock.monotonic()
    found: list[tuple[Facts, int]] = []
    version = ""
    for page in pages(api, resource.path, resource.source, resource.list_accept, page_size):
        for item in page.get("items") or ():
            facts = resource.project(item)
            if facts is not None:
                found.append((facts, resource_version(item)))
        version = page["metadata"]["resourceVersion"]
    return Listing(tuple(found), version, began_at)


def pages(
    api: KubeApi, path: str, kind: str, accept: str | None = None, page_size: int = PAGE_SIZE
) -> Iterator[dict[str, Any]]:
    """Give a list page by page; `kind` names it in errors, in the plural.

    Raises:
        KubernetesError: it cannot be read to its end; what was given is then no part of anything.
    """
    token = ""
    while True:
        params = {"limit": str(page_size)} | ({"continue": token} if token else {})
        page = api.get(path, params, accept)
        meta = _checked(page, kind)
        yield page
        following = meta.get("continue") or ""
        if not following:
            return
        if following == token or not isinstance(following, str):
            raise KubernetesAnswerError(
                f"the list of {kind} does not end: its continue token stays the same",
                "check the API server and what stands before it",
            )
        token = following


def _checked(page: dict[str, Any], listed: str) -> dict[str, Any]:
    """Give a page's metadata; an answer that is no list must not pass for an empty one."""
    meta, kind, items = page.get("metadata"), page.get("kind"), page.get("items")
    is_list = isinstance(kind, str) and kind.endswith("List")
    if not is_list or not isinstance(meta, dict) or not (items is None or isinstance(items, list)):
        raise KubernetesAnswerError(
            f"the answer to list {listed} is no list but `{shown(str(kind))}`",
            "check that the URL is a Kubernetes API server's",
        )
    if not isinstance(meta.get("resourceVersion"), str) or not meta["resourceVersion"]:
        raise KubernetesAnswerError(f"the list of {listed} has no resourceVersion", "check the API server")
    return meta
