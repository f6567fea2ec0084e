"""GET /api/v1/admin/products/{sku}/images"""

from typing import Any
from urllib.parse import quote

from ...models.image_list import ImageList
from ...shop import Shop, undocumented


def list_images(
    shop: Shop,
    sku: str,
) -> ImageList:
    """
    List a product's images in their order.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/products/{sku}/images".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = ImageList.from_dict(response.json())

        return response_200

    raise undocumented(response)
