"""PATCH /api/v1/admin/coupons/{code}"""

from typing import Any
from urllib.parse import quote

from ...models.coupon import Coupon
from ...models.coupon_change import CouponChange
from ...shop import Shop, undocumented


def change_coupon(
    shop: Shop,
    code: str,
    *,
    body: CouponChange,
) -> Coupon:
    """
    Change a coupon's terms, or close it; orders keep the price they were placed at.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/admin/coupons/{code}".format(
            code=quote(str(code), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Coupon.from_dict(response.json())

        return response_200

    raise undocumented(response)
