"""PATCH /api/v1/admin/products/{sku}"""

from typing import Any
from urllib.parse import quote

from ...models.product_change import ProductChange
from ...models.staff_product import StaffProduct
from ...shop import Shop, undocumented


def change_product(
    shop: Shop,
    sku: str,
    *,
    body: ProductChange,
) -> StaffProduct:
    """
    Change a product; orders keep what they were placed with.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/admin/products/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StaffProduct.from_dict(response.json())

        return response_200

    raise undocumented(response)
