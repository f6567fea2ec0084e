from typing import Literal

HandInFileKind = Literal["products", "stock"]

HAND_IN_FILE_KIND_VALUES: set[HandInFileKind] = {
    "products",
    "stock",
}


def check_hand_in_file_kind(value: str) -> HandInFileKind:
    if value in HAND_IN_FILE_KIND_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {HAND_IN_FILE_KIND_VALUES!r}")
