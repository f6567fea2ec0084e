"""PUT /api/v1/admin/subscribers/{subscriber_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.subscriber import Subscriber
from ...models.subscriber_wish import SubscriberWish
from ...shop import Shop, undocumented


def change_subscriber(
    shop: Shop,
    subscriber_id: UUID,
    *,
    body: SubscriberWish,
) -> Subscriber:
    """
    Change who is told, where, and of what; at a new address it is told at once.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/admin/subscribers/{subscriber_id}".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Subscriber.from_dict(response.json())

        return response_200

    raise undocumented(response)
