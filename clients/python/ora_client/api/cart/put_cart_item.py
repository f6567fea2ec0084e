"""PUT /api/v1/cart/items/{sku}"""

from typing import Any
from urllib.parse import quote

from ...models.cart import Cart
from ...models.quantity import Quantity
from ...shop import Shop, undocumented


def put_cart_item(
    shop: Shop,
    sku: str,
    *,
    body: Quantity,
) -> Cart:
    """
    Have so many units of a product in your cart, whatever was there before.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/cart/items/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Cart.from_dict(response.json())

        return response_200

    raise undocumented(response)
