"""DELETE /api/v1/me"""

from typing import Any

from ...models.confirmation import Confirmation
from ...shop import Shop, undocumented


def delete_account(
    shop: Shop,
    *,
    body: Confirmation,
) -> None:
    """
    Delete your account: everything about you is erased; what you bought is kept nameless.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/me",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
