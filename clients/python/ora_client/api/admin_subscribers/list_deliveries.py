"""GET /api/v1/admin/subscribers/{subscriber_id}/deliveries"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.delivery_page import DeliveryPage
from ...models.list_deliveries_status_type_1 import ListDeliveriesStatusType1
from ...models.list_deliveries_status_type_2_type_1 import ListDeliveriesStatusType2Type1
from ...models.list_deliveries_status_type_3_type_1 import ListDeliveriesStatusType3Type1
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_deliveries(
    shop: Shop,
    subscriber_id: UUID,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    status: ListDeliveriesStatusType1
    | ListDeliveriesStatusType2Type1
    | ListDeliveriesStatusType3Type1
    | None
    | Unset = UNSET,
) -> DeliveryPage:
    """
    List what is delivered to a subscriber, the newest first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_status: None | str | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, str):
        json_status = status
    elif isinstance(status, str):
        json_status = status
    elif isinstance(status, str):
        json_status = status
    else:
        json_status = status
    params["status"] = json_status

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/subscribers/{subscriber_id}/deliveries".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = DeliveryPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
