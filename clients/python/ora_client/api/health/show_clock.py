"""GET /healthz/cron"""

from typing import Any

from ...models.clock import Clock
from ...shop import Shop, undocumented


def show_clock(
    shop: Shop,
) -> Clock:
    """
    Tell of each job of the clock when it ran, what came of it, and when it is due.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/healthz/cron",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Clock.from_dict(response.json())

        return response_200

    raise undocumented(response)
