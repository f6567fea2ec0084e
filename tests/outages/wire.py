"""A wire to a server that can break just after a command was done and before its reply is back."""

import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from dev.ports import HOST

CHUNK = 1 << 16


class Wire:
    """Listens at a port of its own and passes on what it hears, both ways."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server((HOST, 0))
        self._breaks_at: bytes | None = None
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._listen, daemon=True).start()

    def break_after(self, word: str) -> None:
        """Lose the reply to the next command that has this word in it, and the connection."""
        self._breaks_at = word.encode()

    @property
    def has_broken(self) -> bool:
        return self._breaks_at is None

    def close(self) -> None:
        # Closing alone does not wake whoever waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._pass_on, args=[client], daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection((HOST, self._server_port)) as server:
            is_doomed = False
            while not is_doomed:
                for heard in select.select([client, server], [], [])[0]:
                    chunk = heard.recv(CHUNK)
                    if not chunk or (heard is server and is_doomed):
                        return
                    if heard is client and self._breaks_at and self._breaks_at in chunk:
                        self._breaks_at, is_doomed = None, True
                    (server if heard is client else client).sendall(chunk)
                    if is_doomed:
                        server.recv(CHUNK)


@contextmanager
def wire_to(server_port: int) -> Iterator[Wire]:
    wire = Wire(server_port)
    try:
        yield wire
    finally:
        wire.close()
