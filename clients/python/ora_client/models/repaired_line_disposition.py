from typing import Literal

RepairedLineDisposition = Literal["melt", "restock", "write_off"]

REPAIRED_LINE_DISPOSITION_VALUES: set[RepairedLineDisposition] = {
    "melt",
    "restock",
    "write_off",
}


def check_repaired_line_disposition(value: str) -> RepairedLineDisposition:
    if value in REPAIRED_LINE_DISPOSITION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REPAIRED_LINE_DISPOSITION_VALUES!r}"
    )
