"""GET /readyz"""

from typing import Any

from ...shop import Shop, undocumented


def ready(
    shop: Shop,
) -> None:
    """
    Tell whether Postgres, both Redis servers and the migrations are as they have to be.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/readyz",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return None
    raise undocumented(response)
