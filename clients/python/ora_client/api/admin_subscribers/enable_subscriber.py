"""POST /api/v1/admin/subscribers/{subscriber_id}/enable"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.subscriber import Subscriber
from ...shop import Shop, undocumented


def enable_subscriber(
    shop: Shop,
    subscriber_id: UUID,
) -> Subscriber:
    """
    Tell a subscriber again; what was pending when it was disabled is tried at once.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/subscribers/{subscriber_id}/enable".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Subscriber.from_dict(response.json())

        return response_200

    raise undocumented(response)
