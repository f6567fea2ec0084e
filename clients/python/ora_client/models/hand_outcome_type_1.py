from typing import Literal

HandOutcomeType1 = Literal["done", "failed", "running"]

HAND_OUTCOME_TYPE_1_VALUES: set[HandOutcomeType1] = {
    "done",
    "failed",
    "running",
}


def check_hand_outcome_type_1(value: str) -> HandOutcomeType1:
    if value in HAND_OUTCOME_TYPE_1_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {HAND_OUTCOME_TYPE_1_VALUES!r}")
