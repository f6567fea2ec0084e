"""POST /api/v1/admin/alerts/{alert_id}/close"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.alert import Alert
from ...shop import Shop, undocumented


def close_alert(
    shop: Shop,
    alert_id: UUID,
) -> Alert:
    """
    Close an alert that you have seen to; it is raised anew where its cause comes again.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/alerts/{alert_id}/close".format(
            alert_id=quote(str(alert_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Alert.from_dict(response.json())

        return response_200

    raise undocumented(response)
