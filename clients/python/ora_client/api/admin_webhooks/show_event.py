"""GET /api/v1/admin/webhooks/{event_id}"""

from typing import Any
from urllib.parse import quote

from ...models.whole_event import WholeEvent
from ...shop import Shop, undocumented


def show_event(
    shop: Shop,
    event_id: str,
) -> WholeEvent:
    """
    Show an event with what was delivered.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/webhooks/{event_id}".format(
            event_id=quote(str(event_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = WholeEvent.from_dict(response.json())

        return response_200

    raise undocumented(response)
