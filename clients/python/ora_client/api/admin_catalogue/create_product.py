"""POST /api/v1/admin/products"""

from typing import Any

from ...models.new_product import NewProduct
from ...models.staff_product import StaffProduct
from ...shop import Shop, undocumented


def create_product(
    shop: Shop,
    *,
    body: NewProduct,
) -> StaffProduct:
    """
    Make a product; book a delivery to have it on hand.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/products",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = StaffProduct.from_dict(response.json())

        return response_201

    raise undocumented(response)
