from typing import Literal

ExportOrdersPaymentStatusType2Type1 = Literal[
    "authorized", "captured", "failed", "partially_refunded", "pending", "refunded"
]

EXPORT_ORDERS_PAYMENT_STATUS_TYPE_2_TYPE_1_VALUES: set[ExportOrdersPaymentStatusType2Type1] = {
    "authorized",
    "captured",
    "failed",
    "partially_refunded",
    "pending",
    "refunded",
}


def check_export_orders_payment_status_type_2_type_1(
    value: str,
) -> ExportOrdersPaymentStatusType2Type1:
    if value in EXPORT_ORDERS_PAYMENT_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_ORDERS_PAYMENT_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
