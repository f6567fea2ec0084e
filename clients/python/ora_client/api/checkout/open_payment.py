"""POST /api/v1/orders/{order_id}/payments"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.opened_payment import OpenedPayment
from ...models.payment_opening import PaymentOpening
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def open_payment(
    shop: Shop,
    order_id: UUID,
    *,
    body: PaymentOpening | Unset = UNSET,
) -> OpenedPayment:
    """
    Open the payment of a pending order; asked again, it is the same payment.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/{order_id}/payments".format(
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
        response_200 = OpenedPayment.from_dict(response.json())

        return response_200

    raise undocumented(response)
