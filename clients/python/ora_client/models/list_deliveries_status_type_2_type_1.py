from typing import Literal

ListDeliveriesStatusType2Type1 = Literal["delivered", "failed", "pending"]

LIST_DELIVERIES_STATUS_TYPE_2_TYPE_1_VALUES: set[ListDeliveriesStatusType2Type1] = {
    "delivered",
    "failed",
    "pending",
}


def check_list_deliveries_status_type_2_type_1(value: str) -> ListDeliveriesStatusType2Type1:
    if value in LIST_DELIVERIES_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_DELIVERIES_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
