"""GET /api/v1/me"""

from typing import Any

from ...models.account import Account
from ...shop import Shop, undocumented


def show_account(
    shop: Shop,
) -> Account:
    """
    Show your account.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/me",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Account.from_dict(response.json())

        return response_200

    raise undocumented(response)
