"""POST /api/v1/admin/products/{sku}/images"""

from typing import Any
from urllib.parse import quote

from ...models.staff_image import StaffImage
from ...shop import Shop, undocumented
from ...types import UNSET, File


def add_image(
    shop: Shop,
    sku: str,
    *,
    body: File,
    alt: str,
) -> StaffImage:
    """
    Add a picture, JPEG, PNG or WebP up to 10 MB, after those that the product has.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    params["alt"] = alt

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/products/{sku}/images".format(
            sku=quote(str(sku), safe=""),
        ),
        "params": params,
    }
    _kwargs["content"] = body.payload

    headers["Content-Type"] = body.mime_type or "image/jpeg"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = StaffImage.from_dict(response.json())

        return response_201

    raise undocumented(response)
