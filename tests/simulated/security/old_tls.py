"""A server that speaks TLS 1.1 at most, and notes what anybody tells it in clear."""

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from akb_sync.simulators.certificates import Authority, ssl_context

WEAK = "ALL:@SECLEVEL=0"
"""OpenSSL 3 has no cipher for TLS 1.1 above security level 0."""


def weaken(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a context speak TLS 1.0 and 1.1 only."""
    context.set_ciphers(WEAK)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@contextmanager
def old_server(authority: Authority) -> Iterator[tuple[int, list[bytes]]]:
    """Listen; give the port and what was told in clear."""
    told = list[bytes]()
    context = weaken(ssl_context(authority))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(10.0)
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                    told.append(tls.recv(4096))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], told
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
