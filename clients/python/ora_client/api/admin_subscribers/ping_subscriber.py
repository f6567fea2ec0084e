"""POST /api/v1/admin/subscribers/{subscriber_id}/ping"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.delivery import Delivery
from ...shop import Shop, undocumented


def ping_subscriber(
    shop: Shop,
    subscriber_id: UUID,
) -> Delivery:
    """
    Send a subscriber an event that says nothing, to try the way.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/subscribers/{subscriber_id}/ping".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = Delivery.from_dict(response.json())

        return response_202

    raise undocumented(response)
