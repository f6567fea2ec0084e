from typing import Literal

WholeDeliveryStatus = Literal["delivered", "failed", "pending"]

WHOLE_DELIVERY_STATUS_VALUES: set[WholeDeliveryStatus] = {
    "delivered",
    "failed",
    "pending",
}


def check_whole_delivery_status(value: str) -> WholeDeliveryStatus:
    if value in WHOLE_DELIVERY_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WHOLE_DELIVERY_STATUS_VALUES!r}")
