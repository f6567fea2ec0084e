"""POST /api/v1/admin/preorders/{sku}/arrival"""

from typing import Any
from urllib.parse import quote

from ...models.arrival import Arrival
from ...shop import Shop, undocumented


def receive_preorder(
    shop: Shop,
    sku: str,
    *,
    body: Arrival,
) -> None:
    """
    Take the pieces in: orders of them can be shipped, the rest is on sale.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/preorders/{sku}/arrival".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
