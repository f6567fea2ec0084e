"""DELETE /api/v1/products/{slug}/waiting-room"""

from typing import Any
from urllib.parse import quote

from ...shop import Shop, undocumented


def leave_waiting_room(
    shop: Shop,
    slug: str,
) -> None:
    """
    Wait no longer, and give up your turn.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/products/{slug}/waiting-room".format(
            slug=quote(str(slug), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
