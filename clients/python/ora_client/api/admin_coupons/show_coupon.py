"""GET /api/v1/admin/coupons/{code}"""

from typing import Any
from urllib.parse import quote

from ...models.coupon import Coupon
from ...shop import Shop, undocumented


def show_coupon(
    shop: Shop,
    code: str,
) -> Coupon:
    """
    Show a coupon.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/coupons/{code}".format(
            code=quote(str(code), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Coupon.from_dict(response.json())

        return response_200

    raise undocumented(response)
