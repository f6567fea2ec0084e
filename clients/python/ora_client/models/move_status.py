from typing import Literal

MoveStatus = Literal["delivered", "processing", "shipped"]

MOVE_STATUS_VALUES: set[MoveStatus] = {
    "delivered",
    "processing",
    "shipped",
}


def check_move_status(value: str) -> MoveStatus:
    if value in MOVE_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MOVE_STATUS_VALUES!r}")
