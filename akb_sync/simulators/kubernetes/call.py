"""One request with what was found out about it, and the simple forms of an answer."""

import json
from typing import Any

from aiohttp import web

from akb_sync.simulators.kubernetes import errors
from akb_sync.simulators.kubernetes.bodies import parse
from akb_sync.simulators.kubernetes.options import User
from akb_sync.simulators.kubernetes.resources import Resource
from akb_sync.simulators.kubernetes.targets import Target

Json = dict[str, Any]

PATCH_SUFFIX = "-patch+json"


class Call:
    """A request, its target, its query and, once known, its user."""

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
    def field_validation(self) -> str:
        """What to do about unknown fields: `Strict`, `Warn` or `Ignore`."""
        return self.query.get("fieldValidation") or "Warn"

    @property
    def accept(self) -> str:
        """The Accept header."""
        return self.request.headers.get("Accept", "")

    def namespace(self, resource: Resource) -> str:
        """The namespace of the objects asked for; empty for all, and for kinds outside namespaces."""
        return self.target.namespace if resource.namespaced else ""

    async def body(self) -> Any:
        """The body as JSON. Raises ApiError 400 or 415."""
        kind = self.request.content_type
        kind = "application/json" if kind.endswith(PATCH_SUFFIX) else kind
        return parse(await self.request.read(), kind)

    async def object_body(self) -> Json:
        """The body, which has to be an object."""
        body = await self.body()
        if not isinstance(body, dict):
            raise errors.bad_request("the object provided is unrecognized: it is not an object")
        return body


def json_answer(data: Json, status: int = 200) -> web.Response:
    """A JSON document."""
    return text_answer(json.dumps(data, separators=(",", ":")), status)


def text_answer(text: str, status: int = 200) -> web.Response:
    """Text that is JSON already."""
    return web.Response(text=text, status=status, content_type="application/json")


def success(status: int = 200, details: Json | None = None) -> web.Response:
    """A Status of success."""
    body: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return json_answer(body | ({"details": details} if details else {}), status)


def add_warnings(response: web.Response, warnings: list[str]) -> web.Response:
    """The response with a Warning header for each text, as kubectl shows them."""
    for text in warnings:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{escaped}"')
    return response
