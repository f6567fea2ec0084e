from typing import Literal

RecordAction = Literal["delete", "export", "insert", "setting", "update"]

RECORD_ACTION_VALUES: set[RecordAction] = {
    "delete",
    "export",
    "insert",
    "setting",
    "update",
}


def check_record_action(value: str) -> RecordAction:
    if value in RECORD_ACTION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RECORD_ACTION_VALUES!r}")
