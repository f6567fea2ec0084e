"""GET /api/v1/categories"""

from typing import Any

from ...models.category_list import CategoryList
from ...shop import Shop, undocumented


def list_categories(
    shop: Shop,
) -> CategoryList:
    """
    List the categories in the shop's order.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/categories",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = CategoryList.from_dict(response.json())

        return response_200

    raise undocumented(response)
