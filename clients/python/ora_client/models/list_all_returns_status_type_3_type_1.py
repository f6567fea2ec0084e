from typing import Literal

ListAllReturnsStatusType3Type1 = Literal[
    "approved", "received", "rejected", "requested", "withdrawn"
]

LIST_ALL_RETURNS_STATUS_TYPE_3_TYPE_1_VALUES: set[ListAllReturnsStatusType3Type1] = {
    "approved",
    "received",
    "rejected",
    "requested",
    "withdrawn",
}


def check_list_all_returns_status_type_3_type_1(value: str) -> ListAllReturnsStatusType3Type1:
    if value in LIST_ALL_RETURNS_STATUS_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_RETURNS_STATUS_TYPE_3_TYPE_1_VALUES!r}"
    )
