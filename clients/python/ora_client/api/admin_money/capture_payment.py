"""POST /api/v1/admin/payments/{payment_id}/capture"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.payment_summary import PaymentSummary
from ...shop import Shop, undocumented


def capture_payment(
    shop: Shop,
    payment_id: UUID,
) -> PaymentSummary:
    """
    Take authorised money, or say that cash has come in; done again, it changes nothing.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/payments/{payment_id}/capture".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = PaymentSummary.from_dict(response.json())

        return response_200

    raise undocumented(response)
