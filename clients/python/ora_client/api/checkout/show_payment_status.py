"""GET /api/v1/orders/{order_id}/payment-status"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.payment_status import PaymentStatus
from ...shop import Shop, undocumented


def show_payment_status(
    shop: Shop,
    order_id: UUID,
) -> PaymentStatus:
    """
    Tell how order and payment stand; cheap to poll.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/orders/{order_id}/payment-status".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = PaymentStatus.from_dict(response.json())

        return response_200

    raise undocumented(response)
