from typing import Literal

AskedLineReason = Literal[
    "changed_mind", "damaged", "not_as_described", "other", "wrong_item", "wrong_size"
]

ASKED_LINE_REASON_VALUES: set[AskedLineReason] = {
    "changed_mind",
    "damaged",
    "not_as_described",
    "other",
    "wrong_item",
    "wrong_size",
}


def check_asked_line_reason(value: str) -> AskedLineReason:
    if value in ASKED_LINE_REASON_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ASKED_LINE_REASON_VALUES!r}")
