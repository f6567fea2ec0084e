"""GET /api/v1/admin/reconciliations/{gateway_name}/{day}"""

from typing import Any
from urllib.parse import quote

from ...models.differences import Differences
from ...shop import Shop, undocumented


def show_differences(
    shop: Shop,
    gateway_name: str,
    day: str,
) -> Differences:
    """
    List what differed on a day, and whether our books were put right by it.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/reconciliations/{gateway_name}/{day}".format(
            gateway_name=quote(str(gateway_name), safe=""),
            day=quote(str(day), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Differences.from_dict(response.json())

        return response_200

    raise undocumented(response)
