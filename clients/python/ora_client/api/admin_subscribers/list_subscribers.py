"""GET /api/v1/admin/subscribers"""

from typing import Any

from ...models.subscriber_page import SubscriberPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_subscribers(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
) -> SubscriberPage:
    """
    List subscribers, the newest first.

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

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/subscribers",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = SubscriberPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
