"""POST /api/v1/admin/subscribers/{subscriber_id}/disable"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.subscriber import Subscriber
from ...shop import Shop, undocumented


def disable_subscriber(
    shop: Shop,
    subscriber_id: UUID,
) -> Subscriber:
    """
    Tell a subscriber nothing for now: what happens meanwhile it never hears of.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/subscribers/{subscriber_id}/disable".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Subscriber.from_dict(response.json())

        return response_200

    raise undocumented(response)
