from typing import Literal

HandOutcomeType2Type1 = Literal["done", "failed", "running"]

HAND_OUTCOME_TYPE_2_TYPE_1_VALUES: set[HandOutcomeType2Type1] = {
    "done",
    "failed",
    "running",
}


def check_hand_outcome_type_2_type_1(value: str) -> HandOutcomeType2Type1:
    if value in HAND_OUTCOME_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {HAND_OUTCOME_TYPE_2_TYPE_1_VALUES!r}"
    )
