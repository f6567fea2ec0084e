from typing import Literal

ExportOrdersPaymentStatusType3Type1 = Literal[
    "authorized", "captured", "failed", "partially_refunded", "pending", "refunded"
]

EXPORT_ORDERS_PAYMENT_STATUS_TYPE_3_TYPE_1_VALUES: set[ExportOrdersPaymentStatusType3Type1] = {
    "authorized",
    "captured",
    "failed",
    "partially_refunded",
    "pending",
    "refunded",
}


def check_export_orders_payment_status_type_3_type_1(
    value: str,
) -> ExportOrdersPaymentStatusType3Type1:
    if value in EXPORT_ORDERS_PAYMENT_STATUS_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_ORDERS_PAYMENT_STATUS_TYPE_3_TYPE_1_VALUES!r}"
    )
