"""Serve the sandbox: one process, because the books and the faults are in its memory."""

import socket
import sys

from granian import Granian
from granian.constants import Interfaces

from sandbox.config import BadSettingError, Settings

# Slow answers are made on purpose here, so a thread may sleep while others work.
BLOCKING_THREADS = 32
# No buyer's money is at stake: a stop need not wait for a call that hangs on purpose.
STOP_WITHIN_SECONDS = 2


def main() -> None:
    """Serve until a signal ends it."""
    try:
        settings = Settings.from_environment()
    except BadSettingError as exc:
        sys.exit(str(exc))
    if is_taken(settings):
        sys.exit(f"SANDBOX_PORT {settings.port} is taken by another program")
    Granian(
        "sandbox.wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=BLOCKING_THREADS,
        websockets=False,
        workers_kill_timeout=STOP_WITHIN_SECONDS,
    ).serve()


def is_taken(settings: Settings) -> bool:
    """
    Tell whether something else listens already.

    The server shares its port with whoever asks, so a forgotten sandbox would answer
    every other request from books of its own.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    main()
