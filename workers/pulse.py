"""
The pulse of a process that serves no web: it tells who watches it that it goes on, and its counts.

It is felt at each turn of the loop, also while Redis is away: an outage is no reason to start
anybody anew. Where no turn ends for longer than any job may take, the process hangs.
"""

import hmac
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.config import ConfigurationError, Settings, plain
from app.core import jobs, measures

# A job may take that long, and a worker that has lost Redis looks again after a minute.
SILENT_SECONDS = jobs.DRAIN_TIMEOUT_SECONDS + 120
EVERYWHERE = "0.0.0.0"  # noqa: S104 - whoever watches is on another machine


class Pulse:
    """When a process last turned round."""

    def __init__(self) -> None:
        """Begin to live."""
        self._beat_at = monotonic()

    def beat(self) -> None:
        """Turn round."""
        self._beat_at = monotonic()

    def is_felt(self) -> bool:
        """Tell whether the last turn is not too long ago."""
        return monotonic() - self._beat_at < SILENT_SECONDS


def serve(settings: Settings, pulse: Pulse) -> ThreadingHTTPServer | None:
    """
    Answer /healthz and /metrics at WORKERS_PORT from now on; not at all where none is set.

    Raises:
        ConfigurationError: the port cannot be had.
    """
    if settings.workers_port is None:
        return None
    handler = _handler(pulse, plain(settings.metrics_token))
    try:
        server = ThreadingHTTPServer((EVERYWHERE, settings.workers_port), handler)
    except OSError as error:
        raise ConfigurationError(f"WORKERS_PORT {settings.workers_port}: {error}") from None
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def _handler(pulse: Pulse, token: str | None) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # Who opens a connection and says nothing is let go of.
        timeout = 5

        def do_GET(self) -> None:
            """Answer."""
            if self.path == "/healthz":
                is_felt = pulse.is_felt()
                status = HTTPStatus.OK if is_felt else HTTPStatus.SERVICE_UNAVAILABLE
                self._answer(status, b"ok" if is_felt else b"silent")
            elif self.path != "/metrics":
                self._answer(HTTPStatus.NOT_FOUND)
            elif not self._is_let_in():
                self._answer(HTTPStatus.UNAUTHORIZED)
            else:
                counted = generate_latest(measures.of_all_processes())
                self._answer(HTTPStatus.OK, counted, CONTENT_TYPE_LATEST)

        def _is_let_in(self) -> bool:
            given = self.headers.get("Authorization", "")
            return token is None or hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

        def _answer(
            self, status: HTTPStatus, body: bytes = b"", content_type: str = "text/plain"
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: it is asked every few seconds."""

    return Handler
