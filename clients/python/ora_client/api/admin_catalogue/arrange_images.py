"""PUT /api/v1/admin/products/{sku}/images"""

from typing import Any
from urllib.parse import quote

from ...models.image_list import ImageList
from ...models.image_order import ImageOrder
from ...shop import Shop, undocumented


def arrange_images(
    shop: Shop,
    sku: str,
    *,
    body: ImageOrder,
) -> ImageList:
    """
    Put a product's images in order; the first is shown in lists.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/admin/products/{sku}/images".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = ImageList.from_dict(response.json())

        return response_200

    raise undocumented(response)
