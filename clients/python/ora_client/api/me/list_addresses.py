"""GET /api/v1/me/addresses"""

from typing import Any

from ...models.address_list import AddressList
from ...shop import Shop, undocumented


def list_addresses(
    shop: Shop,
) -> AddressList:
    """
    List your addresses.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/me/addresses",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = AddressList.from_dict(response.json())

        return response_200

    raise undocumented(response)
