"""GET /api/v1/admin/products"""

from typing import Any

from ...models.staff_product_page import StaffProductPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_all_products(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    q: None | str | Unset = UNSET,
    is_active: bool | None | Unset = UNSET,
    category: None | str | Unset = UNSET,
) -> StaffProductPage:
    """
    List products, on sale or not, in the order of their SKUs.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_q: None | str | Unset
    if isinstance(q, Unset):
        json_q = UNSET
    else:
        json_q = q
    params["q"] = json_q

    json_is_active: bool | None | Unset
    if isinstance(is_active, Unset):
        json_is_active = UNSET
    else:
        json_is_active = is_active
    params["is_active"] = json_is_active

    json_category: None | str | Unset
    if isinstance(category, Unset):
        json_category = UNSET
    else:
        json_category = category
    params["category"] = json_category

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/products",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StaffProductPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
