"""POST /api/v1/me/verify-email"""

from typing import Any

from ...shop import Shop, undocumented


def send_verification(
    shop: Shop,
) -> None:
    """
    Have the mail sent again by which your address is verified.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/me/verify-email",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
