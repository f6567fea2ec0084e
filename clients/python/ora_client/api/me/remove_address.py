"""DELETE /api/v1/me/addresses/{address_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...shop import Shop, undocumented


def remove_address(
    shop: Shop,
    address_id: UUID,
) -> None:
    """
    Remove one of your addresses; orders keep the one they were placed with.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/me/addresses/{address_id}".format(
            address_id=quote(str(address_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
