"""PUT /api/v1/cart/saved/{sku}"""

from typing import Any
from urllib.parse import quote

from ...models.cart import Cart
from ...shop import Shop, undocumented


def save_cart_item(
    shop: Shop,
    sku: str,
) -> Cart:
    """
    Save a product of your cart for later; put it into the cart to have it back.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/cart/saved/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Cart.from_dict(response.json())

        return response_200

    raise undocumented(response)
