"""What an APIC's answer means: the envelope read, every failure mapped to the error tree in this one place.

Success is `{"totalCount":"<n>","imdata":[...]}`, with `subscriptionId` when one was asked for; numbers are
strings. A failure is `{"imdata":[{"error":{"attributes":{"code":"…","text":"…"}}}]}` with a status of 400 or
more; an overloaded or starting controller answers HTML from its nginx instead, with 503 or even 200.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypedDict

import msgspec

from akb_sync.errors import (
    LATER,
    ApicAnswerError,
    ApicBusy,
    ApicError,
    ApicForbidden,
    ApicLoginRefused,
    ApicOutcomeUnknown,
    ApicRejected,
)

from .query import plain
from .wire import Call, Reply

_TOKEN = re.compile(r"token was invalid|valid webtoken cookie", re.IGNORECASE)
_IN_PROGRESS = "202"
"""Error code of `Request in progress`."""


class _Attributes(TypedDict):
    attributes: dict[str, str]


class _Body(_Attributes, total=False):
    children: Any


class _Objects(TypedDict):
    imdata: list[dict[str, _Body]]


class _Envelope(_Objects, total=False):
    totalCount: Any
    subscriptionId: Any


_decoder = msgspec.json.Decoder(_Envelope)


class TokenRefused(ApicForbidden):
    """The session has ended or is not known: log in again, then ask again."""


class SocketMissing(ApicBusy):
    """The APIC knows no open websocket for this session, so it takes no subscription."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: objects as `{class: {"attributes": ..., "children": ...}}`."""

    imdata: list[dict[str, Any]]
    total: int
    """How many objects there are over all pages."""
    subscription_id: str = ""


def read(call: Call, reply: Reply) -> Answer:
    """Give the answer to `call`, or raise what it means."""
    envelope = unpacked(reply.body)
    if reply.status == 200 and envelope is not None and not _error_of(envelope):
        return _answer(envelope, call, reply)
    raise _failure(call, reply, envelope)


def _answer(envelope: dict[str, Any], call: Call, reply: Reply) -> Answer:
    imdata = envelope["imdata"]
    try:
        # The answer to a subscription refresh has no totalCount (captured on a real APIC).
        total = int(envelope.get("totalCount", len(imdata)))
    except (TypeError, ValueError, OverflowError):  # the last: JSON that says Infinity
        raise _not_an_answer(call, reply) from None
    return Answer(imdata, total, str(envelope.get("subscriptionId", "")))


def unpacked(data: bytes) -> dict[str, Any] | None:
    """Read an answer or a frame of events, whose `imdata` is of the form that `are_objects` asks for.

    None for everything else. The parser checks the form while it reads, many times as fast as a loop over
    all attributes. What it refuses is read again and looked at in full: an error may be of any shape.
    """
    try:
        return dict(_decoder.decode(data))
    except msgspec.MsgspecError:
        return _looked_at(data)
    except RecursionError:
        return None


def _looked_at(data: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    return document if are_objects(document.get("imdata")) else None


def are_objects(imdata: object) -> bool:
    """Whether this is a list of `{class: {"attributes": {...}, ...}}`, so that nobody else has to ask.

    All attributes of an APIC are texts, numbers and booleans too (recorded answers). Errors may be of any
    shape: what they say is shown, and nothing is concluded from it.
    """
    return isinstance(imdata, list) and all(
        isinstance(item, dict) and all(_is_object(name, body) for name, body in item.items())
        for item in imdata
    )


def _is_object(name: str, body: object) -> bool:
    attributes = body.get("attributes") if isinstance(body, dict) else None
    if not isinstance(attributes, dict):
        return False
    return name == "error" or all(isinstance(value, str) for value in attributes.values())


def _error_of(envelope: dict[str, Any]) -> tuple[str, str] | None:
    """Give the APIC's own code and text, when the envelope carries an error."""
    for item in envelope["imdata"]:
        if "error" in item:
            attributes = item["error"]["attributes"]
            return _line(str(attributes.get("code", "")), 40), _line(str(attributes.get("text", "")), 400)
    return None


def _failure(call: Call, reply: Reply, envelope: dict[str, Any] | None) -> ApicError:
    code, text = (envelope and _error_of(envelope)) or ("", "")
    words = text or _first_words(reply.body)
    message = f"{reply.controller} answers {reply.status} to {_asked(call)}: {words}"
    if reply.status in {401, 403}:
        return _not_allowed(reply.status, message, words)
    if reply.status in {202, 405, 429} or code == _IN_PROGRESS:
        return SocketMissing(message) if "web socket" in words.lower() else ApicBusy(message, LATER)
    if reply.status >= 500:
        return _server_failure(call, reply, message)
    if reply.status == 413:
        # nginx refuses the size before the APIC sees it: a rejection that a smaller request can mend.
        return ApicRejected("413", words, _asked(call))
    return ApicRejected(code, text, _asked(call)) if code or text else _not_an_answer(call, reply)


def _not_allowed(status: int, message: str, words: str) -> ApicError:
    if status == 401:
        return ApicLoginRefused(message, "check the APIC user and its password or key")
    if _TOKEN.search(words):
        return TokenRefused(message, "the session has ended")
    return ApicForbidden(message, "give the APIC user a role with the rights that this takes")


def _server_failure(call: Call, reply: Reply, message: str) -> ApicError:
    """Tell a request that was turned away from one that may have been carried out.

    503 with `Resolve timeout` is the APIC giving up after 90 s on something it had begun. 500, 502 and 504 on
    a write come from a proxy or a crash after the request had been handed on.
    """
    begun = reply.status != 503 or "timeout" in message.lower()
    return ApicOutcomeUnknown(message, LATER) if call.writes and begun else ApicBusy(message, LATER)


def _not_an_answer(call: Call, reply: Reply) -> ApicError:
    message = (
        f"{reply.controller} answers {reply.status} to {_asked(call)}, and not as an APIC does: "
        f"{_first_words(reply.body)}"
    )
    if call.writes and reply.status == 200:
        return ApicOutcomeUnknown(message, LATER)  # something said 200; whether the APIC did is not known
    return ApicAnswerError(message, "check that --apic names an APIC and that no proxy stands before it")


def _asked(call: Call) -> str:
    """Name what was asked for: the DN, or the path without its parameters."""
    path = plain(call.target.partition("?")[0])
    return path.removeprefix("/api/mo/").removesuffix(".json") if path.startswith("/api/mo/") else path


def _first_words(body: bytes) -> str:
    text = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", body[:4096].decode("utf-8", "replace"))
    return _line(text, 80) or "(nothing)"


def _line(text: str, longest: int) -> str:
    """Give a text of theirs as one printable line: it ends up in logs, Events and terminals."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else f"{line[:longest]}…"
