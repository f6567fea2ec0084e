"""GET /api/v1/orders/{order_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.order import Order
from ...shop import Shop, undocumented


def show_order(
    shop: Shop,
    order_id: UUID,
) -> Order:
    """
    Show one of your orders.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/orders/{order_id}".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Order.from_dict(response.json())

        return response_200

    raise undocumented(response)
