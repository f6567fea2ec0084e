from typing import Literal

ListRefundsStatusType3Type1 = Literal["failed", "pending", "processed"]

LIST_REFUNDS_STATUS_TYPE_3_TYPE_1_VALUES: set[ListRefundsStatusType3Type1] = {
    "failed",
    "pending",
    "processed",
}


def check_list_refunds_status_type_3_type_1(value: str) -> ListRefundsStatusType3Type1:
    if value in LIST_REFUNDS_STATUS_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_REFUNDS_STATUS_TYPE_3_TYPE_1_VALUES!r}"
    )
