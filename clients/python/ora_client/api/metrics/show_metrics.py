"""GET /metrics"""

from typing import Any

from ...shop import Shop, undocumented


def show_metrics(
    shop: Shop,
) -> None:
    """
    Tell what an operator watches; numbers of the whole shop, without a name in them.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/metrics",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return None
    raise undocumented(response)
