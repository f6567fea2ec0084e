"""POST /api/v1/auth/reset-password"""

from typing import Any

from ...models.new_password import NewPassword
from ...shop import Shop, undocumented


def reset_password(
    shop: Shop,
    *,
    body: NewPassword,
) -> None:
    """
    Set a password by the token of that mail, once; all sessions of the account end.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/reset-password",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
