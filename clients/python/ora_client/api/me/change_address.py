"""PUT /api/v1/me/addresses/{address_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.address import Address
from ...models.saved_address import SavedAddress
from ...shop import Shop, undocumented


def change_address(
    shop: Shop,
    address_id: UUID,
    *,
    body: Address,
) -> SavedAddress:
    """
    Change one of your addresses; orders keep the one they were placed with.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/me/addresses/{address_id}".format(
            address_id=quote(str(address_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = SavedAddress.from_dict(response.json())

        return response_200

    raise undocumented(response)
