"""GET /api/v1/admin/subscribers/{subscriber_id}/deliveries/{delivery_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.whole_delivery import WholeDelivery
from ...shop import Shop, undocumented


def show_delivery(
    shop: Shop,
    subscriber_id: UUID,
    delivery_id: UUID,
) -> WholeDelivery:
    """
    Show a delivery with what is sent, and every try.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/subscribers/{subscriber_id}/deliveries/{delivery_id}".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
            delivery_id=quote(str(delivery_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = WholeDelivery.from_dict(response.json())

        return response_200

    raise undocumented(response)
