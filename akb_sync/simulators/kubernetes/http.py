"""The HTTP face of the API: each request is read, held against faults, checked, and handed to the API."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from akb_sync.simulators.kubernetes import errors, event_versions
from akb_sync.simulators.kubernetes.access import Authorizer, authenticate, peer_certificate
from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.bodies import check_fields, parse
from akb_sync.simulators.kubernetes.counts import RequestCounts
from akb_sync.simulators.kubernetes.deleting import DeleteOptions
from akb_sync.simulators.kubernetes.discovery import Discovery
from akb_sync.simulators.kubernetes.faults import Faults
from akb_sync.simulators.kubernetes.listing import Page, Query
from akb_sync.simulators.kubernetes.options import User
from akb_sync.simulators.kubernetes.patches import json_patch, merge_patch
from akb_sync.simulators.kubernetes.rendering import renderer_for
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.storage import Record
from akb_sync.simulators.kubernetes.strategic import strategic_merge
from akb_sync.simulators.kubernetes.streams import Streams, WatchStream
from akb_sync.simulators.kubernetes.subresources import bind, evict, scale_of, with_scale
from akb_sync.simulators.kubernetes.targets import Target, parse_target
from akb_sync.simulators.kubernetes.watching import check_watch_options

Json = dict[str, Any]

BODY_LIMIT = 3 * 1024 * 1024
OPEN_PATHS = ("/version", "/healthz", "/livez", "/readyz")
PATCHES: dict[str, Callable[[Resource, Json, Any], Json]] = {
    "application/json-patch+json": lambda _resource, present, patch: json_patch(present, patch),
    "application/merge-patch+json": lambda _resource, present, patch: merge_patch(present, patch),
    "application/strategic-merge-patch+json": strategic_merge,
}


class Call:
    """One request with what was found out about it."""

    def __init__(self, request: web.Request, target: Target) -> None:
        self.request = request
        self.target = target
        self.query = dict(request.query)
        self.user = User("")

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be stored."""
        return self.query.get("dryRun") == "All"

    @property
    def accept(self) -> str:
        """The Accept header."""
        return self.request.headers.get("Accept", "")

    async def body(self) -> Any:
        """The body as JSON or YAML; an empty one is an empty object. Raises ApiError 400 or 415."""
        kind = self.request.content_type
        if kind in PATCHES:
            kind = "application/json"
        return parse(await self.request.read(), kind)

    async def object_body(self) -> Json:
        """The body, which has to be an object."""
        body = await self.body()
        if not isinstance(body, dict):
            raise errors.bad_request("the object provided is unrecognized: it is not an object")
        return body


class HttpApi:
    """Turns requests into calls of the API and answers into responses."""

    def __init__(self, api: Api, faults: Faults, authorizer: Authorizer, counts: RequestCounts) -> None:
        self._api = api
        self._faults = faults
        self._authorizer = authorizer
        self._counts = counts
        self._discovery = Discovery(api.table, api.options)
        self.streams = Streams()

    def application(self) -> web.Application:
        """A fresh aiohttp application over the same API."""
        application = web.Application(client_max_size=BODY_LIMIT)
        application.router.add_route("*", "/{path:.*}", self.handle)
        return application

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request; an ApiError becomes its Status."""
        call = Call(request, parse_target(request.method, request.path, request.query))
        try:
            return await self._answer(call)
        except errors.ApiError as error:
            return _json(error.status, error.code)
        except web.HTTPRequestEntityTooLarge:
            text = f"Request entity too large: limit is {BODY_LIMIT}"
            return _json(errors.ApiError(413, "RequestEntityTooLarge", text).status, 413)

    async def _answer(self, call: Call) -> web.StreamResponse:
        target = call.target
        self._counts.add(target.verb, target.full_resource or target.path)
        broken = await self._break(call)
        if broken is not None:
            return broken
        if target.path not in OPEN_PATHS:
            certificate = peer_certificate(call.request.transport)
            call.user = authenticate(call.request.headers.get("Authorization"), certificate, self._api.options.tokens)
        if not target.resource:
            return self._answer_discovery(call)
        self._authorizer.check(call.user, target)
        resource = self._api.table.by_path(target.group, target.version, target.resource)
        if resource is None:
            return self._no_such_resource(target)
        return await self._dispatch(call, resource)

    def _answer_discovery(self, call: Call) -> web.Response:
        answer = self._discovery.answer(call.target.path, call.accept) if call.target.verb == "get" else None
        if answer is None:
            return web.Response(status=404, text="404 page not found\n")
        if isinstance(answer, str):
            return web.Response(text=answer)
        response = _json(answer, 200)
        aggregated = self._discovery.aggregated_type(call.target.path, call.accept)
        if aggregated and answer.get("kind") == "APIGroupDiscoveryList":
            response.headers["Content-Type"] = aggregated
        return response

    def _no_such_resource(self, target: Target) -> web.Response:
        if target.version in self._api.table.group_versions().get(target.group, []):
            raise errors.unknown_path()
        return web.Response(status=404, text="404 page not found\n")

    async def _dispatch(self, call: Call, resource: Resource) -> web.StreamResponse:
        target = call.target
        if bool(target.namespace) is not resource.namespaced and target.verb not in ("list", "watch"):
            if resource.plural != "namespaces":
                raise errors.method_not_allowed() if not target.name else errors.unknown_path()
        if target.subresource:
            return await self._subresource(call, resource)
        if target.verb not in resource.verbs:
            raise errors.method_not_allowed()
        handlers: dict[str, Callable[[Call, Resource], Awaitable[web.StreamResponse]]] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }
        if (target.verb == "create") is bool(target.name):
            if target.verb in ("create", "update", "patch"):
                raise errors.method_not_allowed()
        return await handlers[target.verb](call, resource)

    async def _get(self, call: Call, resource: Resource) -> web.StreamResponse:
        record = self._api.get(resource, _namespace(call, resource), call.target.name)
        renderer = renderer_for(call.accept, resource, self._api.clock(), call.query.get("includeObject", ""))
        return _text(renderer.single(record))

    async def _list(self, call: Call, resource: Resource) -> web.StreamResponse:
        query = Query.read(_namespace(call, resource), call.query)
        renderer = renderer_for(call.accept, resource, self._api.clock(), call.query.get("includeObject", ""))
        old = self._faults.strike("old_view", "list", resource.plural)
        view = old.values["revision"] if old else None
        page = await self._page(resource, query, view)
        if self._faults.strike("empty_list", "list", resource.plural):
            page = Page([], page.revision)
        text = renderer.page(page)
        if self._faults.strike("cut", "list", resource.plural):
            return await _cut(call.request, text)
        return _text(text)

    async def _page(self, resource: Resource, query: Query, view: int | None) -> Page:
        deadline = asyncio.get_running_loop().time() + self._api.options.too_large_wait
        while True:
            try:
                return self._api.list(resource, query, view=view)
            except errors.ApiError as error:
                if error.code != 504 or asyncio.get_running_loop().time() >= deadline:
                    raise
            await asyncio.sleep(0.05)

    async def _watch(self, call: Call, resource: Resource) -> web.StreamResponse:
        query = Query.read(_namespace(call, resource), call.query)
        check_watch_options(query, watch_list=self._api.options.watch_list)
        renderer = renderer_for(call.accept, resource, self._api.clock(), call.query.get("includeObject", ""))
        stream = WatchStream(self._api.store, resource, query, renderer, self._faults, self._api.options)
        expire = self._faults.strike("expire_watch", "watch", resource.plural)
        old = self._faults.strike("old_view", "watch", resource.plural)
        try:
            if expire:
                raise errors.expired("The resourceVersion for the provided watch is too old.")
            first = stream.subscription.open(query, view=old.values["revision"] if old else None)
        except errors.ApiError as error:
            if expire and expire.values["http"]:
                raise
            return await _error_stream(call.request, error)
        forget = self.streams.add(stream)
        try:
            return await stream.serve(call.request, first)
        except ConnectionError:
            raise asyncio.CancelledError from None
        finally:
            forget()

    async def _create(self, call: Call, resource: Resource) -> web.StreamResponse:
        body = await call.object_body()
        if resource.verbs == ("create",):
            return _json(self._review(call, resource, body), 201)
        stored, body = event_versions.incoming(resource, body)
        data = self._api.create(stored, _namespace(call, resource), body, dry_run=call.dry_run)
        return self._object(call, resource, data, 201)

    def _review(self, call: Call, resource: Resource, body: Json) -> Json:
        head = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": {}}
        if resource.plural == "selfsubjectreviews":
            info = {"username": call.user.name, "groups": list(call.user.groups)}
            return {**head, "status": {"userInfo": info}}
        spec = body.get("spec") or {}
        return {**head, "spec": spec, "status": self._authorizer.review(call.user, spec)}

    async def _update(self, call: Call, resource: Resource) -> web.StreamResponse:
        stored, body = event_versions.incoming(resource, await call.object_body())
        namespace, name = _namespace(call, resource), call.target.name
        data, created = self._api.replace(
            stored, namespace, name, body, subresource=call.target.subresource, dry_run=call.dry_run
        )
        return self._object(call, resource, data, 201 if created else 200)

    async def _patch(self, call: Call, resource: Resource) -> web.StreamResponse:
        apply = PATCHES.get(call.request.content_type)
        if apply is None:
            raise errors.unsupported_patch()
        patch = await call.body()
        stored = event_versions.CORE_EVENTS if event_versions.is_new_face(resource) else resource
        data = self._api.patch(
            stored,
            _namespace(call, resource),
            call.target.name,
            lambda present: apply(present, patch),
            subresource=call.target.subresource,
            dry_run=call.dry_run,
        )
        return self._object(call, resource, data, 200)

    async def _delete(self, call: Call, resource: Resource) -> web.StreamResponse:
        options = DeleteOptions.read(await call.object_body(), call.query)
        data, gone = self._api.delete(resource, _namespace(call, resource), call.target.name, options)
        if not gone or resource.plural == "pods":
            return self._object(call, resource, data, 200)
        details = errors.details_of(resource, call.target.name) | {"uid": data["metadata"]["uid"]}
        return _json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}, 200)

    async def _delete_collection(self, call: Call, resource: Resource) -> web.StreamResponse:
        options = DeleteOptions.read(await call.object_body(), call.query)
        query = Query.read(_namespace(call, resource), call.query)
        page = self._api.delete_collection(resource, query, options)
        return _text(renderer_for(call.accept, resource, self._api.clock()).page(page))

    async def _subresource(self, call: Call, resource: Resource) -> web.StreamResponse:
        sub, verb = call.target.subresource, call.target.verb
        if sub not in resource.subresources:
            raise errors.unknown_path()
        if sub in ("eviction", "binding"):
            if verb != "create":
                raise errors.method_not_allowed()
            act = evict if sub == "eviction" else bind
            body = await call.object_body()
            return _json(act(self._api, resource, call.target.namespace, call.target.name, body), 201)
        if sub == "scale":
            return await self._scale(call, resource)
        handlers = {"get": self._get, "update": self._update, "patch": self._patch}
        if verb not in handlers:
            raise errors.method_not_allowed()
        return await handlers[verb](call, resource)

    async def _scale(self, call: Call, resource: Resource) -> web.StreamResponse:
        namespace, name, verb = _namespace(call, resource), call.target.name, call.target.verb
        if verb == "get":
            return _json(scale_of(self._api.get(resource, namespace, name).data), 200)
        apply = PATCHES.get(call.request.content_type, merge_patch)
        body = await call.body()
        if verb == "update":
            data = self._api.patch(resource, namespace, name, lambda old: with_scale(old, body), dry_run=call.dry_run)
        elif verb == "patch":
            data = self._api.patch(
                resource, namespace, name, lambda old: with_scale(old, apply(scale_of(old), body)), dry_run=call.dry_run
            )
        else:
            raise errors.method_not_allowed()
        return _json(scale_of(data), 200)

    def _object(self, call: Call, resource: Resource, data: Json, status: int) -> web.Response:
        record = Record("", int(data["metadata"].get("resourceVersion", 0)), data)
        shown = event_versions.outgoing(resource, record)
        return _text(renderer_for(call.accept, resource, self._api.clock()).single(shown), status)

    async def _break(self, call: Call) -> web.StreamResponse | None:
        verb, resource = call.target.verb, call.target.resource or call.target.path
        late = self._faults.strike("latency", verb, resource)
        if late:
            await asyncio.sleep(late.values["seconds"])
        hang = self._faults.strike("hang", verb, resource)
        while hang and hang.active and call.request.transport and not call.request.transport.is_closing():
            await asyncio.sleep(0.05)
        fault = self._faults.strike("error", verb, resource)
        return _broken(fault.values["status"], html=fault.values["html"]) if fault else None


_REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


def _broken(status: int, *, html: bool) -> web.Response:
    reason = _REASONS.get(status, "Unknown")
    if html:
        page = f"<html><head><title>{status} {reason}</title></head><body><h1>{status} {reason}</h1></body></html>"
        return web.Response(status=status, text=page, content_type="text/html")
    response = _json(errors.ApiError(status, reason, "the server is currently unable to handle the request").status, status)
    if status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response


def _namespace(call: Call, resource: Resource) -> str:
    return call.target.namespace if resource.namespaced else ""


def _json(data: Json, status: int) -> web.Response:
    return _text(json.dumps(data, separators=(",", ":")), status)


def _text(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="application/json")


async def _cut(request: web.Request, text: str) -> web.StreamResponse:
    """Announce the whole body, send half of it, and break the connection."""
    raw = text.encode()
    response = web.StreamResponse(headers={"Content-Length": str(len(raw)), "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(raw[: len(raw) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _error_stream(request: web.Request, error: errors.ApiError) -> web.StreamResponse:
    """A watch that ends as it begins: HTTP 200 and one ERROR event."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(json.dumps({"type": "ERROR", "object": error.status}).encode() + b"\n")
    return response
