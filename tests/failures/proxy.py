"""A proxy before the gateway that hangs up on a connection which was kept alive."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from dev.ports import HOST

CHUNK = 1 << 16


class Proxy:
    """Passes requests on one by one, but for those that it was told to drop."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server((HOST, 0))
        self._idle: set[socket.socket] = set()
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        # How often a request on a connection that has served before is dropped without an answer.
        self.drops = 0
        # The verbs of all requests that were passed on, and of those that were dropped.
        self.passed_on: list[str] = []
        self.dropped: list[str] = []
        Thread(target=self._listen, daemon=True).start()

    def hang_up(self) -> int:
        """Close every connection that waits for its next request; tells how many."""
        idle = list(self._idle)
        for client in idle:
            client.shutdown(socket.SHUT_RDWR)
        return len(idle)

    def close(self) -> None:
        # Closing alone does not wake whoever waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while request := _read_message(client):
                verb = request.split(b" ", 1)[0].decode()
                if self.drops and client in self._idle:
                    self.drops -= 1
                    self.dropped.append(verb)
                    break
                self.passed_on.append(verb)
                answer = self._ask(request)
                self._idle.add(client)
                client.sendall(answer)
            self._idle.discard(client)

    def _ask(self, request: bytes) -> bytes:
        """Ask the gateway, which closes its side of each connection, and hide that it does."""
        with socket.create_connection((HOST, self._server_port)) as server:
            server.sendall(request)
            return _read_message(server).replace(b"Connection: close\r\n", b"")


def _read_message(sender: socket.socket) -> bytes:
    """Read one request or answer; empty where the sender hung up."""
    message = b""
    while b"\r\n\r\n" not in message:
        chunk = sender.recv(CHUNK)
        if not chunk:
            return b""
        message += chunk
    head, _, body = message.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += sender.recv(CHUNK)
    return head + b"\r\n\r\n" + body


@contextmanager
def proxy_to(server_port: int) -> Iterator[Proxy]:
    proxy = Proxy(server_port)
    try:
        yield proxy
    finally:
        proxy.close()
