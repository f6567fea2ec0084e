"""POST /api/v1/admin/orders/{order_id}/status"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.move import Move
from ...models.staff_order import StaffOrder
from ...shop import Shop, undocumented


def set_order_status(
    shop: Shop,
    order_id: UUID,
    *,
    body: Move,
) -> StaffOrder:
    """
    Move an order on its way; told again, nothing changes but the parcel's number.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/orders/{order_id}/status".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StaffOrder.from_dict(response.json())

        return response_200

    raise undocumented(response)
