from typing import Literal

RoleRole = Literal["admin", "customer", "staff"]

ROLE_ROLE_VALUES: set[RoleRole] = {
    "admin",
    "customer",
    "staff",
}


def check_role_role(value: str) -> RoleRole:
    if value in ROLE_ROLE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ROLE_ROLE_VALUES!r}")
