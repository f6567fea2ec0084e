"""DELETE /api/v1/cart/items/{sku}"""

from typing import Any
from urllib.parse import quote

from ...models.cart import Cart
from ...shop import Shop, undocumented


def remove_cart_item(
    shop: Shop,
    sku: str,
) -> Cart:
    """
    Take a product out of your cart.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/cart/items/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Cart.from_dict(response.json())

        return response_200

    raise undocumented(response)
