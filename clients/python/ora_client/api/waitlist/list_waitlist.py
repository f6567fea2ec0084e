"""GET /api/v1/me/waitlist"""

from typing import Any

from ...models.waitlist import Waitlist
from ...shop import Shop, undocumented


def list_waitlist(
    shop: Shop,
) -> Waitlist:
    """
    List what you wait for, and what you were told of.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/me/waitlist",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Waitlist.from_dict(response.json())

        return response_200

    raise undocumented(response)
