"""GET /api/v1/notifications"""

from typing import Any

from ...models.notification_page import NotificationPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_notifications(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    unread: bool | None | Unset = UNSET,
) -> NotificationPage:
    """
    List your notifications, newest first, with how many you have not read.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_unread: bool | None | Unset
    if isinstance(unread, Unset):
        json_unread = UNSET
    else:
        json_unread = unread
    params["unread"] = json_unread

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/notifications",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = NotificationPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
