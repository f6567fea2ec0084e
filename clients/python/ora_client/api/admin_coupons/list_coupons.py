"""GET /api/v1/admin/coupons"""

from typing import Any

from ...models.coupon_page import CouponPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_coupons(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    is_active: bool | None | Unset = UNSET,
) -> CouponPage:
    """
    List coupons with how often they were used, the newest first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_is_active: bool | None | Unset
    if isinstance(is_active, Unset):
        json_is_active = UNSET
    else:
        json_is_active = is_active
    params["is_active"] = json_is_active

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/coupons",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = CouponPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
