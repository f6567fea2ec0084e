"""A subscriber's system, on a real socket: it takes messages, and answers as it is told."""

import ssl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import parse_headers
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

Reply = Callable[[StreamRequestHandler, Event], None]


@dataclass
class Message:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Remembers what came in; replies wait in a row, and after them all is well."""

    url: str
    messages: list[Message] = field(default_factory=list)
    replies: deque[Reply] = field(default_factory=deque)
    released: Event = field(default_factory=Event)

    def reply(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    @property
    def ids(self) -> list[str]:
        return [message.headers["webhook-id"] for message in self.messages]


def answers(status: int, body: bytes = b"", **headers: str) -> Reply:
    """Answer as HTTP has it."""
    named = {"Content-Length": str(len(body))} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return sends(f"HTTP/1.1 {status} So\r\n{lines}\r\n".encode() + body)


def sends(raw: bytes) -> Reply:
    """Answer with these bytes, whatever they mean."""
    return lambda handler, _: handler.wfile.write(raw)


def hangs(handler: StreamRequestHandler, released: Event) -> None:
    """Say nothing until the test is over, or the caller hangs up."""
    handler.connection.settimeout(None)
    Thread(target=lambda: (handler.rfile.read(1), released.set()), daemon=True).start()
    released.wait()


def drips(handler: StreamRequestHandler, released: Event) -> None:
    """Begin an answer that goes on for ever, a letter at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    with suppress(OSError):
        while not released.wait(0.02):
            handler.wfile.write(b"x")


def floods(handler: StreamRequestHandler, released: Event) -> None:
    """Answer with more than anybody wants to read."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    with suppress(OSError):
        while not released.is_set():
            handler.wfile.write(b"flood" * 20_000)


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Serve until the block ends."""
    receiver = Receiver("")

    class Handler(StreamRequestHandler):
        def setup(self) -> None:
            if context is not None:
                self.request = context.wrap_socket(
                    self.request, server_side=True, do_handshake_on_connect=False
                )
            super().setup()

        def finish(self) -> None:
            with suppress(OSError):
                super().finish()
            self.request.close()

        def handle(self) -> None:
            with suppress(OSError):
                _take(self, receiver)

    class Server(ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            return

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks?from=ora"
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serving.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            serving.join()


def _take(handler: StreamRequestHandler, receiver: Receiver) -> None:
    _, path, _ = handler.rfile.readline().decode().split(" ")
    headers = parse_headers(handler.rfile)
    body = handler.rfile.read(int(headers["Content-Length"]))
    receiver.messages.append(Message(path, dict(headers), body))
    reply = receiver.replies.popleft() if receiver.replies else answers(204)
    reply(handler, receiver.released)
