"""GET /api/v1/images/{image_id}/{size}"""

from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...shop import Shop, undocumented
from ...types import File


def show_image(
    shop: Shop,
    image_id: UUID,
    size: str,
) -> File:
    """
    Show a picture of a product, as WebP; it may be kept for good.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/images/{image_id}/{size}".format(
            image_id=quote(str(image_id), safe=""),
            size=quote(str(size), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

        return response_200

    raise undocumented(response)
