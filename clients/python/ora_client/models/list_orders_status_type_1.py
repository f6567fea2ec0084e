from typing import Literal

ListOrdersStatusType1 = Literal[
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

LIST_ORDERS_STATUS_TYPE_1_VALUES: set[ListOrdersStatusType1] = {
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


def check_list_orders_status_type_1(value: str) -> ListOrdersStatusType1:
    if value in LIST_ORDERS_STATUS_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ORDERS_STATUS_TYPE_1_VALUES!r}"
    )
