"""GET /api/v1/admin/exports/products.csv"""

from typing import Any

from ...shop import Shop, undocumented


def export_products(
    shop: Shop,
) -> str:
    """
    Export all products; the file can be imported.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/exports/products.csv",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return response.text
    raise undocumented(response)
