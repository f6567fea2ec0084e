from typing import Literal

ExportOrdersStatusType1 = Literal[
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

EXPORT_ORDERS_STATUS_TYPE_1_VALUES: set[ExportOrdersStatusType1] = {
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


def check_export_orders_status_type_1(value: str) -> ExportOrdersStatusType1:
    if value in EXPORT_ORDERS_STATUS_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_ORDERS_STATUS_TYPE_1_VALUES!r}"
    )
