"""POST /api/v1/checkout"""

from typing import Any

from ...models.checkout import Checkout
from ...models.order import Order
from ...shop import Shop, new_key, undocumented


def check_out(
    shop: Shop,
    *,
    body: Checkout,
    idempotency_key: str | None = None,
) -> Order:
    """
    Reserve what you buy for 15 minutes and place the order; pay it before `expires_at`.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    idempotency_key = idempotency_key or new_key()
    headers: dict[str, Any] = {}
    headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/checkout",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = Order.from_dict(response.json())

        return response_201

    raise undocumented(response)
