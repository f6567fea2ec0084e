"""PATCH /api/v1/me"""

from typing import Any

from ...models.account import Account
from ...models.account_change import AccountChange
from ...shop import Shop, undocumented


def change_account(
    shop: Shop,
    *,
    body: AccountChange,
) -> Account:
    """
    Change your name or phone; orders keep what they were placed with.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/me",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Account.from_dict(response.json())

        return response_200

    raise undocumented(response)
