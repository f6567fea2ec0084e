"""PATCH /api/v1/admin/preorders/{sku}"""

from typing import Any
from urllib.parse import quote

from ...models.preorder import Preorder
from ...models.ships_on import ShipsOn
from ...shop import Shop, undocumented


def change_preorder(
    shop: Shop,
    sku: str,
    *,
    body: ShipsOn,
) -> Preorder:
    """
    Promise another day from now on; orders keep theirs.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/admin/preorders/{sku}".format(
            sku=quote(str(sku), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Preorder.from_dict(response.json())

        return response_200

    raise undocumented(response)
