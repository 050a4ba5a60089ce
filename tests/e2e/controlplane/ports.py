"""Free ports for servers that are started, killed and started again on the same port.

Why: asking the kernel for "any port" gives one of the range from which it also takes the local end of
outgoing connections. While such a server is down, a client that keeps dialling its port on the same host can
be given that very port as its own local end and so connect to itself; the server then cannot come back. So
ports are taken from below.
"""

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LOWEST = 10_000
_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_given_out: set[int] = set()


def free_port() -> int:
    """A loopback port that nobody listens on, never given out before by this process.

    Raises:
        RuntimeError: none was found.
    """
    below = _first_ephemeral_port()
    for _ in range(1000):
        port = random.randrange(_LOWEST, below)
        if port not in _given_out and _is_free(port):
            _given_out.add(port)
            return port
    raise RuntimeError(f"no free port between {_LOWEST} and {below}")


def _first_ephemeral_port() -> int:
    if not _EPHEMERAL_RANGE.exists():
        return 32_768
    return max(int(_EPHEMERAL_RANGE.read_text().split()[0]), _LOWEST + 1000)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
