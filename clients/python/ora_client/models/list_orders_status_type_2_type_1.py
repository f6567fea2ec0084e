from typing import Literal

ListOrdersStatusType2Type1 = Literal[
    "cancelled",
    "confirmed",
    "delivered",
    "expired",
    "pending",
    "processing",
    "return_requested",
    "returned",
    "shipped",
]

LIST_ORDERS_STATUS_TYPE_2_TYPE_1_VALUES: set[ListOrdersStatusType2Type1] = {
    "cancelled",
    "confirmed",
    "delivered",
    "expired",
    "pending",
    "processing",
    "return_requested",
    "returned",
    "shipped",
}


def check_list_orders_status_type_2_type_1(value: str) -> ListOrdersStatusType2Type1:
    if value in LIST_ORDERS_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ORDERS_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
