"""POST /api/v1/notifications/read"""

from typing import Any

from ...shop import Shop, undocumented


def read_all_notifications(
    shop: Shop,
) -> None:
    """
    Say that you have read all of them.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/notifications/read",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
