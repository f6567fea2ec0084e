"""DELETE /api/v1/cart/saved/{sku}"""

from typing import Any
from urllib.parse import quote

from ...models.cart import Cart
from ...shop import Shop, undocumented


def drop_saved_item(
    shop: Shop,
    sku: str,
) -> Cart:
    """
    Drop a product that you saved for later.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/cart/saved/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Cart.from_dict(response.json())

        return response_200

    raise undocumented(response)
