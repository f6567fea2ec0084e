"""PATCH /api/v1/admin/categories/{slug}"""

from typing import Any
from urllib.parse import quote

from ...models.category_change import CategoryChange
from ...models.shelf import Shelf
from ...shop import Shop, undocumented


def change_category(
    shop: Shop,
    slug: str,
    *,
    body: CategoryChange,
) -> Shelf:
    """
    Rename a shelf, or move it among the others.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/admin/categories/{slug}".format(
            slug=quote(str(slug), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Shelf.from_dict(response.json())

        return response_200

    raise undocumented(response)
