"""A sandbox on a free port, the real SDK as its client, and a shop that its webhooks reach."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import razorpay
import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox import create_app
from sandbox.config import Settings
from sandbox.gateway import Gateway

KEY_ID = "rzp_test_tests"
KEY_SECRET = "tests_key_secret"
WEBHOOK_SECRET = "tests_webhook_secret"

# Long enough for a slow machine; nothing waits this long unless it is broken.
PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes


@dataclass
class Shop:
    """What the webhook endpoint received, and what it answers."""

    url: str
    received: "queue.Queue[Received]" = field(default_factory=queue.Queue)
    answer: Callable[[Received], int] = lambda _: 200

    def next(self) -> Received:
        return self.received.get(timeout=PATIENCE_SECONDS)

    def take(self, count: int) -> list[Received]:
        return [self.next() for _ in range(count)]


@contextmanager
def open_shop() -> Iterator[Shop]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received = Received(dict(self.headers.items()), body)
            status = shop.answer(received)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            # Only now, so that a test that has it can rely on the answer being on its way.
            shop.received.put(received)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        shop = Shop(f"http://127.0.0.1:{server.server_port}/webhooks/razorpay")
        thread = threading.Thread(target=server.serve_forever, args=(0.001,))
        thread.start()
        yield shop
        server.shutdown()
        thread.join()


class SilentHandler(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        pass


@dataclass
class Sandbox:
    """One running sandbox and ways to speak to it."""

    url: str
    client: razorpay.Client
    app: Any

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        arguments.setdefault("auth", (KEY_ID, KEY_SECRET))
        arguments.setdefault("timeout", PATIENCE_SECONDS)
        return requests.request(method, self.url + path, **arguments)

    def drive(self, path: str, **body: Any) -> dict[str, Any]:
        response = self.call("POST", f"/sandbox/{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def order(self, amount: int = 50000, **more: Any) -> dict[str, Any]:
        return self.client.order.create({"amount": amount, "currency": "INR", **more})

    def pay(self, order: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.drive("pay", order_id=order["id"], **more)

    def paid(self, amount: int = 50000, **more: Any) -> dict[str, Any]:
        triple = self.pay(self.order(amount), **more)
        return self.client.payment.fetch(triple["razorpay_payment_id"])

    def fault(self, route: str, **switches: Any) -> None:
        self.drive("faults", route=route, **switches)

    def books(self) -> dict[str, Any]:
        return self.call("GET", "/sandbox/books").json()

    def deliveries(self) -> dict[str, dict[str, Any]]:
        return {entry["event"]: entry for entry in self.books()["deliveries"]}


def settings(**changes: Any) -> Settings:
    return Settings(
        key_id=KEY_ID,
        key_secret=KEY_SECRET,
        webhook_secret=WEBHOOK_SECRET,
        **{"clock_factor": 0.01, **changes},
    )


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    """One server for all tests; what it serves is opened anew for each of them."""
    app = create_app(settings())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=SilentHandler)
    thread = threading.Thread(target=server.serve_forever, args=(0.001,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    client = razorpay.Client(auth=(KEY_ID, KEY_SECRET), base_url=url)
    yield Sandbox(url, client, app)
    client.session.close()
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["sandbox"].close()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


@pytest.fixture
def start_sandbox(served: Sandbox, shop: Shop) -> Iterator[Callable[..., Sandbox]]:
    """Start the sandbox with empty books and other settings."""

    def start(**changes: Any) -> Sandbox:
        served.app.extensions["sandbox"].close()
        opened = Gateway.open(settings(**{"webhook_url": shop.url, **changes}))
        served.app.extensions["sandbox"] = opened
        return served

    yield start
    # No event of this test may reach the shop of the next one.
    served.app.extensions["sandbox"].agenda.close()


@pytest.fixture
def sandbox(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox()


@pytest.fixture
def webhook_secret() -> str:
    return WEBHOOK_SECRET
