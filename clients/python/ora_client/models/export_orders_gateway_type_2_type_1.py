from typing import Literal

ExportOrdersGatewayType2Type1 = Literal["cash_on_delivery", "razorpay", "stripe"]

EXPORT_ORDERS_GATEWAY_TYPE_2_TYPE_1_VALUES: set[ExportOrdersGatewayType2Type1] = {
    "cash_on_delivery",
    "razorpay",
    "stripe",
}


def check_export_orders_gateway_type_2_type_1(value: str) -> ExportOrdersGatewayType2Type1:
    if value in EXPORT_ORDERS_GATEWAY_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EXPORT_ORDERS_GATEWAY_TYPE_2_TYPE_1_VALUES!r}"
    )
