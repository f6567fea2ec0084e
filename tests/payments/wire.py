"""A wire to the gateway: connections are kept alive, what is said is heard, and it may break."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import requests

PATIENCE_SECONDS = 60
Answer = tuple[int, str, bytes]


@dataclass(frozen=True)
class Said:
    """One request, as it went over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Wire:
    """Passes requests on to the gateway, unless a test has it answer otherwise."""

    def __init__(self, gateway_url: str) -> None:
        # The address of the near end.
        self.url = ""
        self.heard: list[Said] = []
        # The connections so far, each with the number of its requests.
        self.connections: list[int] = []
        # Whether the next connection that is used again is dropped instead.
        self.is_impatient = False
        self.answer: Callable[[Said], Answer | None] = lambda _: None
        self._gateway_url = gateway_url

    def paths(self) -> list[str]:
        """What was asked for, without its query."""
        return [f"{said.method} {said.path.partition('?')[0]}" for said in self.heard]

    def pass_on(self, said: Said, body: bytes) -> Answer:
        told = self.answer(said)
        if told is not None:
            return told
        headers = {k: v for k, v in said.headers.items() if k not in ("Host", "Content-Length")}
        url = self._gateway_url + said.path
        response = requests.request(
            said.method, url, data=body, headers=headers, timeout=PATIENCE_SECONDS
        )
        return response.status_code, response.headers["Content-Type"], response.content


@contextmanager
def wire_to(gateway_url: str) -> Iterator[Wire]:
    wire = Wire(gateway_url)

    class End(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One write an answer: the second of two would wait for the first one's acknowledgement.
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            self.number = len(wire.connections)
            wire.connections.append(0)

        def do_GET(self) -> None:
            if wire.is_impatient and wire.connections[self.number]:
                wire.is_impatient, self.close_connection = False, True
                return
            wire.connections[self.number] += 1
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said = Said(
                self.command,
                self.path,
                dict(self.headers.items()),
                json.loads(body) if body else None,
            )
            wire.heard.append(said)
            status, kind, answer = wire.pass_on(said, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), End) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.001,))
        thread.start()
        wire.url = f"http://127.0.0.1:{server.server_port}"
        yield wire
        server.shutdown()
        thread.join()
