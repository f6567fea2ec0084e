"""Another account at Razorpay, or the shop's own under other settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from app import _gateways
from app.config import load_settings
from app.payments import gateway
from sandbox.config import Settings

KEYS = (Settings.key_id, Settings.key_secret)


@contextmanager
def account(**changes: Any) -> Iterator[None]:
    """Let the shop's gateways be as its settings say, but for ``changes``."""
    settings = load_settings()
    _connect(settings.model_copy(update=changes))
    try:
        yield
    finally:
        _connect(settings)


def _connect(settings: Any) -> None:
    gateway.connect(_gateways(settings), offered=settings.payment_gateways)


def on_the_dashboard(url: str, path: str, **body: Any) -> dict[str, Any]:
    """Do at Razorpay, by hand, what the shop does not know of."""
    response = requests.post(f"{url}/v1/{path}", json=body, auth=KEYS, timeout=10)
    assert response.status_code == 200, response.text
    return response.json()
