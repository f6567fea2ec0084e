from typing import Literal

ListAllOrdersPaymentStatusType1 = Literal[
    "authorized", "captured", "failed", "partially_refunded", "pending", "refunded"
]

LIST_ALL_ORDERS_PAYMENT_STATUS_TYPE_1_VALUES: set[ListAllOrdersPaymentStatusType1] = {
    "authorized",
    "captured",
    "failed",
    "partially_refunded",
    "pending",
    "refunded",
}


def check_list_all_orders_payment_status_type_1(value: str) -> ListAllOrdersPaymentStatusType1:
    if value in LIST_ALL_ORDERS_PAYMENT_STATUS_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_ORDERS_PAYMENT_STATUS_TYPE_1_VALUES!r}"
    )
