"""POST /api/v1/admin/coupons"""

from typing import Any

from ...models.coupon import Coupon
from ...models.new_coupon import NewCoupon
from ...shop import Shop, undocumented


def make_coupon(
    shop: Shop,
    *,
    body: NewCoupon,
) -> Coupon:
    """
    Make a coupon.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/coupons",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = Coupon.from_dict(response.json())

        return response_201

    raise undocumented(response)
