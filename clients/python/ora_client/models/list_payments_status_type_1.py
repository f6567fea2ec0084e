from typing import Literal

ListPaymentsStatusType1 = Literal[
    "authorized", "captured", "created", "failed", "partially_refunded", "refunded"
]

LIST_PAYMENTS_STATUS_TYPE_1_VALUES: set[ListPaymentsStatusType1] = {
    "authorized",
    "captured",
    "created",
    "failed",
    "partially_refunded",
    "refunded",
}


def check_list_payments_status_type_1(value: str) -> ListPaymentsStatusType1:
    if value in LIST_PAYMENTS_STATUS_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_PAYMENTS_STATUS_TYPE_1_VALUES!r}"
    )
