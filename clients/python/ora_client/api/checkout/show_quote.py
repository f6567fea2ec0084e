"""POST /api/v1/checkout/quote"""

from typing import Any

from ...models.quote import Quote
from ...models.quoted_price import QuotedPrice
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def show_quote(
    shop: Shop,
    *,
    body: Quote | Unset = UNSET,
) -> QuotedPrice:
    """
    Tell what a checkout would cost now, or why its coupon cannot be used.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/checkout/quote",
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    if body is not UNSET:
        headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = QuotedPrice.from_dict(response.json())

        return response_200

    raise undocumented(response)
