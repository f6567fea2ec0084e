from typing import Literal

ListAllOrdersPaymentStatusType2Type1 = Literal[
    "authorized", "captured", "failed", "partially_refunded", "pending", "refunded"
]

LIST_ALL_ORDERS_PAYMENT_STATUS_TYPE_2_TYPE_1_VALUES: set[ListAllOrdersPaymentStatusType2Type1] = {
    "authorized",
    "captured",
    "failed",
    "partially_refunded",
    "pending",
    "refunded",
}


def check_list_all_orders_payment_status_type_2_type_1(
    value: str,
) -> ListAllOrdersPaymentStatusType2Type1:
    if value in LIST_ALL_ORDERS_PAYMENT_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_ORDERS_PAYMENT_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
