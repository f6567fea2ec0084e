from typing import Literal

ListAllOrdersGatewayType2Type1 = Literal["cash_on_delivery", "razorpay", "stripe"]

LIST_ALL_ORDERS_GATEWAY_TYPE_2_TYPE_1_VALUES: set[ListAllOrdersGatewayType2Type1] = {
    "cash_on_delivery",
    "razorpay",
    "stripe",
}


def check_list_all_orders_gateway_type_2_type_1(value: str) -> ListAllOrdersGatewayType2Type1:
    if value in LIST_ALL_ORDERS_GATEWAY_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_ORDERS_GATEWAY_TYPE_2_TYPE_1_VALUES!r}"
    )
