from typing import Literal

ListAccountsRoleType3Type1 = Literal["admin", "customer", "guest", "staff"]

LIST_ACCOUNTS_ROLE_TYPE_3_TYPE_1_VALUES: set[ListAccountsRoleType3Type1] = {
    "admin",
    "customer",
    "guest",
    "staff",
}


def check_list_accounts_role_type_3_type_1(value: str) -> ListAccountsRoleType3Type1:
    if value in LIST_ACCOUNTS_ROLE_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ACCOUNTS_ROLE_TYPE_3_TYPE_1_VALUES!r}"
    )
