"""GET /healthz"""

from typing import Any

from ...shop import Shop, undocumented


def alive(
    shop: Shop,
) -> None:
    """
    Tell that the process lives; asks nobody else.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/healthz",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return None
    raise undocumented(response)
