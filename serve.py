"""
Serve the web: python -m serve APP, until SIGTERM.

That does not end it at once. For WEB_DRAIN_SECONDS it serves on, says at /readyz that it is not
ready and closes each connection with its answer (app/core/draining.py); then it finishes what it is
at and ends. SIGINT, or a second SIGTERM, leaves the first part out.
"""

import argparse
import os
import signal
import sys
import threading
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces

from app.config import ConfigurationError, load_settings
from app.core import draining, gate

# Connections, those kept alive included; beyond them nobody is accepted, and waits unseen.
CONNECTIONS = 1024
# What is being worked at the end has so long; each of its own waits is bounded by less.
STOP_WITHIN_SECONDS = 10


class Web(Granian):  # type: ignore[misc,valid-type]
    """granian, which is told to stop some time before it does."""

    def __init__(self, app: str, *, drain_seconds: float, **options: Any) -> None:
        """Serve ``app`` for so long after the first SIGTERM."""
        super().__init__(app, interface=Interfaces.WSGI, **options)
        self._drain_seconds = drain_seconds
        self._is_draining = False

    def signal_handler_interrupt(self, number: int = 0, *args: Any, **more: Any) -> None:
        """Stop, or first let everybody know."""
        is_first = number == signal.SIGTERM and not self._is_draining
        # A process that just begins has this handler too, until it has its own.
        if is_first and self._drain_seconds and os.getpid() == self.pid:
            self._drain()
        else:
            super().signal_handler_interrupt(number, *args, **more)

    def _drain(self) -> None:
        self._is_draining = True
        os.environ[draining.VARIABLE] = "1"
        for process in self.wrks:
            if process.is_alive():
                os.kill(process.inner.pid, draining.SIGNAL)
        stop = threading.Timer(self._drain_seconds, super().signal_handler_interrupt)
        stop.daemon = True
        stop.start()


def main() -> None:
    """Serve what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m serve", description="Serve the web.")
    parser.add_argument("app", help="module:variable of the WSGI app")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
    try:
        settings = load_settings()
    except ConfigurationError as error:
        sys.exit(str(error))
    rules = gate.rules(
        settings.web_at_once, settings.web_waiting, settings.web_longest_wait_seconds
    )
    # A process that has not begun to listen is not ended by it, and hears it then.
    signal.pthread_sigmask(signal.SIG_BLOCK, {draining.SIGNAL})
    Web(
        given.app,
        drain_seconds=settings.web_drain_seconds,
        address=given.host,
        port=given.port,
        workers=given.processes,
        # A connection is one request at a time, which HTTP/2 would not be.
        http=HTTPModes.http1,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        blocking_threads=gate.threads(rules),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN_SECONDS,
    ).serve()


if __name__ == "__main__":
    main()
