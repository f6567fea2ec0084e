"""POST /api/v1/me/change-password"""

from typing import Any

from ...models.password_change import PasswordChange
from ...shop import Shop, undocumented


def change_password(
    shop: Shop,
    *,
    body: PasswordChange,
) -> None:
    """
    Change your password; your other sessions end.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/me/change-password",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
