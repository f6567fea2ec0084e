"""GET /api/v1/admin/payments/{payment_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.whole_payment import WholePayment
from ...shop import Shop, undocumented


def show_payment(
    shop: Shop,
    payment_id: UUID,
) -> WholePayment:
    """
    Show a payment with its tries, refunds and disputes.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/payments/{payment_id}".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = WholePayment.from_dict(response.json())

        return response_200

    raise undocumented(response)
