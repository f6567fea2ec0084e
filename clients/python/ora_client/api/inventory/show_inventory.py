"""GET /api/v1/inventory"""

from typing import Any

from ...models.inventory import Inventory
from ...shop import Shop, undocumented
from ...types import UNSET


def show_inventory(
    shop: Shop,
    *,
    sku: list[str],
) -> Inventory:
    """
    Tell what is available of up to 200 products; no token needed.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    json_sku = sku

    params["sku"] = json_sku

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/inventory",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Inventory.from_dict(response.json())

        return response_200

    raise undocumented(response)
