"""GET /api/v1/products/{slug}"""

from typing import Any
from urllib.parse import quote

from ...models.product import Product
from ...shop import Shop, undocumented


def show_product(
    shop: Shop,
    slug: str,
) -> Product:
    """
    Show a product with what is available of it.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/products/{slug}".format(
            slug=quote(str(slug), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Product.from_dict(response.json())

        return response_200

    raise undocumented(response)
