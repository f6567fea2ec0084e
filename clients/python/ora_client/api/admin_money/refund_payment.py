"""POST /api/v1/admin/payments/{payment_id}/refunds"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.refund import Refund
from ...models.refund_request import RefundRequest
from ...shop import Shop, undocumented


def refund_payment(
    shop: Shop,
    payment_id: UUID,
    *,
    body: RefundRequest,
) -> Refund:
    """
    Send money of a paid order back, all that is left or a part of it.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/payments/{payment_id}/refunds".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = Refund.from_dict(response.json())

        return response_202

    raise undocumented(response)
