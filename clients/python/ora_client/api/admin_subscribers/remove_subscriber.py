"""DELETE /api/v1/admin/subscribers/{subscriber_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...shop import Shop, undocumented


def remove_subscriber(
    shop: Shop,
    subscriber_id: UUID,
) -> None:
    """
    Remove a subscriber with its deliveries.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/admin/subscribers/{subscriber_id}".format(
            subscriber_id=quote(str(subscriber_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
