"""GET /api/v1/admin/preorders"""

from typing import Any

from ...models.preorder_list import PreorderList
from ...shop import Shop, undocumented


def list_open_preorders(
    shop: Shop,
) -> PreorderList:
    """
    List the products on pre-order, the first to come first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/preorders",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = PreorderList.from_dict(response.json())

        return response_200

    raise undocumented(response)
