"""GET /api/v1/me/addresses/{address_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.saved_address import SavedAddress
from ...shop import Shop, undocumented


def show_address(
    shop: Shop,
    address_id: UUID,
) -> SavedAddress:
    """
    Show one of your addresses.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/me/addresses/{address_id}".format(
            address_id=quote(str(address_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = SavedAddress.from_dict(response.json())

        return response_200

    raise undocumented(response)
