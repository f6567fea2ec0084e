from typing import Literal

ExportOrdersStatusType2Type1 = Literal[
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

EXPORT_ORDERS_STATUS_TYPE_2_TYPE_1_VALUES: set[ExportOrdersStatusType2Type1] = {
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


def check_export_orders_status_type_2_type_1(value: str) -> ExportOrdersStatusType2Type1:
    if value in EXPORT_ORDERS_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_ORDERS_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
