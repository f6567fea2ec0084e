from typing import Literal

ListRefundsStatusType2Type1 = Literal["failed", "pending", "processed"]

LIST_REFUNDS_STATUS_TYPE_2_TYPE_1_VALUES: set[ListRefundsStatusType2Type1] = {
    "failed",
    "pending",
    "processed",
}


def check_list_refunds_status_type_2_type_1(value: str) -> ListRefundsStatusType2Type1:
    if value in LIST_REFUNDS_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_REFUNDS_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
