from typing import Literal

ClockStatus = Literal["late", "ok"]

CLOCK_STATUS_VALUES: set[ClockStatus] = {
    "late",
    "ok",
}


def check_clock_status(value: str) -> ClockStatus:
    if value in CLOCK_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CLOCK_STATUS_VALUES!r}")
