from typing import Literal

RefundRequestSpeedType1 = Literal["normal", "optimum"]

REFUND_REQUEST_SPEED_TYPE_1_VALUES: set[RefundRequestSpeedType1] = {
    "normal",
    "optimum",
}


def check_refund_request_speed_type_1(value: str) -> RefundRequestSpeedType1:
    if value in REFUND_REQUEST_SPEED_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REFUND_REQUEST_SPEED_TYPE_1_VALUES!r}"
    )
