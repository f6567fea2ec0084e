"""GET /api/v1/admin/products/{sku}"""

from typing import Any
from urllib.parse import quote

from ...models.staff_product import StaffProduct
from ...shop import Shop, undocumented


def show_any_product(
    shop: Shop,
    sku: str,
) -> StaffProduct:
    """
    Show a product, on sale or not.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/products/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StaffProduct.from_dict(response.json())

        return response_200

    raise undocumented(response)
