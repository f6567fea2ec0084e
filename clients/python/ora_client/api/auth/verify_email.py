"""POST /api/v1/auth/verify-email"""

from typing import Any

from ...models.token import Token
from ...shop import Shop, undocumented


def verify_email(
    shop: Shop,
    *,
    body: Token,
) -> None:
    """
    Verify an address by the token of the mail that was sent there.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/verify-email",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
