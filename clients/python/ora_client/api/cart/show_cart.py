"""GET /api/v1/cart"""

from typing import Any

from ...models.cart import Cart
from ...shop import Shop, undocumented


def show_cart(
    shop: Shop,
) -> Cart:
    """
    Show your cart at the prices of now, and what is short.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/cart",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Cart.from_dict(response.json())

        return response_200

    raise undocumented(response)
