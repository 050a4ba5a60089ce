"""The verbs over HTTP: from a request to a call of the API, and from its result to a response."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from akb_sync.simulators.kubernetes import errors, event_versions
from akb_sync.simulators.kubernetes.access import Authorizer
from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.bodies import check_fields
from akb_sync.simulators.kubernetes.breakage import cut_answer, error_stream
from akb_sync.simulators.kubernetes.call import Call, add_warnings, json_answer, success, text_answer
from akb_sync.simulators.kubernetes.deleting import DeleteOptions
from akb_sync.simulators.kubernetes.faults import Faults
from akb_sync.simulators.kubernetes.listing import Page, Query
from akb_sync.simulators.kubernetes.patches import json_patch, merge_patch
from akb_sync.simulators.kubernetes.rendering import Renderer, renderer_for
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Record
from akb_sync.simulators.kubernetes.strategic import strategic_merge
from akb_sync.simulators.kubernetes.streams import Streams, WatchStream
from akb_sync.simulators.kubernetes.subresources import bind, evict, scale_of, with_scale
from akb_sync.simulators.kubernetes.watching import check_watch_options

Json = dict[str, Any]
Handler = Callable[[Call, Resource], Awaitable[web.StreamResponse]]

PATCHES: dict[str, Callable[[Resource, Json, Any], Json]] = {
    "application/json-patch+json": lambda _resource, present, patch: json_patch(present, patch),
    "application/merge-patch+json": lambda _resource, present, patch: merge_patch(present, patch),
    "application/strategic-merge-patch+json": strategic_merge,
}
NEEDS_NAME = ("update", "patch")


class Verbs:
    """One method for each verb; `dispatch` chooses."""

    def __init__(self, api: Api, faults: Faults, authorizer: Authorizer) -> None:
        self._api = api
        self._faults = faults
        self._authorizer = authorizer
        self.streams = Streams()
        self._handlers: dict[str, Handler] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    async def dispatch(self, call: Call, resource: Resource) -> web.StreamResponse:
        """Answer a request that may pass. Raises ApiError, 405 for what cannot be done at this path."""
        target = call.target
        if target.subresource:
            return await self._subresource(call, resource)
        across = resource.namespaced and not target.namespace
        if across and target.verb not in ("list", "watch"):
            raise errors.unknown_path() if target.name else errors.method_not_allowed()
        named = bool(target.name)
        if target.verb not in resource.verbs or (
            named if target.verb == "create" else not named and target.verb in NEEDS_NAME
        ):
            raise errors.method_not_allowed()
        return await self._handlers[target.verb](call, resource)

    def _renderer(self, call: Call, resource: Resource) -> Renderer:
        return renderer_for(call.accept, resource, self._api.clock(), call.query.get("includeObject", ""))

    async def _get(self, call: Call, resource: Resource) -> web.StreamResponse:
        record = self._api.get(resource, call.namespace(resource), call.target.name)
        return text_answer(self._renderer(call, resource).single(record))

    async def _list(self, call: Call, resource: Resource) -> web.StreamResponse:
        query = Query.read(call.namespace(resource), call.query)
        renderer = self._renderer(call, resource)
        page = await self._page(resource, query, self._old_view("list", resource))
        if self._faults.strike("empty_list", "list", resource.plural):
            page = Page([], page.revision)
        text = renderer.page(page)
        if self._faults.strike("cut", "list", resource.plural):
            return await cut_answer(call.request, text)
        return text_answer(text)

    def _old_view(self, verb: str, resource: Resource) -> int | None:
        fault = self._faults.strike("old_view", verb, resource.plural)
        return fault.values["revision"] if fault else None

    async def _page(self, resource: Resource, query: Query, view: int | None) -> Page:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._api.options.too_large_wait
        while True:
            try:
                return self._api.list(resource, query, view=view)
            except errors.ApiError as error:
                if error.code != 504 or loop.time() >= deadline:
                    raise
            await asyncio.sleep(0.05)

    async def _watch(self, call: Call, resource: Resource) -> web.StreamResponse:
        query = Query.read(call.namespace(resource), call.query)
        check_watch_options(query, watch_list=self._api.options.watch_list)
        renderer = self._renderer(call, resource)
        hear = self.streams.hear
        stream = WatchStream(self._api, resource, query, renderer, self._faults, hear=hear)
        expire = self._faults.strike("expire_watch", "watch", resource.plural)
        try:
            if expire:
                raise errors.expired("The resourceVersion for the provided watch is too old.")
            first = stream.subscription.open(query, view=self._old_view("watch", resource))
        except errors.ApiError as error:
            if expire and expire.values["http"]:
                raise
            return await error_stream(call.request, error)
        forget = self.streams.add(stream)
        try:
            return await stream.serve(call.request, first)
        finally:
            forget()

    async def _create(self, call: Call, resource: Resource) -> web.StreamResponse:
        body = await call.object_body()
        if resource.verbs == ("create",):
            return json_answer(self._review(call, resource, body), 201)
        warnings = check_fields(resource, body, call.field_validation)
        stored, body = event_versions.incoming(resource, body)
        data = self._api.create(stored, call.namespace(resource), body, dry_run=call.dry_run)
        return add_warnings(self._object(call, resource, data, 201), warnings)

    def _review(self, call: Call, resource: Resource, body: Json) -> Json:
        head = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": {}}
        if resource.plural == "selfsubjectreviews":
            info = {"username": call.user.name, "groups": list(call.user.groups)}
            return {**head, "status": {"userInfo": info}}
        spec = body.get("spec") or {}
        return {**head, "spec": spec, "status": self._authorizer.review(call.user, spec)}

    async def _update(self, call: Call, resource: Resource) -> web.StreamResponse:
        body = await call.object_body()
        warnings = check_fields(resource, body, call.field_validation)
        stored, body = event_versions.incoming(resource, body)
        sub, target = call.target.subresource, call.target
        data, created = self._api.replace(
            stored, call.namespace(resource), target.name, body, subresource=sub, dry_run=call.dry_run
        )
        return add_warnings(self._object(call, resource, data, 201 if created else 200), warnings)

    async def _patch(self, call: Call, resource: Resource) -> web.StreamResponse:
        apply = PATCHES.get(call.request.content_type)
        if apply is None:
            raise errors.unsupported_patch()
        patch = await call.body()
        stored = event_versions.CORE_EVENTS if event_versions.is_new_face(resource) else resource
        warnings: list[str] = []

        def change(present: Json) -> Json:
            patched = apply(stored, present, patch)
            warnings.extend(check_fields(stored, patched, call.field_validation, json.dumps(patch)))
            return patched

        namespace, sub = call.namespace(resource), call.target.subresource
        data = self._api.patch(
            stored, namespace, call.target.name, change, subresource=sub, dry_run=call.dry_run
        )
        return add_warnings(self._object(call, resource, data), warnings)

    async def _delete(self, call: Call, resource: Resource) -> web.StreamResponse:
        options = DeleteOptions.read(await call.object_body(), call.query)
        data, gone = self._api.delete(resource, call.namespace(resource), call.target.name, options)
        if not gone or resource.plural == "pods":
            return self._object(call, resource, data)
        return success(
            details=errors.details_of(resource, call.target.name) | {"uid": data["metadata"]["uid"]}
        )

    async def _delete_collection(self, call: Call, resource: Resource) -> web.StreamResponse:
        options = DeleteOptions.read(await call.object_body(), call.query)
        query = Query.read(call.namespace(resource), call.query)
        page = self._api.delete_collection(resource, query, options)
        return text_answer(self._renderer(call, resource).page(page))

    async def _subresource(self, call: Call, resource: Resource) -> web.StreamResponse:
        sub, verb = call.target.subresource, call.target.verb
        if sub not in resource.subresources:
            raise errors.unknown_path()
        if sub == "scale":
            return await self._scale(call, resource)
        if sub in ("eviction", "binding"):
            return await self._action(call, resource)
        handlers = {"get": self._get, "update": self._update, "patch": self._patch}
        if verb not in handlers:
            raise errors.method_not_allowed()
        return await handlers[verb](call, resource)

    async def _action(self, call: Call, resource: Resource) -> web.StreamResponse:
        if call.target.verb != "create":
            raise errors.method_not_allowed()
        act = evict if call.target.subresource == "eviction" else bind
        act(self._api, resource, call.target.namespace, call.target.name, await call.object_body())
        return success(201)

    async def _scale(self, call: Call, resource: Resource) -> web.StreamResponse:
        namespace, name, verb = call.namespace(resource), call.target.name, call.target.verb
        if verb == "get":
            return json_answer(scale_of(self._api.get(resource, namespace, name).data))
        if verb not in ("update", "patch"):
            raise errors.method_not_allowed()
        body = await call.object_body()

        def change(present: Json) -> Json:
            scale = body if verb == "update" else merge_patch(scale_of(present), body)
            return with_scale(present, scale)

        return json_answer(scale_of(self._api.patch(resource, namespace, name, change, dry_run=call.dry_run)))

    def _object(self, call: Call, resource: Resource, data: Json, status: int = 200) -> web.Response:
        record = Record("", int(data["metadata"].get("resourceVersion", 0)), data)
        shown = event_versions.outgoing(resource, record)
        return text_answer(self._renderer(call, resource).single(shown), status)
