"""POST /api/v1/admin/subscribers/{subscriber_id}/secret"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.rotation import Rotation
from ...models.subscriber_and_secret import SubscriberAndSecret
from ...shop import Shop, undocumented


def rotate_secret(
    shop: Shop,
    subscriber_id: UUID,
    *,
    body: Rotation,
) -> SubscriberAndSecret:
    """
    Give a subscriber a new secret; for a while both sign, so that no message is refused.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/subscribers/{subscriber_id}/secret".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = SubscriberAndSecret.from_dict(response.json())

        return response_200

    raise undocumented(response)
