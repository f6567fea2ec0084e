from typing import Literal

ExportOrdersPaymentStatusType1 = Literal[
    "authorized", "captured", "failed", "partially_refunded", "pending", "refunded"
]

EXPORT_ORDERS_PAYMENT_STATUS_TYPE_1_VALUES: set[ExportOrdersPaymentStatusType1] = {
    "authorized",
    "captured",
    "failed",
    "partially_refunded",
    "pending",
    "refunded",
}


def check_export_orders_payment_status_type_1(value: str) -> ExportOrdersPaymentStatusType1:
    if value in EXPORT_ORDERS_PAYMENT_STATUS_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_ORDERS_PAYMENT_STATUS_TYPE_1_VALUES!r}"
    )
