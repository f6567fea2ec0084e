"""POST /api/v1/auth/logout"""

from typing import Any

from ...shop import Shop, undocumented


def log_out(
    shop: Shop,
) -> None:
    """
    End the session whose refresh token is sent as bearer.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/logout",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
