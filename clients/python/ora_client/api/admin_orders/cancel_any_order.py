"""POST /api/v1/admin/orders/{order_id}/cancel"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.cancellation import Cancellation
from ...models.staff_order import StaffOrder
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def cancel_any_order(
    shop: Shop,
    order_id: UUID,
    *,
    body: Cancellation | Unset = UNSET,
) -> StaffOrder:
    """
    Cancel an order that has not been shipped; its payment goes back.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/orders/{order_id}/cancel".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    if body is not UNSET:
        headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StaffOrder.from_dict(response.json())

        return response_200

    raise undocumented(response)
