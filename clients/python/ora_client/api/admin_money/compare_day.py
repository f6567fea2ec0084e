"""POST /api/v1/admin/reconciliations"""

from typing import Any

from ...models.day import Day
from ...shop import Shop, undocumented


def compare_day(
    shop: Shop,
    *,
    body: Day,
) -> Day:
    """
    Have a day that is over compared, for the first time or again.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/reconciliations",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = Day.from_dict(response.json())

        return response_202

    raise undocumented(response)
