"""A shop that is open to the street: served over HTTP, with a gateway whose webhooks reach it."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

import requests

from sandbox import create_app
from sandbox.config import Settings
from tests.builders import Shop
from tests.failures.account import account
from tests.gateway import Gateway
from tests.serving import serving

# Longer than anything takes on a busy machine; nothing waits this long unless it is broken.
PATIENCE_SECONDS = 30
LOOK_AGAIN_SECONDS = 0.02


@dataclass
class Street:
    """The shop with a gateway of its own, and the answers that its door gave."""

    shop: Shop
    answers: "queue.Queue[int]" = field(default_factory=queue.Queue)

    def take(self, count: int) -> list[int]:
        """Wait for so many answers of the door."""
        return [self.answers.get(timeout=PATIENCE_SECONDS) for _ in range(count)]

    def drive(self, path: str, **body: Any) -> dict[str, Any]:
        """Tell the gateway what no shop could."""
        url = f"{self.shop.gateway.url}/sandbox/{path}"
        response = requests.post(url, json=body, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()

    def wait_until_all_is_over(self) -> list[tuple[str, int]]:
        """Wait until no event is sent any more; tells how each ended, and after how many tries."""
        pause = Event()
        for _ in range(int(PATIENCE_SECONDS / LOOK_AGAIN_SECONDS)):
            deliveries = self.shop.gateway.books()["deliveries"]
            if all(delivery["state"] != "pending" for delivery in deliveries):
                return [(delivery["state"], delivery["attempts"]) for delivery in deliveries]
            pause.wait(LOOK_AGAIN_SECONDS)
        raise AssertionError("the gateway still sends")

    def is_told(self) -> bool:
        """Whether the gateway sends anything at all."""
        enabled: bool = self.shop.gateway.books()["webhook"]["enabled"]
        return enabled


@contextmanager
def open_street(shop: Shop, *, clock_factor: float) -> Iterator[Street]:
    """Serve the shop, and a new gateway by whose clock a day takes ``clock_factor`` of one."""
    street = Street(shop)

    def door(environ: dict[str, Any], start_response: Any) -> Any:
        told: list[int] = []

        def note(status: str, *rest: Any) -> Any:
            told.append(int(status.split(maxsplit=1)[0]))
            return start_response(status, *rest)

        answer = shop.app(environ, note)
        street.answers.put(told[0])
        return answer

    with serving(door) as url:
        settings = Settings(webhook_url=f"{url}/webhooks/razorpay", clock_factor=clock_factor)
        sandbox = create_app(settings)
        try:
            with serving(sandbox) as gateway_url, account(razorpay_api_url=gateway_url):
                street.shop = replace(shop, gateway=Gateway(gateway_url))
                yield street
        finally:
            sandbox.extensions["sandbox"].close()
