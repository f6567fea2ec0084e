"""POST /api/v1/admin/categories"""

from typing import Any

from ...models.new_category import NewCategory
from ...models.shelf import Shelf
from ...shop import Shop, undocumented


def create_category(
    shop: Shop,
    *,
    body: NewCategory,
) -> Shelf:
    """
    Make a shelf.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/categories",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = Shelf.from_dict(response.json())

        return response_201

    raise undocumented(response)
