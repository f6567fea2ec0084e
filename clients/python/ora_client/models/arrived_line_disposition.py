from typing import Literal

ArrivedLineDisposition = Literal["melt", "repair", "restock", "write_off"]

ARRIVED_LINE_DISPOSITION_VALUES: set[ArrivedLineDisposition] = {
    "melt",
    "repair",
    "restock",
    "write_off",
}


def check_arrived_line_disposition(value: str) -> ArrivedLineDisposition:
    if value in ARRIVED_LINE_DISPOSITION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {ARRIVED_LINE_DISPOSITION_VALUES!r}"
    )
