"""POST /api/v1/auth/forgot-password"""

from typing import Any

from ...models.email import Email
from ...shop import Shop, undocumented


def forgot_password(
    shop: Shop,
    *,
    body: Email,
) -> None:
    """
    Have a mail sent by which a password is set anew; the answer does not tell to whom.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/forgot-password",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
