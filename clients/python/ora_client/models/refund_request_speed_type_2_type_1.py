from typing import Literal

RefundRequestSpeedType2Type1 = Literal["normal", "optimum"]

REFUND_REQUEST_SPEED_TYPE_2_TYPE_1_VALUES: set[RefundRequestSpeedType2Type1] = {
    "normal",
    "optimum",
}


def check_refund_request_speed_type_2_type_1(value: str) -> RefundRequestSpeedType2Type1:
    if value in REFUND_REQUEST_SPEED_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REFUND_REQUEST_SPEED_TYPE_2_TYPE_1_VALUES!r}"
    )
