"""The HTTP face of the API: requests are counted, broken to order, authenticated, authorized, handed on."""

from aiohttp import web

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.access import Authorizer, authenticate, peer_certificate
from akb_sync.simulators.kubernetes.api import Api
from akb_sync.simulators.kubernetes.breakage import strike
from akb_sync.simulators.kubernetes.call import Call, json_answer
from akb_sync.simulators.kubernetes.counts import RequestCounts
from akb_sync.simulators.kubernetes.discovery import Discovery
from akb_sync.simulators.kubernetes.faults import Faults
from akb_sync.simulators.kubernetes.streams import Streams
from akb_sync.simulators.kubernetes.targets import Target, parse_target
from akb_sync.simulators.kubernetes.verbs import Verbs

BODY_LIMIT = 3 * 1024 * 1024
OPENAPI_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
OPEN_PATHS = ("/version", "/healthz", "/livez", "/readyz")


class HttpApi:
    """Turns requests into calls of the API and its errors into Status answers."""

    def __init__(self, api: Api, faults: Faults, authorizer: Authorizer, counts: RequestCounts) -> None:
        self._api = api
        self._faults = faults
        self._authorizer = authorizer
        self._counts = counts
        self._discovery = Discovery(api.table, api.options)
        self._verbs = Verbs(api, faults, authorizer)

    @property
    def streams(self) -> Streams:
        """The open watches."""
        return self._verbs.streams

    def application(self) -> web.Application:
        """A fresh aiohttp application over the same API."""
        application = web.Application(client_max_size=BODY_LIMIT)
        application.router.add_route("*", "/{path:.*}", self.handle)
        return application

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        call = Call(request, parse_target(request.method, request.path, request.query))
        try:
            return await self._answer(call)
        except errors.ApiError as error:
            return json_answer(error.status, error.code)
        except web.HTTPRequestEntityTooLarge:
            text = f"Request entity too large: limit is {BODY_LIMIT}"
            return json_answer(errors.ApiError(413, "RequestEntityTooLarge", text).status, 413)

    async def _answer(self, call: Call) -> web.StreamResponse:
        target = call.target
        self._counts.add(target.verb, target.full_resource or target.path)
        broken = await strike(self._faults, call)
        if broken is not None:
            return broken
        if target.path not in OPEN_PATHS:
            certificate = peer_certificate(call.request.transport)
            header = call.request.headers.get("Authorization")
            call.user = authenticate(header, certificate, self._api.options.tokens)
        if not target.resource:
            return self._answer_discovery(call)
        self._authorizer.check(call.user, target)
        resource = self._api.table.by_path(target.group, target.version, target.resource)
        if resource is None:
            return self._no_such_resource(target)
        return await self._verbs.dispatch(call, resource)

    def _answer_discovery(self, call: Call) -> web.Response:
        path = call.target.path
        answer = self._discovery.answer(path, call.accept) if call.target.verb == "get" else None
        if answer is None:
            return web.Response(status=404, text="404 page not found\n")
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type=OPENAPI_V2)
        if isinstance(answer, str):
            return web.Response(text=answer)
        response = json_answer(answer)
        if answer.get("kind") == "APIGroupDiscoveryList":
            response.headers["Content-Type"] = self._discovery.aggregated_type(path, call.accept)
        return response

    def _no_such_resource(self, target: Target) -> web.Response:
        if target.version in self._api.table.group_versions().get(target.group, []):
            raise errors.unknown_path()
        return web.Response(status=404, text="404 page not found\n")
