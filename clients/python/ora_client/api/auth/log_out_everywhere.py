"""POST /api/v1/auth/logout-everywhere"""

from typing import Any

from ...shop import Shop, undocumented


def log_out_everywhere(
    shop: Shop,
) -> None:
    """
    End all your sessions, this one too.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/logout-everywhere",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
