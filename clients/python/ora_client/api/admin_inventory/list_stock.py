"""GET /api/v1/admin/inventory"""

from typing import Any

from ...models.stock_page import StockPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_stock(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    low_stock: bool | Unset = False,
) -> StockPage:
    """
    List the stock of all products, or of those that are low.

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

    params["low_stock"] = low_stock

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/inventory",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StockPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
