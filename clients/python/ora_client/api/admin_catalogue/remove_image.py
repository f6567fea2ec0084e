"""DELETE /api/v1/admin/products/{sku}/images/{image_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...shop import Shop, undocumented


def remove_image(
    shop: Shop,
    sku: str,
    image_id: UUID,
) -> None:
    """
    Remove an image.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/admin/products/{sku}/images/{image_id}".format(
            sku=quote(str(sku), safe=""),
            image_id=quote(str(image_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
