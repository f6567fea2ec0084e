"""POST /api/v1/admin/accounts/{account_id}/role"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.account import Account
from ...models.role import Role
from ...shop import Shop, undocumented


def give_role(
    shop: Shop,
    account_id: UUID,
    *,
    body: Role,
) -> Account:
    """
    Give an account a role; its sessions end, and their tokens with them.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/accounts/{account_id}/role".format(
            account_id=quote(str(account_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Account.from_dict(response.json())

        return response_200

    raise undocumented(response)
