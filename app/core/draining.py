"""
Draining: a web process that will end soon says so, and lets go of whoever asks it.

Its server tells it by SIGUSR1 (serve.py). From then on /readyz answers 503, so that the balancer
sends nobody any more, and every answer closes its connection, so that nobody who kept one is cut
off when the process ends.
"""

import os
import signal
import threading
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SIGNAL = signal.SIGUSR1
# For a process that begins when its siblings were told already.
VARIABLE = "WEB_IS_DRAINING"

_told = threading.Event()


def listen() -> None:
    """Hear from now on that the end is near; in the main thread."""
    signal.signal(SIGNAL, lambda *_: _told.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {SIGNAL})
    if os.environ.get(VARIABLE):
        _told.set()


def is_near_its_end() -> bool:
    """Tell whether this process was told that it will end."""
    return _told.is_set()


class Closing:
    """A WSGI app that closes the connection with each answer once the end is near."""

    def __init__(self, app: WSGIApplication) -> None:
        """Serve ``app``."""
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the app does."""
        if not _told.is_set():
            return self._app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *args)

        return self._app(environ, start)
