"""POST /api/v1/admin/inventory/adjustments"""

from typing import Any

from ...models.adjusted import Adjusted
from ...models.adjustment import Adjustment
from ...shop import Shop, undocumented


def adjust_stock(
    shop: Shop,
    *,
    body: Adjustment,
) -> Adjusted:
    """
    Book deliveries, adjustments and write-offs, all lines or none.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/inventory/adjustments",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Adjusted.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = Adjusted.from_dict(response.json())

        return response_201

    raise undocumented(response)
