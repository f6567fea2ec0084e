"""POST /api/v1/admin/subscribers/{subscriber_id}/replay"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.deliveries import Deliveries
from ...models.deliveries_replayed import DeliveriesReplayed
from ...shop import Shop, undocumented


def replay_deliveries(
    shop: Shop,
    subscriber_id: UUID,
    *,
    body: Deliveries,
) -> DeliveriesReplayed:
    """
    Deliver up to 200 events again, all of them or none, under the ids they had.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/subscribers/{subscriber_id}/replay".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = DeliveriesReplayed.from_dict(response.json())

        return response_202

    raise undocumented(response)
