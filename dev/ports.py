"""Ports on 127.0.0.1: finding a free one, and asking whether one is taken."""

import atexit
import random
import socket

from dev.errors import DevError

HOST = "127.0.0.1"

# Below the ports that Linux (32768) and macOS (49152) give to outgoing connections: while a
# server is down, no client can be given its port, nor connect to itself there.
LOWEST, HIGHEST = 12000, 32000

_ATTEMPTS = 200
_given: dict[int, socket.socket] = {}


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


def free_port(*, and_above: int = 0) -> int:
    """
    Find a free port, which no process that asks here is given again while this one lives.

    With `and_above` the port so much higher is free and ours as well.
    """
    for _ in range(_ATTEMPTS):
        port = random.randint(LOWEST, HIGHEST - and_above)  # noqa: S311 - not a secret
        if all(_take(number) for number in {port, port + and_above}):
            return port
    raise DevError(f"No free port found on {HOST} between {LOWEST} and {HIGHEST}.")


def _take(port: int) -> bool:
    """Keep a port for this process: whoever takes it binds UDP, which no server of ours uses."""
    if port in _given or not is_free(port):
        return False
    mark = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        mark.bind((HOST, port))
    except OSError:
        mark.close()
        return False
    _given[port] = mark
    atexit.register(mark.close)
    return True
