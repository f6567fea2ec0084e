"""POST /api/v1/orders/{order_id}/cancel-units"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.order import Order
from ...models.units_cancellation import UnitsCancellation
from ...shop import Shop, undocumented


def cancel_units(
    shop: Shop,
    order_id: UUID,
    *,
    body: UnitsCancellation,
) -> Order:
    """
    Give some units of a confirmed order up; what you paid for them goes back to you.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/{order_id}/cancel-units".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Order.from_dict(response.json())

        return response_200

    raise undocumented(response)
