"""POST /api/v1/admin/subscribers"""

from typing import Any

from ...models.subscriber_and_secret import SubscriberAndSecret
from ...models.subscriber_wish import SubscriberWish
from ...shop import Shop, undocumented


def add_subscriber(
    shop: Shop,
    *,
    body: SubscriberWish,
) -> SubscriberAndSecret:
    """
    Register a system that is told of events; its secret is shown this once.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/subscribers",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = SubscriberAndSecret.from_dict(response.json())

        return response_201

    raise undocumented(response)
