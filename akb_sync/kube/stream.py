"""The events of one watch, line by line, that another thread can end at any time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import urllib3
import urllib3.exceptions as transport

from akb_sync.errors import KubernetesAnswerError

from . import failures, fields

_CHUNK = 65536


class WatchStream:
    """A watch's answer. It ends when the server ends it, is silent for too long, or `close` is called."""

    def __init__(self, response: urllib3.BaseHTTPResponse, where: failures.Place) -> None:
        """Take over a response whose status is 200 and whose body was not read."""
        self._response = response
        self._where = where
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Give events as they arrive.

        Raises:
            KubernetesUnreachable: the connection broke.
            KubernetesAnswerError: a line is no JSON object.
        """
        try:
            for line in self._lines():
                yield self._event(line)
        except transport.ReadTimeoutError:
            return
        except (transport.HTTPError, OSError, ValueError, AttributeError) as error:
            # Shutting a TLS socket down under a reader shows as any of these.
            if self._closed.is_set():
                return
            raise failures.of_transport(error, self._where, after_headers=True) from error
        finally:
            self._release()

    def close(self) -> None:
        """End the watch from any thread; a reader that waits for data wakes up."""
        self._closed.set()
        # Not readable any more: already at its end, which is what is wanted.
        with contextlib.suppress(ValueError, RuntimeError, OSError, AttributeError):
            self._response.shutdown()

    def _lines(self) -> Iterator[bytes]:
        pending: list[bytes] = []
        for chunk in self._chunks():
            head, *others = chunk.split(b"\n")
            pending.append(head)
            for part in others:
                if line := b"".join(pending).strip():
                    yield line
                pending = [part]

    def _chunks(self) -> Iterator[bytes]:
        """Give bytes as they come. `read` would wait for a full buffer where the body is not chunked."""
        if getattr(self._response, "chunked", False):
            return iter(self._response.stream(_CHUNK, decode_content=True))
        return iter(lambda: self._response.read1(_CHUNK, decode_content=True), b"")

    def _event(self, line: bytes) -> dict[str, Any]:
        try:
            event = fields.event(line)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict):
            raise KubernetesAnswerError(
                f"{self._where} sends a watch event of {self._where.resource} that is no JSON object",
                "check that no proxy stands before it; the watch is opened again",
            )
        return event

    def _release(self) -> None:
        with contextlib.suppress(transport.HTTPError, OSError, ValueError, AttributeError):
            self._response.close()
