"""Answers that are broken on purpose: errors, pages of a proxy, bodies that end in their middle."""

import asyncio
import json

from aiohttp import web

from akb_sync.simulators.kubernetes.call import Call, json_answer
from akb_sync.simulators.kubernetes.errors import ApiError
from akb_sync.simulators.kubernetes.faults import Faults

REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
LOOK_SECONDS = 0.05


async def strike(faults: Faults, call: Call) -> web.Response | None:
    """Let the faults of whole requests happen; returns the broken answer if there is to be one."""
    verb, resource = call.target.verb, call.target.resource or call.target.path
    late = faults.strike("latency", verb, resource)
    if late:
        await asyncio.sleep(late.values["seconds"])
    hang = faults.strike("hang", verb, resource)
    # A fault is removed from another thread; looking is simpler than waking.
    while hang and hang.in_force and not is_gone(call.request):  # noqa: ASYNC110 - see above
        await asyncio.sleep(LOOK_SECONDS)
    fault = faults.strike("error", verb, resource)
    if fault is None:
        return None
    status: int = fault.values["status"]
    return html_page(status) if fault.values["html"] else error_answer(status)


def is_gone(request: web.Request) -> bool:
    """Whether the client has left."""
    return request.transport is None or request.transport.is_closing()


def html_page(status: int) -> web.Response:
    """What a load balancer answers for a server that it does not reach."""
    title = f"{status} {REASONS.get(status, 'Error')}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return web.Response(status=status, text=page, content_type="text/html")


def error_answer(status: int) -> web.Response:
    """An error of the API server itself, with Retry-After where it sends one."""
    text = "the server is currently unable to handle the request"
    response = json_answer(ApiError(status, REASONS.get(status, ""), text).status, status)
    if status in (429, 503):
        response.headers["Retry-After"] = "1"
    return response


async def cut_answer(request: web.Request, text: str) -> web.StreamResponse:
    """Announce the whole body, send half of it, and break the connection."""
    raw = text.encode()
    headers = {"Content-Length": str(len(raw)), "Content-Type": "application/json"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(raw[: len(raw) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def error_stream(request: web.Request, error: ApiError) -> web.StreamResponse:
    """A watch that ends as it begins: HTTP 200 and one ERROR event."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(json.dumps({"type": "ERROR", "object": error.status}).encode() + b"\n")
    return response
