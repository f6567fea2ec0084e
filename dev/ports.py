"""Ports on 127.0.0.1: finding a free one, and asking whether one is taken."""

import random
import socket

from dev.errors import DevError

HOST = "127.0.0.1"

# Below the ports that Linux (32768) and macOS (49152) give to outgoing connections: while a
# server is down, no client can be given its port, nor connect to itself there.
LOWEST, HIGHEST = 12000, 32000

_ATTEMPTS = 200
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this port now, here and on every address."""
    for host in (HOST, ""):
        with socket.socket() as probe:
            # As servers do: a port whose last connections are still being forgotten is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_port() -> int:
    """Find a free port; no port is given twice in the life of this process."""
    for _ in range(_ATTEMPTS):
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311 - not a secret
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise DevError(f"No free port found on {HOST} between {LOWEST} and {HIGHEST}.")
