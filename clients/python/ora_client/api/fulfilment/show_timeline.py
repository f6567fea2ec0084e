"""GET /api/v1/orders/{order_id}/timeline"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.timeline import Timeline
from ...shop import Shop, undocumented


def show_timeline(
    shop: Shop,
    order_id: UUID,
) -> Timeline:
    """
    Tell what happened to an order and its money, the first thing first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/orders/{order_id}/timeline".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Timeline.from_dict(response.json())

        return response_200

    raise undocumented(response)
