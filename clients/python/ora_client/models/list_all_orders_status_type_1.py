from typing import Literal

ListAllOrdersStatusType1 = Literal[
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

LIST_ALL_ORDERS_STATUS_TYPE_1_VALUES: set[ListAllOrdersStatusType1] = {
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


def check_list_all_orders_status_type_1(value: str) -> ListAllOrdersStatusType1:
    if value in LIST_ALL_ORDERS_STATUS_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_ORDERS_STATUS_TYPE_1_VALUES!r}"
    )
