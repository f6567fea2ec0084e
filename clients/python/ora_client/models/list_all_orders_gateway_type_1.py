from typing import Literal

ListAllOrdersGatewayType1 = Literal["cash_on_delivery", "razorpay", "stripe"]

LIST_ALL_ORDERS_GATEWAY_TYPE_1_VALUES: set[ListAllOrdersGatewayType1] = {
    "cash_on_delivery",
    "razorpay",
    "stripe",
}


def check_list_all_orders_gateway_type_1(value: str) -> ListAllOrdersGatewayType1:
    if value in LIST_ALL_ORDERS_GATEWAY_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_ORDERS_GATEWAY_TYPE_1_VALUES!r}"
    )
