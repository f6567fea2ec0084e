"""POST /api/v1/returns/{return_id}/exchange"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.order import Order
from ...shop import Shop, undocumented


def exchange_return(
    shop: Shop,
    return_id: UUID,
) -> Order:
    """
    Order what you want in exchange for approved units; it is paid like any order.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/returns/{return_id}/exchange".format(
            return_id=quote(str(return_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Order.from_dict(response.json())

        return response_200

    raise undocumented(response)
