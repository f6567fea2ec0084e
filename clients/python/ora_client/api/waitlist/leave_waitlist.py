"""DELETE /api/v1/products/{slug}/waitlist"""

from typing import Any
from urllib.parse import quote

from ...shop import Shop, undocumented


def leave_waitlist(
    shop: Shop,
    slug: str,
) -> None:
    """
    Wait no longer.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/products/{slug}/waitlist".format(
            slug=quote(str(slug), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
