"""POST /api/v1/payments/verify"""

from typing import Any

from ...models.payment import Payment
from ...models.verification import Verification
from ...shop import Shop, undocumented


def verify_payment(
    shop: Shop,
    *,
    body: Verification,
) -> Payment:
    """
    Hand in what the gateway's checkout gave you; the order is confirmed by its capture.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/payments/verify",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Payment.from_dict(response.json())

        return response_200

    raise undocumented(response)
