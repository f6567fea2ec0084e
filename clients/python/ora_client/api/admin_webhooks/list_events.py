"""GET /api/v1/admin/webhooks"""

from typing import Any

from ...models.event_page import EventPage
from ...models.list_events_status_type_1 import ListEventsStatusType1
from ...models.list_events_status_type_2_type_1 import ListEventsStatusType2Type1
from ...models.list_events_status_type_3_type_1 import ListEventsStatusType3Type1
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_events(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    status: ListEventsStatusType1
    | ListEventsStatusType2Type1
    | ListEventsStatusType3Type1
    | None
    | Unset = UNSET,
    failing: bool | Unset = False,
) -> EventPage:
    """
    List what gateways told, the newest first, and what came of it.

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

    json_status: None | str | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, str):
        json_status = status
    elif isinstance(status, str):
        json_status = status
    elif isinstance(status, str):
        json_status = status
    else:
        json_status = status
    params["status"] = json_status

    params["failing"] = failing

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/webhooks",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = EventPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
