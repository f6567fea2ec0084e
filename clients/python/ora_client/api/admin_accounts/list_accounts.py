"""GET /api/v1/admin/accounts"""

from typing import Any

from ...models.account_page import AccountPage
from ...models.list_accounts_role_type_1 import ListAccountsRoleType1
from ...models.list_accounts_role_type_2_type_1 import ListAccountsRoleType2Type1
from ...models.list_accounts_role_type_3_type_1 import ListAccountsRoleType3Type1
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_accounts(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    email: None | str | Unset = UNSET,
    role: ListAccountsRoleType1
    | ListAccountsRoleType2Type1
    | ListAccountsRoleType3Type1
    | None
    | Unset = UNSET,
) -> AccountPage:
    """
    List accounts, the newest first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_email: None | str | Unset
    if isinstance(email, Unset):
        json_email = UNSET
    else:
        json_email = email
    params["email"] = json_email

    json_role: None | str | Unset
    if isinstance(role, Unset):
        json_role = UNSET
    elif isinstance(role, str):
        json_role = role
    elif isinstance(role, str):
        json_role = role
    elif isinstance(role, str):
        json_role = role
    else:
        json_role = role
    params["role"] = json_role

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/accounts",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = AccountPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
