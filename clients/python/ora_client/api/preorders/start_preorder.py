"""POST /api/v1/admin/preorders"""

from typing import Any

from ...models.new_preorder import NewPreorder
from ...models.preorder import Preorder
from ...shop import Shop, undocumented


def start_preorder(
    shop: Shop,
    *,
    body: NewPreorder,
) -> Preorder:
    """
    Sell a product before it is there, up to a limit; adjust its stock to change the limit.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/preorders",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = Preorder.from_dict(response.json())

        return response_201

    raise undocumented(response)
