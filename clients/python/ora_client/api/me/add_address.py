"""POST /api/v1/me/addresses"""

from typing import Any

from ...models.address import Address
from ...models.saved_address import SavedAddress
from ...shop import Shop, undocumented


def add_address(
    shop: Shop,
    *,
    body: Address,
) -> SavedAddress:
    """
    Add an address.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/me/addresses",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = SavedAddress.from_dict(response.json())

        return response_201

    raise undocumented(response)
