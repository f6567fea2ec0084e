"""GET /api/v1/admin/exports/stock.csv"""

from typing import Any

from ...shop import Shop, undocumented


def export_stock(
    shop: Shop,
) -> str:
    """
    Export the stock of all products.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/exports/stock.csv",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return response.text
    raise undocumented(response)
