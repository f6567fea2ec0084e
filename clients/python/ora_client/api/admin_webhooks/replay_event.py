"""POST /api/v1/admin/webhooks/{event_id}/replay"""

from typing import Any
from urllib.parse import quote

from ...models.replayed import Replayed
from ...shop import Shop, undocumented


def replay_event(
    shop: Shop,
    event_id: str,
) -> Replayed:
    """
    Have an event worked again; what it did already is not done twice.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/webhooks/{event_id}/replay".format(
            event_id=quote(str(event_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = Replayed.from_dict(response.json())

        return response_202

    raise undocumented(response)
