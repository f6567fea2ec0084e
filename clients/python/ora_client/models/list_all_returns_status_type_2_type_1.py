from typing import Literal

ListAllReturnsStatusType2Type1 = Literal[
    "approved", "received", "rejected", "requested", "withdrawn"
]

LIST_ALL_RETURNS_STATUS_TYPE_2_TYPE_1_VALUES: set[ListAllReturnsStatusType2Type1] = {
    "approved",
    "received",
    "rejected",
    "requested",
    "withdrawn",
}


def check_list_all_returns_status_type_2_type_1(value: str) -> ListAllReturnsStatusType2Type1:
    if value in LIST_ALL_RETURNS_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_RETURNS_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
