"""POST /api/v1/notifications/{notification_id}/read"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.notification import Notification
from ...shop import Shop, undocumented


def read_notification(
    shop: Shop,
    notification_id: UUID,
) -> Notification:
    """
    Say that you have read one; said again, nothing changes.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/notifications/{notification_id}/read".format(
            notification_id=quote(str(notification_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Notification.from_dict(response.json())

        return response_200

    raise undocumented(response)
